import type { Habits } from '../fixtures/people.ts';
import { draw, drawBetween } from '../seed.ts';
import type { State } from '../state/schema.ts';
import type { CalendarOwner } from './calendar.ts';

/** One person in five answers only when asked again. */
const NEEDS_A_FOLLOW_UP = 0.2;

/** What the fixture says about somebody. */
export function habitsOf(state: Pick<State, 'people' | 'everybody'>, email: string): Habits {
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

export function responsivenessOf(
  state: Pick<State, 'people' | 'everybody' | 'seed'>,
  email: string,
  requestId: string,
): Responsiveness {
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

/** Somebody's calendar, in the zone that the request names or, failing that, the fixture's. */
export function calendarOf(
  state: Pick<State, 'people' | 'everybody'>,
  email: string,
  timezone: string | undefined,
): CalendarOwner {
  const habits = habitsOf(state, email);
  return { email, timezone: timezone ?? habits.timezone ?? 'UTC', habits };
}
