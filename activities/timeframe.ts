import { DateTime } from 'luxon';
import type { Timeframe } from './contract.ts';

/** Close dates are typed by people: one that is further ahead than this is a slip, and today counts. In days. */
const MAX_AHEAD_DAYS = 90;

/** No country has so many days off in a row; it ends the search on a calendar that has no working day at all. */
const MAX_DAYS_OFF = 60;

/**
 * The window that SkipUp may book in, in the organizer's days: it starts with the day `leadDays` from now, or from the
 * deal's close date when that is later, and ends with the last second of the last wanted day, because SkipUp takes `end`
 * for the last possible instant. It is computed anew whenever people are resolved, so it never lies in the past.
 *
 * @param now ISO 8601
 * @param zone IANA zone of the organizer; UTC when unknown
 * @param options.closedAt ISO 8601 instant or date
 * @param options.durationMinutes given: a first day that has less left than the meeting takes is passed over
 * @param options.isWorkingDay given: `leadDays` and `windowDays` count working days only, and the window begins with one
 */
export function timeframeFrom(
  now: string,
  zone: string | undefined,
  window: { leadDays: number; windowDays: number },
  options: {
    closedAt?: string | undefined;
    isWorkingDay?: ((day: string) => boolean) | undefined;
    durationMinutes?: number | undefined;
  } = {},
): Timeframe {
  const { closedAt, isWorkingDay = () => true, durationMinutes = 0 } = options;
  const local = DateTime.fromISO(now, { zone: zone ?? 'utc' });
  const present = local.isValid ? local : DateTime.fromISO(now, { zone: 'utc' });
  const from = laterOf(present, closedAt);
  const days = new Days(isWorkingDay);
  const today = from.startOf('day');
  const soonest = window.leadDays === 0 ? days.onOrAfter(today) : days.after(today, window.leadDays);
  const isSpent = soonest.hasSame(from, 'day') && from.plus({ minutes: durationMinutes }) > soonest.endOf('day');
  const first = isSpent ? days.after(today, 1) : soonest;
  const last = days.after(first, window.windowDays - 1).endOf('day');
  // With no lead time the window starts now: SkipUp is never asked for a time that has passed.
  const start = first.hasSame(from, 'day') ? from : first;
  return { start: instant(start), end: instant(last) };
}

class Days {
  readonly #counts: (day: string) => boolean;

  constructor(counts: (day: string) => boolean) {
    this.#counts = counts;
  }

  /** The day itself when it counts, else the next that does. */
  onOrAfter(day: DateTime): DateTime {
    let current = day;
    for (let off = 0; off < MAX_DAYS_OFF && !this.#counts(current.toISODate() ?? ''); off += 1) current = next(current);
    return current;
  }

  /** The `count`th day that counts after `day`. */
  after(day: DateTime, count: number): DateTime {
    let current = day;
    for (let passed = 0; passed < count; passed += 1) current = this.onOrAfter(next(current));
    return current;
  }
}

/** Midnight of the next day, or the first instant of a day whose midnight the clocks leave out. */
function next(day: DateTime): DateTime {
  return day.plus({ days: 1 }).startOf('day');
}

function laterOf(present: DateTime, closedAt: string | undefined): DateTime {
  if (closedAt === undefined) return present;
  const closed = DateTime.fromISO(closedAt, { zone: present.zone });
  const counts = closed.isValid && closed > present && closed < present.plus({ days: MAX_AHEAD_DAYS });
  return counts ? closed : present;
}

function instant(time: DateTime): string {
  return time.toUTC().startOf('second').toISO({ suppressMilliseconds: true }) ?? '';
}
