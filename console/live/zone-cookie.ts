import { isTimeZone } from '../page/zone.ts';

/**
 * The cookie that says in which zone somebody reads. The browser's script sets it to its own zone (`Europe/Berlin`); one that
 * was chosen by hand begins with an equals sign (`=Europe/Berlin`), and the script leaves it alone. It is read on the server
 * alone for what is shown, so it may be read by the script, and says nothing about who they are.
 */
export const ZONE_COOKIE = 'kickoff_zone';

/** Before the browser has said where it is. */
export const FALLBACK_ZONE = 'UTC';

/**
 * @param cookieValue of the cookie `kickoff_zone`, decoded; anything may stand there
 * @returns an IANA zone; UTC when there is no such zone
 */
export function zoneOf(cookieValue: string | undefined): string {
  const name = cookieValue?.replace(/^=/, '');
  return name !== undefined && isTimeZone(name) ? name : FALLBACK_ZONE;
}

/** Whether the zone was chosen by hand, so that the browser's own does not replace it. */
export function isChosenZone(cookieValue: string | undefined): boolean {
  return cookieValue?.startsWith('=') === true && isTimeZone(cookieValue.slice(1));
}

/** What the cookie says of a zone that was chosen by hand. */
export function chosenZone(zone: string): string {
  return `=${zone}`;
}
