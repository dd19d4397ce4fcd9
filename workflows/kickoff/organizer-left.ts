/** The part of the state machine that follows the organizer: a member of the SkipUp workspace may be deactivated. */
import type { KickoffPolicy } from '../../config/policy.ts';
import type { OrganizerLeft } from '../messages.ts';
import { ENDED, type KickoffState, notify } from './state.ts';

/** Whether a signal's input is what it should be: anybody who may send signals may send anything. */
export function isOrganizerLeft(value: unknown): value is OrganizerLeft {
  if (typeof value !== 'object' || value === null) return false;
  const { key, email, at }: { key?: unknown; email?: unknown; at?: unknown } = value;
  return isText(key) && isText(email) && isText(at) && !Number.isNaN(Date.parse(at));
}

/**
 * Takes over that somebody organizes nothing any more. It matters to a kickoff that they organize and that has no booking:
 * one that waits for people looks again, one whose request is at SkipUp, or on its way there, says that it needs another
 * organizer. One that is resolving asks SkipUp itself, and what is booked is a calendar's matter.
 */
export function organizerLeft(state: KickoffState, left: OrganizerLeft, policy: KickoffPolicy): KickoffState {
  if (ENDED.has(state.phase) || state.closed || state.organizerLeft?.key === left.key) return state;
  if (organizerOf(state) !== left.email.toLowerCase()) return state;
  switch (state.phase) {
    case 'needs_attention':
      return state.request === undefined ? { ...state, phase: 'resolving' } : { ...state, organizerLeft: left };
    case 'requesting':
    case 'scheduling':
    case 'paused':
      return notify({ ...state, organizerLeft: left }, policy);
    default:
      return state;
  }
}

/** It is settled: somebody else organizes, or a person says so. */
export function withoutOrganizerLeft(state: KickoffState): KickoffState {
  const { organizerLeft: _settled, ...rest } = state;
  return rest;
}

/** Whoever organizes now is not the one who has left. */
export function organizerKnown(state: KickoffState): KickoffState {
  const { organizerLeft: left } = state;
  return left === undefined || organizerOf(state) === left.email.toLowerCase() ? state : withoutOrganizerLeft(state);
}

/** A person has named another one, and nothing follows from it by itself: not even that a kickoff goes on which waits. */
export function organizerChosen(state: KickoffState, email: string): KickoffState {
  const { resolution } = state;
  const chosen: KickoffState = { ...state, chosenOrganizer: email };
  if (resolution === undefined || organizerOf(state) === email) return organizerKnown(chosen);
  return organizerKnown({ ...chosen, resolution: { ...resolution, organizer: { email, from: 'named by hand' } } });
}

/** Whoever was named for the request before organizes the next one. */
export function withChosenOrganizer(state: KickoffState): KickoffState {
  const { chosenOrganizer, ...rest } = state;
  return chosenOrganizer === undefined ? state : { ...rest, organizerEmail: chosenOrganizer };
}

/** What it asks of a person; nothing once somebody else organizes. */
export function organizerNeeds(state: KickoffState): string[] {
  const { organizerLeft: left } = state;
  if (left === undefined || !WAITING.has(state.phase) || organizerOf(state) !== left.email.toLowerCase()) return [];
  return [
    `${left.email} organizes this kickoff and is no active SkipUp member any more: name somebody else with \`changeOrganizer\`, or send \`proceed\` if they are back.`,
  ];
}

const WAITING: ReadonlySet<string> = new Set(['needs_attention', 'requesting', 'scheduling', 'paused']);

function organizerOf({ resolution }: KickoffState): string | undefined {
  return resolution?.organizer?.email.toLowerCase();
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 1_000;
}
