import type { Resolution, Timeframe } from '../../activities/contract.ts';
import type { KickoffPolicy, StepList } from '../../config/policy.ts';
import { type Meeting, meetingStatus } from '../meeting/lifecycle.ts';
import type { KickoffInput, MeetingEvent, Phase, ReplaceParticipantsCommand, StepStatus } from '../messages.ts';

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
  /** What a person must settle, in words. */
  needs: string[];
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
