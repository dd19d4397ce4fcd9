import { DateTime } from 'luxon';
import type { Timeframe } from './contract.ts';

/**
 * The window that SkipUp may book in, in the organizer's days: it starts with the day `leadDays` from now and ends with
 * the last second of the last wanted day, because SkipUp takes `end` for the last possible instant.
 *
 * @param now ISO 8601
 * @param zone IANA zone of the organizer; UTC when unknown
 */
export function timeframeFrom(
  now: string,
  zone: string | undefined,
  window: { leadDays: number; windowDays: number },
): Timeframe {
  const local = DateTime.fromISO(now, { zone: zone ?? 'utc' });
  const today = (local.isValid ? local : DateTime.fromISO(now, { zone: 'utc' })).startOf('day');
  const first = today.plus({ days: window.leadDays });
  const last = first.plus({ days: window.windowDays - 1 }).endOf('day');
  // With no lead time the window starts now: SkipUp is never asked for a time that has passed.
  const start = window.leadDays === 0 ? local : first;
  return { start: instant(start), end: instant(last) };
}

function instant(time: DateTime): string {
  return time.toUTC().startOf('second').toISO({ suppressMilliseconds: true }) ?? '';
}
