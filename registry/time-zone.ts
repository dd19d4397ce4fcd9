import { IANAZone } from 'luxon';

/** Whether SkipUp and we can compute with it: an IANA name such as `America/Chicago`. */
export function isTimeZone(name: string): boolean {
  return IANAZone.isValidZone(name);
}

/** The first of `names` that is a time zone. */
export function firstTimeZone(...names: (string | undefined)[]): string | undefined {
  return names.find((name) => name !== undefined && isTimeZone(name));
}
