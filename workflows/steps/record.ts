/** One step of one run, as the state machine remembers it. */
import type { StepOutcome } from '../../activities/contract.ts';
import type { Step, StepList } from '../../config/policy.ts';
import type { StepStatus } from '../messages.ts';

/** The configured lists; one that is absent is empty. */
export type StepLists = Partial<Record<StepList, readonly Step[]>>;

/** Which run of which list a step's record belongs to. */
export interface RunName {
  list: StepList;
  occurrence: string;
}

/** A step's state, with the run it belongs to. */
export interface StepRecord extends StepStatus {
  list: StepList;
  occurrence: string;
  /** Its failure waits for a person. */
  holds: boolean;
  revision: number;
  /** What it made. It stays when that is taken back. */
  outcome?: StepOutcome;
  /** The how-manieth of all steps it was to be done. */
  order?: number;
  /** The child workflow that it has started. */
  child?: { workflowId: string };
  /** What it was for fell through while it was running, or before it was its turn. */
  stopped?: 'running' | 'waiting';
  /** A step before it has failed and holds: it runs when that is retried, or skipped by a person. */
  heldBack?: true;
  /** The step whose failure it was skipped for. */
  droppedFor?: string;
  /** Taking back what it made has failed. */
  undoFailed?: true;
  /** Of a revision that is over: nobody need retry it. */
  past?: true;
}

export function isOf(step: StepRecord, run: RunName): boolean {
  return step.list === run.list && step.occurrence === run.occurrence;
}
