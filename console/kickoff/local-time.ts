import { DateTime } from 'luxon';

export interface LocalTime {
  /** "Tue 10 Feb, 14:05 Europe/London" */
  text: string;
  /** Why it may be a bad moment there: "at night". */
  hint?: 'at night' | 'weekend';
}

/**
 * An instant on somebody's own clock.
 *
 * @param zone IANA
 * @returns undefined where the zone is none
 */
export function localTime(at: Date, zone: string): LocalTime | undefined {
  const there = localDate(at, zone);
  if (there === undefined) return undefined;
  const text = `${there.toFormat('ccc d LLL, HH:mm')} ${zone}`;
  if (there.hour < 7 || there.hour >= 21) return { text, hint: 'at night' };
  return there.weekday > 5 ? { text, hint: 'weekend' } : { text };
}

/** A span of time on somebody's own clock, the zone said once. */
export function localSpan(start: Date, end: Date, zone: string): string | undefined {
  const [from, to] = [localDate(start, zone), localDate(end, zone)];
  if (from === undefined || to === undefined) return undefined;
  return `${from.toFormat('d LLL, HH:mm')} to ${to.toFormat('d LLL, HH:mm')} ${zone}`;
}

/** How far one clock is from another at that instant: "5 h ahead of", "30 min behind"; undefined where they agree. */
export function clockDifference(at: Date, zone: string, other: string): string | undefined {
  const [there, here] = [localDate(at, zone), localDate(at, other)];
  if (there === undefined || here === undefined || there.offset === here.offset) return undefined;
  const minutes = Math.abs(there.offset - here.offset);
  const parts = [
    ...(minutes >= 60 ? [`${Math.floor(minutes / 60)} h`] : []),
    ...(minutes % 60 > 0 ? [`${minutes % 60} min`] : []),
  ];
  return `${parts.join(' ')} ${there.offset > here.offset ? 'ahead of' : 'behind'}`;
}

function localDate(at: Date, zone: string): DateTime<true> | undefined {
  const local = DateTime.fromJSDate(at, { zone }).setLocale('en-GB');
  return local.isValid ? local : undefined;
}
