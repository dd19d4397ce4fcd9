import type { PreparedRecovery, Timeframe } from '../../activities/contract.ts';
import type { RecoveryPolicy } from '../../config/policy.ts';
import type { Lead } from '../../crm/port.ts';
import { type Meeting, meetingStatus } from '../meeting/lifecycle.ts';
import type { LeadBooked, MeetingEvent, RecoveryInput, RecoveryPhase } from '../messages.ts';
import { enqueue, listOf, type StepsState } from '../steps/state.ts';

/** Everything a recovery remembers. Plain data: it is what the reducer takes and gives. */
export interface RecoveryState extends StepsState {
  phase: RecoveryPhase;
  /** Grows when SkipUp has refused a request: the next one has a key of its own. */
  revision: number;
  /** As it was when it was last read. */
  lead: Lead;
  prepared?: PreparedRecovery;
  /** Named by a person. */
  organizerEmail?: string;
  request?: {
    key: string;
    timeframe: Timeframe;
    /** Real time, ISO 8601: SkipUp keeps keys for 24 real hours. */
    firstTriedAt: string;
    /** An attempt ended without an answer. */
    unanswered: boolean;
  };
  meeting?: Meeting;
  /** Events that came before the request's id was known. */
  early: MeetingEvent[];
  /** The request is to be read: an event came that does not say what changed. */
  readWanted: boolean;
  /** The lead has booked by another way. */
  elsewhere?: LeadBooked & {
    /** Why its request could not be cancelled, in words: a person is asked then. */
    trouble?: string;
  };
  /** What a person must settle, in words; a request that could not be cancelled has words of its own. */
  needs: string[];
  /** How often a person has been asked; numbers the notices. */
  asked: number;
  /** Why it ended so, in words. */
  reason?: string;
  /**
   * We are about to cancel the request ourselves. SkipUp's webhook about it may come before the answer to our call, and must
   * not be taken for somebody else's cancellation.
   */
  takingBack: boolean;
  /** ISO 8601; when a booked recovery stops listening for a late cancellation. */
  closesAt?: string;
  closed: boolean;
}

export function initialState({ lead }: RecoveryInput): RecoveryState {
  return {
    phase: 'waiting',
    revision: 1,
    lead,
    early: [],
    readWanted: false,
    needs: [],
    asked: 0,
    takingBack: false,
    queue: [],
    steps: [],
    closed: false,
  };
}

/** It is over, or booked by another way. */
export const ENDED: ReadonlySet<RecoveryPhase> = new Set<RecoveryPhase>([
  'booked_elsewhere',
  'cancelled',
  'expired',
  'opted_out',
  'failed',
]);

/** Tells a person that the recovery needs them; the phase stays what it is. */
export function notify(state: RecoveryState, policy: RecoveryPolicy): RecoveryState {
  const asked = state.asked + 1;
  return enqueue({ ...state, asked }, listOf(policy.steps, { list: 'on_attention', occurrence: `${asked}` }));
}

/** The lead has booked by another way, and its request at SkipUp, if there is one, is still to be cancelled. */
export function isCallOffWanted({ phase, elsewhere }: RecoveryState): boolean {
  return elsewhere !== undefined && elsewhere.trouble === undefined && phase !== 'booked' && !ENDED.has(phase);
}

/** Everything that a person must settle, in words. */
export function needsOf({ needs, elsewhere, phase }: RecoveryState): string[] {
  if (elsewhere?.trouble === undefined || ENDED.has(phase)) return needs;
  return [...needs, elsewhere.trouble];
}

/** Where its meeting is, in words. */
export function elsewhereInWords({ meeting }: LeadBooked): string {
  return meeting === undefined
    ? 'the lead has booked a meeting by itself'
    : `the lead has booked by itself: ${meeting}`;
}

export function requestStatus(state: RecoveryState): string {
  if (state.meeting !== undefined) return meetingStatus(state.meeting);
  return state.request === undefined ? 'none' : 'sending';
}
