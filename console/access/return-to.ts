const OVERVIEW = '/';
/** No page of the console has an address of this length. */
const LONGEST = 2000;

/**
 * Where somebody goes when they have signed in: the path of the console that they asked for, never another site.
 *
 * @param wanted from an address or a form, so from anybody
 * @returns path and query; the overview's for whatever is not a path of the console
 */
export function returnTo(wanted: unknown): string {
  if (typeof wanted !== 'string' || wanted.length > LONGEST || !/^\/[^\\\p{Cc}]*$/u.test(wanted)) return OVERVIEW;
  const base = 'http://console.invalid';
  if (!URL.canParse(wanted, base)) return OVERVIEW;
  const { origin, pathname, search } = new URL(wanted, base);
  // "//evil" is another host, also when it comes about only once "/./" or an encoded slash have been resolved.
  if (origin !== base || /^\/(?:\/|%2f|%5c)/i.test(pathname)) return OVERVIEW;
  return /^\/(?:sign-in|sign-out|signed-out|live)(?:\/|$)/.test(pathname) ? OVERVIEW : `${pathname}${search}`;
}
