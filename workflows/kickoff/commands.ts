/** What a person may ask of a kickoff, when they may, and what a wrong request is told. */
import {
  cancelProblems,
  contextProblems,
  inputProblems,
  isEmail,
  isText,
  organizerProblems,
  stepProblems,
} from '../meeting/command-problems.ts';
import type {
  CancelCommand,
  ChangeOrganizerCommand,
  Phase,
  ReplaceParticipantsCommand,
  RetryStepCommand,
  SkipStepCommand,
  UpdateContextCommand,
} from '../messages.ts';
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
  return inputProblems(command.input, fields, () => fieldProblems(command, state, now));
}

function isInDoubt(state: KickoffState): boolean {
  return state.doubt !== undefined || organizerNeeds(state).length > 0 || peopleNeeds(state).length > 0;
}

function fieldProblems(command: Command, state: KickoffState, now: string | undefined): string[] {
  switch (command.name) {
    case 'cancel':
      return cancelProblems(command.input);
    case 'changeOrganizer':
      return organizerProblems(command.input);
    case 'updateContext':
      return contextProblems(command.input, now);
    case 'replaceParticipants':
      return participantProblems(command.input);
    case 'retryStep':
      return stepProblems(command.input, state);
    case 'skipStep':
      return stepProblems(command.input, state, { reason: true });
    case 'pause':
    case 'resume':
    case 'proceed':
      return [];
  }
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

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.length <= 50 && value.every((each) => isText(each, 100));
}

function isTimeZone(value: unknown): boolean {
  try {
    return typeof value === 'string' && new Intl.DateTimeFormat('en', { timeZone: value }) !== undefined;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
