/**
 * The part of the state machine that follows the deal: it may be reopened, lost, deleted or merged while its kickoff runs,
 * and won again.
 */
import type { KickoffPolicy } from '../../config/policy.ts';
import type { DealChange, Phase } from '../messages.ts';
import { organizerNeeds } from './organizer-left.ts';
import { peopleNeeds } from './people-change.ts';
import { type Doubt, ENDED, type KickoffState, notify } from './state.ts';

export type DealEvent =
  | { type: 'deal_changed'; change: DealChange }
  /** A person goes on with the kickoff, whatever has become of the deal. */
  | { type: 'doubt_settled' }
  /** The request is cancelled, or was never made: the kickoff of a deal that is lost is off. */
  | { type: 'called_off'; reason: string }
  | { type: 'not_called_off'; message: string };

const STATES: ReadonlySet<unknown> = new Set<DealChange['state']>(['won', 'not_won', 'gone', 'merged']);

/** Whether a signal's input is what it should be: anybody who may send signals may send anything. */
export function isDealChange(value: unknown): value is DealChange {
  if (!isRecord(value)) return false;
  const { key, at, state, stage, otherDealId } = value;
  return (
    isText(key) &&
    isText(at) &&
    !Number.isNaN(Date.parse(at)) &&
    STATES.has(state) &&
    (stage === undefined || isText(stage)) &&
    (otherDealId === undefined || isText(otherDealId))
  );
}

/**
 * Takes over what has become of the deal. What is known already, and what is older than what is known, changes nothing;
 * neither does another event that says the same: whoever was asked has been asked.
 */
export function dealChanged(state: KickoffState, change: DealChange, policy: KickoffPolicy): KickoffState {
  const known = state.dealChange;
  if (known !== undefined && !isNews(change, known)) return state;
  const next: KickoffState = { ...state, dealChange: change };
  if (ENDED.has(state.phase) || state.closed) return next;
  if (change.state === 'won' || change.isFirst === true) return withoutDoubt(next);
  if (known !== undefined && saysTheSame(change, known)) return next;
  // A kickoff that began before this rule has none: it asks.
  const mayCancel = policy.whenDealIsLost === 'cancel' && change.state !== 'merged' && !isBooked(state.phase);
  if (mayCancel) return { ...next, doubt: { change, wanted: 'cancellation' } };
  const asking = notify({ ...next, doubt: { change, wanted: 'answer' } }, policy);
  // Nothing has been sent, and nothing will be before a person says so.
  return asking.phase === 'resolving' ? { ...asking, phase: 'needs_attention', needs: [] } : asking;
}

/** The doubt is gone. A kickoff that waited for nothing else goes on. */
export function withoutDoubt(state: KickoffState): KickoffState {
  const { doubt, ...rest } = state;
  if (doubt === undefined) return state;
  const waited = rest.phase === 'needs_attention' && rest.needs.length === 0;
  return waited ? { ...rest, phase: 'resolving' } : rest;
}

/** The kickoff of a lost deal could not be cancelled after all, or need not be: a person is asked. */
export function asked(state: KickoffState, policy: KickoffPolicy, trouble?: string): KickoffState {
  const { doubt } = state;
  if (doubt?.wanted !== 'cancellation') return state;
  const { change } = doubt;
  return notify({ ...state, doubt: { change, wanted: 'answer', ...(trouble && { trouble }) } }, policy);
}

/** Everything that a person must settle, in words. */
export function needsOf(state: KickoffState): string[] {
  const { doubt, phase } = state;
  const needs = [...state.needs, ...organizerNeeds(state), ...peopleNeeds(state)];
  if (doubt === undefined || doubt.wanted === 'cancellation' || ENDED.has(phase)) return needs;
  return [...needs, `${dealInWords(doubt.change)}${trouble(doubt)} ${wayOut(doubt, phase)}`];
}

/** What has become of the deal, as a sentence. */
export function dealInWords({ state, stage, otherDealId }: DealChange): string {
  switch (state) {
    case 'won':
      return 'The deal is won.';
    case 'not_won':
      return stage === undefined ? 'The deal is not won any more.' : `The deal is at stage ${stage}, not won any more.`;
    case 'gone':
      return 'The CRM does not know the deal any more.';
    case 'merged':
      return `The deal was merged with deal ${otherDealId ?? 'another'}, which has a kickoff of its own.`;
  }
}

function trouble({ trouble: message }: Doubt): string {
  return message === undefined ? '' : ` Its meeting request could not be cancelled: ${message}`;
}

/** SkipUp cannot cancel a meeting that is booked. */
function wayOut({ change }: Doubt, phase: Phase): string {
  if (isBooked(phase)) return 'The meeting is booked: call it off in the calendar, or send `proceed` to keep it.';
  return change.state === 'merged'
    ? 'Send `cancel` to one of the two, or `proceed` to keep this one.'
    : 'Send `cancel`, or `proceed` to go on.';
}

function isNews(change: DealChange, known: DealChange): boolean {
  return change.key !== known.key && Date.parse(change.at) >= Date.parse(known.at);
}

function saysTheSame(one: DealChange, other: DealChange): boolean {
  return one.state === other.state && one.stage === other.stage && one.otherDealId === other.otherDealId;
}

function isBooked(phase: Phase): boolean {
  return phase === 'booked' || phase === 'onboarding' || phase === 'done';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 1_000;
}
