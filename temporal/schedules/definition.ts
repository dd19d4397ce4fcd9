import type { ScheduleOverlapPolicy } from '@temporalio/client';
import { WORKFLOW_TYPES } from '../../workflows/messages.ts';

/** What every Schedule of Kickoff is called by: `kickoff-<what for>`. */
const ID_PREFIX = 'kickoff-';
export const SWEEP_SCHEDULE_ID = `${ID_PREFIX}sweep`;
export const CATCH_UP_SCHEDULE_ID = `${ID_PREFIX}catch-up`;

/** The id of the Schedule for an entry of `backfill.schedules`. */
export function backfillScheduleId(name: string): string {
  return `${ID_PREFIX}backfill-${name}`;
}

/** What a Schedule does and when: everything of it that the configuration and this version of Kickoff decide. */
export interface ScheduleDefinition {
  /** In words, one for one: `every 5 min`; what has been set by hand in another way is told as JSON. */
  times: string;
  workflowType: string;
  /** Temporal appends the time of the firing. */
  workflowId: string;
  taskQueue: string;
  input: unknown[];
  /** What happens at a firing while the run before it is still under way. */
  overlap: ScheduleOverlapPolicy;
  /** Milliseconds; 0: no limit. */
  executionTimeoutMs: number;
  runTimeoutMs: number;
  summary: string;
}

/** A Schedule that the configuration asks for. */
export interface WantedSchedule {
  id: string;
  everyMs: number;
  definition: ScheduleDefinition;
  /** Milliseconds that a firing may be late after an outage of Temporal. Given once; then it is whose turns the knobs. */
  catchupWindowMs: number;
}

/** A Schedule as Temporal has it. */
export interface FoundSchedule {
  id: string;
  definition: ScheduleDefinition;
  /** What people make of it, and keep. */
  byHand: { isPaused: boolean; note?: string; catchupWindowMs: number; pauseOnFailure: boolean };
}

/** Whether a Schedule is one of Kickoff's: its id and its workflow say so. All others are nobody's business here. */
export function isOurs({ id, workflowType }: { id: string; workflowType: string }): boolean {
  return id.startsWith(ID_PREFIX) && SCHEDULED_TYPES.has(workflowType);
}

const SCHEDULED_TYPES: ReadonlySet<string> = new Set([
  WORKFLOW_TYPES.sweep,
  WORKFLOW_TYPES.catchUp,
  WORKFLOW_TYPES.backfill,
]);
