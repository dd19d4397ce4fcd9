/** The part of the state machine that follows the window SkipUp may book in. */
import type { Timeframe } from '../../activities/contract.ts';
import type { KickoffPolicy } from '../../config/policy.ts';
import { enqueue, listOf } from '../steps/state.ts';
import type { KickoffState } from './state.ts';

/** Instants by the kickoff's clock, ISO 8601. */
interface NewWindow {
  timeframe: Timeframe;
  closesAt: string;
  remindsAt?: string | undefined;
}

export type WindowEvent =
  /** A person has moved it. */
  | ({ type: 'window_changed' } & NewWindow)
  /** It had passed, and SkipUp has a new one. */
  | ({ type: 'window_extended' } & NewWindow)
  /** It will soon be over, and nothing is booked. */
  | { type: 'window_reminded' }
  /** It has passed, and a person takes over. `trouble`: why the request could not be cancelled, in words. */
  | { type: 'window_handed_over'; trouble?: string };

export function reduceWindow(
  state: KickoffState,
  event: Exclude<WindowEvent, { type: 'window_handed_over' }>,
  policy: KickoffPolicy,
): KickoffState {
  switch (event.type) {
    case 'window_changed':
      return withWindow(state, event);
    case 'window_extended':
      return { ...withWindow(state, event), extended: (state.extended ?? 0) + 1 };
    case 'window_reminded': {
      const { remindsAt: _told, ...rest } = state;
      const reminded = (state.reminded ?? 0) + 1;
      const occurrence = reminderOccurrence(reminded);
      return enqueue({ ...rest, reminded }, listOf(policy.steps, { list: 'on_attention', occurrence }));
    }
  }
}

/**
 * When it is to be said that nothing is booked; undefined when that is not wanted, or would be at once.
 *
 * @param now ISO 8601
 */
export function reminderBefore(end: string, now: string, policy: KickoffPolicy): string | undefined {
  const { remindBeforeDays } = policy;
  if (remindBeforeDays === undefined) return undefined;
  const at = new Date(Date.parse(end) - remindBeforeDays * DAY_MS).toISOString();
  return at > now ? at : undefined;
}

/** What a notice about the window says; undefined for every other run of steps. */
export function reminderInWords(state: KickoffState, occurrence: string): string | undefined {
  const { reminded = 0, request } = state;
  if (occurrence !== reminderOccurrence(reminded) || request === undefined) return undefined;
  return `Nothing is booked yet, and the window ends on ${request.timeframe.end.slice(0, 10)}.`;
}

const DAY_MS = 86_400_000;

/**
 * A window for a request whose own has passed: from now, and its end moved on by as many days as a window lasts. A day of
 * the week stays one, so that it ends with a working day where it did: five working days are a week.
 *
 * @param now ISO 8601
 */
export function extendedWindow(now: string, passed: Timeframe, policy: KickoffPolicy): Timeframe {
  const { windowDays, workingDays } = policy;
  const days = workingDays ? Math.ceil(windowDays / 5) * 7 : windowDays;
  // SkipUp may have been out of reach for longer than a window lasts.
  const missed = Math.max(0, Date.parse(now) - Date.parse(passed.end));
  const weeksMissed = Math.floor(missed / (7 * DAY_MS));
  const end = new Date(Date.parse(passed.end) + (days + 7 * weeksMissed) * DAY_MS);
  // A window of some days may have passed once more before the next whole week.
  if (end.getTime() <= Date.parse(now)) end.setTime(end.getTime() + 7 * DAY_MS);
  return { start: wholeSeconds(new Date(now)), end: wholeSeconds(end) };
}

function wholeSeconds(instant: Date): string {
  return instant.toISOString().replace(/\.\d+Z$/, 'Z');
}

function withWindow(state: KickoffState, { timeframe, closesAt, remindsAt }: NewWindow): KickoffState {
  const { remindsAt: _before, ...rest } = state;
  return {
    ...rest,
    ...(state.request && { request: { ...state.request, timeframe } }),
    closesAt,
    ...(remindsAt !== undefined && { remindsAt }),
  };
}

function reminderOccurrence(count: number): string {
  return `window.${count}`;
}
