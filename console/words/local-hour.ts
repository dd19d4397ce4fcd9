import { DateTime } from 'luxon';

/**
 * What the clock shows where somebody is: `Tue 09:05`.
 *
 * @param zone IANA
 * @returns undefined where the zone is not one
 */
export function localHour(now: Date, zone: string): string | undefined {
  const local = DateTime.fromJSDate(now, { zone });
  return local.isValid ? local.toFormat('ccc HH:mm', { locale: 'en' }) : undefined;
}
