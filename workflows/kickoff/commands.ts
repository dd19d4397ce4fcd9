/** What a person may ask of a kickoff, when they may, and what a wrong request is told. */
import type {
  CancelCommand,
  ChangeOrganizerCommand,
  Phase,
  ReplaceParticipantsCommand,
  RetryStepCommand,
  SkipStepCommand,
  UpdateContextCommand,
} from '../messages.ts';
import { findFailed } from '../steps/state.ts';
import { organizerNeeds } from './organizer-left.ts';
import { peopleNeeds } from './people-change.ts';
import type { KickoffState } from './state.ts';

export type Command =
  | { name: 'cancel'; input: CancelCommand }
  | { name: 'changeOrganizer'; input: ChangeOrganizerCommand }
  | { name: 'updateContext'; input: UpdateContextCommand }
  | { name: 'pause' }
  | { name: 'resume' }
  | { name: 'replaceParticipants'; input: ReplaceParticipantsCommand }
  | { name: 'proceed' }
  | { name: 'retryStep'; input: RetryStepCommand }
  | { name: 'skipStep'; input: SkipStepCommand };

const IN_PHASES: Partial<Record<Command['name'], readonly Phase[]>> = {
  cancel: ['resolving', 'needs_attention', 'requesting', 'scheduling', 'paused'],
  changeOrganizer: ['needs_attention', 'scheduling', 'paused'],
  updateContext: ['scheduling', 'paused'],
  pause: ['scheduling'],
  resume: ['paused'],
  replaceParticipants: ['needs_attention', 'scheduling', 'paused'],
  proceed: ['needs_attention'],
  retryStep: ['needs_attention', 'scheduling', 'paused', 'booked', 'onboarding', 'done', 'cancelled', 'expired'],
  skipStep: ['needs_attention', 'scheduling', 'paused', 'booked', 'onboarding', 'done', 'cancelled', 'expired'],
};

/** What each input may hold: a misspelt field would be dropped without a word. */
const FIELDS: Partial<Record<Command['name'], readonly string[]>> = {
  cancel: ['reason', 'notify'],
  changeOrganizer: ['email'],
  updateContext: ['title', 'purpose', 'description', 'durationMinutes', 'timeframe'],
  replaceParticipants: ['participants', 'fromRegistry', 'reason'],
  retryStep: ['id'],
  skipStep: ['id', 'reason'],
};

/**
 * Every reason why a command cannot be carried out now; empty when it can. The limits are SkipUp's: title 255, purpose
 * 500, description 5,000 characters, at most 50 participants.
 *
 * @param now ISO 8601, by the kickoff's clock; given when a person asks: a window in the past is refused then
 */
export function problemsOf(command: Command, state: KickoffState, now?: string): string[] {
  const phases = IN_PHASES[command.name];
  // A doubt, about the deal or the people, may be settled whenever there is one.
  if (command.name === 'proceed' && isInDoubt(state)) return [];
  if (phases !== undefined && !phases.includes(state.phase)) {
    return [`${command.name} is possible while the kickoff is ${phases.join(', ')}; it is ${state.phase} now.`];
  }
  const fields = FIELDS[command.name];
  if (fields === undefined || !('input' in command)) return [];
  const input: unknown = command.input ?? {};
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return [`Give the input as an object with ${fields.join(', ')}.`];
  }
  const unknown = Object.keys(input).filter((field) => !fields.includes(field));
  return [
    ...unknown.map((field) => `${field.slice(0, 100)}: unknown here; known are ${fields.join(', ')}.`),
    ...fieldProblems(command, state, now),
  ];
}

function isInDoubt(state: KickoffState): boolean {
  return state.doubt !== undefined || organizerNeeds(state).length > 0 || peopleNeeds(state).length > 0;
}

function fieldProblems(command: Command, state: KickoffState, now: string | undefined): string[] {
  switch (command.name) {
    case 'cancel':
      return cancelProblems(command.input);
    case 'changeOrganizer':
      return isEmail(command.input?.email) ? [] : ['email: give the e-mail address of an active SkipUp member.'];
    case 'updateContext':
      return contextProblems(command.input, now);
    case 'replaceParticipants':
      return participantProblems(command.input);
    case 'retryStep':
    case 'skipStep':
      return stepProblems(command, state);
    case 'pause':
    case 'resume':
    case 'proceed':
      return [];
  }
}

function cancelProblems(input: CancelCommand | undefined): string[] {
  const problems = isText(input?.reason, 500) ? [] : ['reason: say why, in 1 to 500 characters.'];
  const notify: unknown = input?.notify;
  if (notify !== undefined && typeof notify !== 'boolean') problems.push('notify: true or false.');
  return problems;
}

function contextProblems(input: UpdateContextCommand | undefined, now: string | undefined): string[] {
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

function participantProblems(input: ReplaceParticipantsCommand | undefined): string[] {
  const problems = isText(input?.reason, 500) ? [] : ['reason: say why, in 1 to 500 characters.'];
  const people = input?.participants;
  const fromRegistry: unknown = input?.fromRegistry;
  if (fromRegistry !== undefined) {
    if (fromRegistry !== true) problems.push('fromRegistry: true, or left out.');
    if (people !== undefined) problems.push('participants: name people or say fromRegistry, not both.');
    return problems;
  }
  if (!Array.isArray(people) || people.length < 1 || people.length > 50) {
    return [...problems, 'participants: name 1 to 50 people, or give "fromRegistry": true.'];
  }
  const seen = new Set<string>();
  people.forEach((person, index) => {
    const email = person?.email;
    if (!isEmail(email)) problems.push(`participants[${index}].email: not an e-mail address.`);
    else if (seen.has(email.toLowerCase())) problems.push(`participants[${index}].email: named twice.`);
    else seen.add(email.toLowerCase());
    if (person?.timezone !== undefined && !isTimeZone(person.timezone)) {
      problems.push(`participants[${index}].timezone: not an IANA time zone such as America/New_York.`);
    }
    if (person?.name !== undefined && !isText(person.name, 200)) {
      problems.push(`participants[${index}].name: 1 to 200 characters.`);
    }
    if (person?.roles !== undefined && !isListOfTexts(person.roles)) {
      problems.push(`participants[${index}].roles: a list of texts.`);
    }
  });
  return problems;
}

function stepProblems(command: Extract<Command, { name: 'retryStep' | 'skipStep' }>, state: KickoffState): string[] {
  const id = command.input?.id;
  const failed = state.steps.filter((step) => step.state === 'failed').map((step) => step.id);
  const problems: string[] = [];
  if (typeof id !== 'string' || findFailed(state, id) === undefined) {
    problems.push(
      failed.length === 0 ? 'id: no step has failed.' : `id: name a step that has failed: ${failed.join(', ')}.`,
    );
  }
  if (command.name === 'skipStep' && !isText(command.input?.reason, 500)) {
    problems.push('reason: say why, in 1 to 500 characters.');
  }
  return problems;
}

function isText(value: unknown, limit: number): value is string {
  return typeof value === 'string' && value.trim().length > 0 && value.length <= limit;
}

/** NaN for what is no ISO 8601 date or instant; it is smaller than nothing. */
function instantMs(value: unknown): number {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value) ? Date.parse(value) : Number.NaN;
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.length <= 50 && value.every((each) => isText(each, 100));
}

/** A shape check only, bounded in length: whether it exists is SkipUp's to say. */
function isEmail(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 254 && /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(value);
}

function isTimeZone(value: unknown): boolean {
  try {
    return typeof value === 'string' && new Intl.DateTimeFormat('en', { timeZone: value }) !== undefined;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
