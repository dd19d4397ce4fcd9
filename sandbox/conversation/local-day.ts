import { DateTime } from 'luxon';

/** One day of one time zone. Instants are in ms. */
export interface LocalDay {
  start: number;
  /** Where the next day starts: 23 to 25 hours later. */
  next: number;
  /** ISO date. */
  date: string;
  /** ISO weekday: 1 is Monday. */
  weekday: number;
  /** The instant of a wall time such as `09:00`, summer time minded; `24:00` is where the next day starts. */
  at(time: string): number;
}

/** Many people look at the same days, and every look at a time zone takes Intl. */
const CACHE_LIMIT = 5000;
const days = new Map<string, LocalDay>();

/** The day that an instant falls on in a time zone. */
export function localDay(zone: string, ms: number): LocalDay {
  const quarter = Math.floor(ms / 900_000);
  // No zone is off UTC by anything but quarters of an hour: within one, the day is the same.
  const key = `${zone} ${quarter}`;
  const known = days.get(key);
  if (known !== undefined) return known;
  const made = makeDay(DateTime.fromMillis(ms, { zone }).startOf('day'));
  if (days.size >= CACHE_LIMIT) days.clear();
  days.set(key, made);
  return made;
}

function makeDay(day: DateTime): LocalDay {
  const times = new Map<string, number>();
  const next = day.plus({ days: 1 }).startOf('day').toMillis();
  return {
    start: day.toMillis(),
    next,
    date: day.toISODate() ?? '',
    weekday: day.weekday,
    at: (time) => {
      const known = times.get(time);
      if (known !== undefined) return known;
      const [hour = 0, minute = 0] = time.split(':').map(Number);
      const instant = hour === 24 ? next : day.set({ hour, minute }).toMillis();
      times.set(time, instant);
      return instant;
    },
  };
}
