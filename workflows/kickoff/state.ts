import type { Resolution, Timeframe } from '../../activities/contract.ts';
import type { KickoffPolicy, StepList } from '../../config/policy.ts';
import { type Meeting, meetingStatus } from '../meeting/lifecycle.ts';
import type {
  DealChange,
  KickoffInput,
  MeetingEvent,
  Phase,
  ReplaceParticipantsCommand,
  StepStatus,
} from '../messages.ts';

/** One run of one step list; `only` when a person retries single steps. */
export interface StepRun {
  list: StepList;
  /** Distinguishes repeats of a list: the third follow-up, the second reminder. Empty for lists that run once. */
  occurrence: string;
  only?: string[];
}

/** A step's state, with the run it belongs to. */
export interface StepRecord extends StepStatus {
  list: StepList;
  occurrence: string;
  /** Its failure waits for a person. */
  holds: boolean;
}

/** The deal is not what the kickoff was begun for, and what that means for it is not settled. */
export interface Doubt {
  change: DealChange;
  /** `cancellation`: the kickoff is to be cancelled without asking anybody. */
  wanted: 'answer' | 'cancellation';
  /** Why that cancellation did not work, in words: a person is asked then. */
  trouble?: string;
}

/** Everything a kickoff remembers. Plain data: it is what the reducer takes and gives. */
export interface KickoffState {
  phase: Phase;
  revision: number;
  resolution?: Resolution;
  /** Named by a person; take the place of what registry and CRM say. */
  replacement?: ReplaceParticipantsCommand['participants'];
  organizerEmail?: string;
  /** A person has said to go on without those who are missing. */
  gapsAccepted: boolean;
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
  /** The steps for the deal's close have been set going. */
  announced: boolean;
  /** What a person must settle, in words; a doubt about the deal has words of its own. */
  needs: string[];
  /** The newest that was heard of the deal; absent: nothing since the start. */
  dealChange?: DealChange;
  doubt?: Doubt;
  /** How often a person has been asked; numbers the notices. */
  asked: number;
  /** Step lists still to run, the running one first. */
  queue: StepRun[];
  steps: StepRecord[];
  /** Why it fell through, in words. */
  reason?: string;
  /**
   * We are about to cancel the request ourselves. SkipUp's webhook about it may come before the answer to our call, and
   * must not be taken for somebody else's cancellation.
   */
  takingBack: boolean;
  /** ISO 8601; when a booked kickoff stops listening for a late cancellation. */
  closesAt?: string;
  closed: boolean;
}

export function initialState(input: KickoffInput): KickoffState {
  return {
    phase: 'resolving',
    revision: input.revision,
    gapsAccepted: false,
    early: [],
    readWanted: false,
    needs: [],
    asked: 0,
    announced: false,
    takingBack: false,
    queue: [],
    steps: [],
    closed: false,
  };
}

/** A list without steps is no run. */
export function listOf(policy: KickoffPolicy, run: StepRun): StepRun[] {
  return policy.steps[run.list].length === 0 ? [] : [run];
}

/** Sets step lists going. */
export function enqueue(state: KickoffState, runs: StepRun[]): KickoffState {
  return runs.length === 0 ? state : { ...state, queue: [...state.queue, ...runs] };
}

/** Tells a person that the kickoff needs them; the phase stays what it is. */
export function notify(state: KickoffState, policy: KickoffPolicy): KickoffState {
  const asked = state.asked + 1;
  return enqueue({ ...state, asked }, listOf(policy, { list: 'on_attention', occurrence: `${asked}` }));
}

/** The kickoff is off. */
export const ENDED: ReadonlySet<Phase> = new Set<Phase>(['cancelled', 'expired', 'failed']);

/** Failed steps that a person must retry or skip before the kickoff may close. */
export function heldSteps(state: KickoffState): StepRecord[] {
  return state.steps.filter((step) => step.state === 'failed' && step.holds);
}

/** True when no step is running or waiting to run. */
export function stepsSettled(state: KickoffState): boolean {
  return state.queue.length === 0;
}

export function requestStatus(state: KickoffState): string {
  if (state.meeting !== undefined) return meetingStatus(state.meeting);
  return state.request === undefined ? 'none' : 'sending';
}
