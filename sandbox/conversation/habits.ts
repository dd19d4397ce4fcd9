import type { Habits, WorkingHours } from '../fixtures/people.ts';
import { draw, drawBetween } from '../seed.ts';
import type { CalendarOwner } from './calendar.ts';

/** Three people in five work from nine to five; the others begin an hour earlier or later. */
const HOURS: readonly (readonly [start: string, end: string])[] = [
  ['09:00', '17:00'],
  ['09:00', '17:00'],
  ['09:00', '17:00'],
  ['08:00', '16:00'],
  ['10:00', '18:00'],
];
/** Five days off in a year's working days, besides those that a fixture names. */
const DAY_OFF = 0.02;
/** One person in five answers only when asked again. */
const NEEDS_A_FOLLOW_UP = 0.2;

/** What of the state decides about people. */
export interface PeopleState {
  readonly seed: string;
  readonly people: ReadonlyMap<string, { readonly habits: Habits }>;
  readonly everybody: Habits;
}

/** What the fixture says about somebody. */
export function habitsOf(state: Omit<PeopleState, 'seed'>, email: string): Habits {
  return { ...state.everybody, ...state.people.get(email)?.habits };
}

/** How somebody answers in one conversation. */
export interface Responsiveness {
  never: boolean;
  /** From the message that makes them answer. */
  replyAfterMs: number;
  needsFollowUps: number;
  /** How far into the morning an answer comes that had to wait for it. */
  intoMorningMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

export function responsivenessOf(state: PeopleState, email: string, requestId: string): Responsiveness {
  const habits = habitsOf(state, email);
  const by = [state.seed, email, requestId] as const;
  return {
    never: habits.neverReplies ?? false,
    replyAfterMs:
      habits.replyAfterHours === undefined
        ? MINUTE_MS * drawBetween(20, 360, ...by, 'reply after')
        : habits.replyAfterHours * HOUR_MS,
    needsFollowUps: habits.needsFollowUps ?? (draw(...by, 'follow-ups') < NEEDS_A_FOLLOW_UP ? 1 : 0),
    intoMorningMs: MINUTE_MS * drawBetween(5, 60, ...by, 'morning'),
  };
}

/**
 * Somebody's calendar, in the zone that the request names or, failing that, the fixture's. Hours and days off that no
 * fixture names are the seed's, the same for every request.
 */
export function calendarOf(state: PeopleState, email: string, timezone: string | undefined): CalendarOwner {
  const habits = habitsOf(state, email);
  return {
    email,
    timezone: timezone ?? habits.timezone ?? 'UTC',
    habits: { ...habits, workingHours: habits.workingHours ?? seededHours(state.seed, email) },
    isOff: (date) => draw(state.seed, 'day off', email, date) < DAY_OFF,
  };
}

function seededHours(seed: string, email: string): WorkingHours {
  const [start, end] = HOURS[drawBetween(0, HOURS.length - 1, seed, 'hours', email)] ?? ['09:00', '17:00'];
  return { start, end, days: [1, 2, 3, 4, 5] };
}
