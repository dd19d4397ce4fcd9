import type { Habits, WorkingHours } from '../fixtures/people.ts';
import { drawBetween } from '../seed.ts';
import type { LocalDay } from './local-day.ts';
import { localDay } from './local-day.ts';

/** A span of time in ms, the end not included. */
export interface Span {
  start: number;
  end: number;
}

/** Whose calendar is looked at. */
export interface CalendarOwner {
  email: string;
  /** IANA zone. */
  timezone: string;
  habits: Habits;
  /** Whether the seed gives them a local date off; it gives none when left out. */
  isOff?: (date: string) => boolean;
}

const MINUTE_MS = 60_000;
/** Seeded meetings start on this grid, and slots are looked for on it. */
export const GRID_MS = 30 * MINUTE_MS;

const USUAL_HOURS: WorkingHours = { start: '09:00', end: '17:00', days: [1, 2, 3, 4, 5] };

/** The working hours of one local day, or nothing on a day off. */
function workOn(day: LocalDay, { habits, isOff }: CalendarOwner): Span | undefined {
  const hours = habits.workingHours ?? USUAL_HOURS;
  if (!hours.days.includes(day.weekday)) return undefined;
  if (habits.holidays?.includes(day.date) ?? isOff?.(day.date) === true) return undefined;
  return { start: day.at(hours.start), end: day.at(hours.end) };
}

/** The meetings that the seed puts into one local day: one to three of 30 or 60 minutes, the same for every request. */
function seededMeetings(seed: string, email: string, date: string, work: Span): Span[] {
  const places = Math.floor((work.end - work.start) / GRID_MS);
  if (places < 2) return [];
  const meetings: Span[] = [];
  const count = drawBetween(1, 3, seed, 'meetings', email, date);
  for (let nth = 0; nth < count; nth += 1) {
    const start = work.start + GRID_MS * drawBetween(0, places - 1, seed, 'meeting start', email, date, nth);
    const length = GRID_MS * drawBetween(1, 2, seed, 'meeting length', email, date, nth);
    meetings.push({ start, end: Math.min(start + length, work.end) });
  }
  return meetings;
}

/**
 * When somebody could meet between `from` and `to`: their working hours in their own zone, less what their calendar holds.
 *
 * @returns spans in order, none of them touching another local day's
 */
export function freeSpans(seed: string, owner: CalendarOwner, from: number, to: number): Span[] {
  const free: Span[] = [];
  const given = owner.habits.busy?.map(({ start, end }) => ({ start: Date.parse(start), end: Date.parse(end) }));
  for (let day = localDay(owner.timezone, from); day.start < to; day = localDay(owner.timezone, day.next)) {
    const work = workOn(day, owner);
    if (work === undefined) continue;
    const within = { start: Math.max(work.start, from), end: Math.min(work.end, to) };
    const busy = given ?? seededMeetings(seed, owner.email, day.date, work);
    free.push(...without(within, busy));
  }
  return free;
}

function without(span: Span, busy: readonly Span[]): Span[] {
  const left: Span[] = [];
  let start = span.start;
  for (const meeting of busy.toSorted((a, b) => a.start - b.start)) {
    if (meeting.start > start) left.push({ start, end: Math.min(meeting.start, span.end) });
    start = Math.max(start, meeting.end);
  }
  left.push({ start, end: span.end });
  return left.filter(({ start: from, end }) => from < end);
}

/**
 * The first instant not before `ms` at which somebody is at work; `ms` itself for those who never are.
 *
 * @param intoMorningMs how far into the day they answer when it had to wait for the morning
 */
export function atWork(owner: CalendarOwner, ms: number, intoMorningMs: number): number {
  const LOOK_AHEAD_DAYS = 60;
  let day = localDay(owner.timezone, ms);
  for (let ahead = 0; ahead <= LOOK_AHEAD_DAYS; ahead += 1, day = localDay(owner.timezone, day.next)) {
    const work = workOn(day, owner);
    if (work === undefined || work.end <= ms) continue;
    return work.start <= ms ? ms : Math.min(work.start + intoMorningMs, work.end - 1);
  }
  return ms;
}
