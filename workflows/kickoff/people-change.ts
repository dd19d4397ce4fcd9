/**
 * The part of the state machine that follows the registry once people have been asked: those whom SkipUp asks may not be
 * those whom registry and CRM name any more.
 */
import type { Resolution } from '../../activities/contract.ts';
import type { KickoffPolicy } from '../../config/policy.ts';
import type { Participant } from '../../registry/model.ts';
import { type KickoffState, notify, type PeopleChange } from './state.ts';

/** In which phases SkipUp asks people. */
export function isAsking({ phase }: KickoffState): boolean {
  return phase === 'scheduling' || phase === 'paused';
}

/** The registry has changed. A kickoff that waits for people looks again; one whose people are being asked compares. */
export function registryChanged(state: KickoffState): KickoffState {
  switch (state.phase) {
    case 'needs_attention':
      // Whether there is a next revision is not the registry's to say.
      if (state.between !== undefined) return state;
      // Only when a request was never sent: one without an answer must be looked for, by a person's word.
      return state.request === undefined ? { ...state, phase: 'resolving' } : { ...state, lookWanted: true };
    case 'resolving':
    case 'requesting':
    case 'scheduling':
    case 'paused':
      return { ...state, lookWanted: true };
    default:
      return state;
  }
}

/**
 * Compares those whom SkipUp asks with those whom registry and CRM name now. A person is told once of each difference; one
 * that has gone again is none.
 */
export function peopleLooked(state: KickoffState, named: Resolution, policy: KickoffPolicy): KickoffState {
  const { peopleChanged: told, lookWanted: _done, ...rest } = state;
  const asked = state.resolution;
  if (asked === undefined || !isAsking(state)) return { ...rest, ...(told && { peopleChanged: told }) };
  const change = difference(asked, named);
  if (change.added.length + change.removed.length === 0) {
    const { peopleKept: _moot, ...same } = rest;
    return same;
  }
  if (state.peopleKept !== undefined && isSame(state.peopleKept, change)) return rest;
  const next = { ...rest, peopleChanged: change };
  return told !== undefined && isSame(told, change) ? next : notify(next, policy);
}

/** A person keeps the request as it is. */
export function peopleKept(state: KickoffState): KickoffState {
  const { peopleChanged, ...rest } = state;
  return peopleChanged === undefined ? state : { ...rest, peopleKept: peopleChanged };
}

/** What the difference asks of a person. */
export function peopleNeeds(state: KickoffState): string[] {
  const { peopleChanged: change } = state;
  if (change === undefined || !isAsking(state)) return [];
  const parts = [
    ...(change.added.length === 0 ? [] : [`names ${listed(change.added)}`]),
    ...(change.removed.length === 0
      ? []
      : [`${change.added.length === 0 ? 'names ' : ''}no longer ${listed(change.removed)}`]),
  ];
  const way =
    state.replacement === undefined
      ? '{"fromRegistry": true, "reason": "…"} to cancel the request and ask them anew'
      : 'those who are to be asked (they were named by hand) to cancel the request and ask them anew';
  return [
    `The registry now ${parts.join(' and ')}: send \`replaceParticipants\` with ${way}, or \`proceed\` to keep it.`,
  ];
}

/** Whoever organizes, or would now, is nobody's participant. */
function difference(asked: Resolution, named: Resolution): PeopleChange {
  const organizers = new Set([asked, named].flatMap(({ organizer }) => organizer?.email.toLowerCase() ?? []));
  const [before, after] = [addresses(asked.participants), addresses(named.participants)];
  const news = (of: ReadonlySet<string>, other: ReadonlySet<string>) =>
    [...of].filter((email) => !other.has(email) && !organizers.has(email)).sort();
  return { added: news(after, before), removed: news(before, after) };
}

function addresses(people: readonly Participant[]): ReadonlySet<string> {
  return new Set(people.map(({ email }) => email.toLowerCase()));
}

function isSame(one: PeopleChange, other: PeopleChange): boolean {
  return one.added.join() === other.added.join() && one.removed.join() === other.removed.join();
}

/** So many are named; of more the rest is counted. */
const NAMED = 8;

function listed(emails: readonly string[]): string {
  const rest = emails.length - NAMED;
  const shown = [...emails.slice(0, NAMED), ...(rest > 0 ? [`${rest} more`] : [])];
  const last = shown.at(-1) ?? '';
  return shown.length <= 1 ? last : `${shown.slice(0, -1).join(', ')} and ${last}`;
}
