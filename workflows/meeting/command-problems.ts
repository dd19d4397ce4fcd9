/** What is wrong with the input of a person's command: sentences for whoever sent it; none when nothing is. */
import type { CancelCommand, ChangeOrganizerCommand, UpdateContextCommand } from '../messages.ts';
import { findFailed, hasFailed, type StepsState } from '../steps/state.ts';

/**
 * An input that is no object, fields that nobody knows (a misspelt one would be dropped without a word), and then what its
 * fields are told.
 */
export function inputProblems(given: unknown, fields: readonly string[], ofFields: () => string[]): string[] {
  const input: unknown = given ?? {};
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return [`Give the input as an object with ${fields.join(', ')}.`];
  }
  const unknown = Object.keys(input).filter((field) => !fields.includes(field));
  return [
    ...unknown.map((field) => `${field.slice(0, 100)}: unknown here; known are ${fields.join(', ')}.`),
    ...ofFields(),
  ];
}

export function cancelProblems(input: CancelCommand | undefined): string[] {
  const problems = isText(input?.reason, 500) ? [] : ['reason: say why, in 1 to 500 characters.'];
  const notify: unknown = input?.notify;
  if (notify !== undefined && typeof notify !== 'boolean') problems.push('notify: true or false.');
  return problems;
}

export function organizerProblems(input: ChangeOrganizerCommand | undefined): string[] {
  return isEmail(input?.email) ? [] : ['email: give the e-mail address of an active SkipUp member.'];
}

/**
 * The limits are SkipUp's: title 255, purpose 500, description 5,000 characters.
 *
 * @param now ISO 8601, by the workflow's clock; given while a person asks: a window in the past is refused then
 */
export function contextProblems(input: UpdateContextCommand | undefined, now: string | undefined): string[] {
  if (input === undefined || input === null || Object.keys(input).length === 0) {
    return ['Name at least one of title, purpose, description, durationMinutes, timeframe.'];
  }
  const problems: string[] = [];
  const check = (ok: boolean, problem: string) => ok || problems.push(problem);
  const { title, purpose, description, durationMinutes: minutes, timeframe } = input;
  check(title === undefined || isText(title, 255), 'title: 1 to 255 characters.');
  check(purpose === undefined || isText(purpose, 500), 'purpose: 1 to 500 characters.');
  check(description === undefined || isText(description, 5000), 'description: 1 to 5,000 characters.');
  check(
    minutes === undefined || (Number.isInteger(minutes) && minutes >= 5 && minutes <= 480),
    'durationMinutes: a whole number from 5 to 480.',
  );
  if (timeframe !== undefined) {
    const ordered = instantMs(timeframe?.start) < instantMs(timeframe?.end);
    check(ordered, 'timeframe: start and end as ISO 8601 instants, start before end.');
    const isOver = ordered && now !== undefined && instantMs(timeframe.end) <= instantMs(now);
    check(!isOver, `timeframe: it has passed; it is ${now} now. Give one that ends later.`);
  }
  return problems;
}

/** @param wanted.reason the command must say why */
export function stepProblems(
  input: { id: string; reason?: string } | undefined,
  state: StepsState,
  wanted: { reason?: true } = {},
): string[] {
  const id = input?.id;
  const failed = state.steps.filter(hasFailed).map((step) => step.id);
  const problems: string[] = [];
  if (typeof id !== 'string' || findFailed(state, id) === undefined) {
    problems.push(
      failed.length === 0 ? 'id: no step has failed.' : `id: name a step that has failed: ${failed.join(', ')}.`,
    );
  }
  if (wanted.reason === true && !isText(input?.reason, 500)) {
    problems.push('reason: say why, in 1 to 500 characters.');
  }
  return problems;
}

export function isText(value: unknown, limit: number): value is string {
  return typeof value === 'string' && value.trim().length > 0 && value.length <= limit;
}

/** NaN for what is no ISO 8601 date or instant; it is smaller than nothing. */
function instantMs(value: unknown): number {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value) ? Date.parse(value) : Number.NaN;
}

/** A shape check only, bounded in length: whether it exists is SkipUp's to say. */
export function isEmail(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 254 && /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(value);
}
