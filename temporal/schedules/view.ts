import { type Client, type ScheduleDescription, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { WORKFLOW_TYPES } from '../../workflows/messages.ts';
import { reasonOf } from '../errors.ts';
import { foundSchedule, intervalMs } from './found.ts';
import { readSchedules } from './read.ts';

/** A Schedule as people ask about it. */
export interface ScheduleView {
  id: string;
  /** What it is for, in words. */
  purpose: string;
  workflowType: string;
  /** In words. */
  times: string;
  /** Undefined when somebody has given it other times by hand. */
  everyMinutes?: number;
  isPaused: boolean;
  /** What was noted when it was paused or resumed. */
  note?: string;
  nextAt?: Date;
  last?: LastRun;
  /** Runs under way. */
  running: number;
}

/** What became of a Schedule's last run. */
export interface LastRun {
  at: Date;
  workflowId: string;
  /** `forgotten`: Temporal's retention has passed over it. */
  outcome: 'running' | 'completed' | 'failed' | 'forgotten';
  /** Why it failed. */
  reason?: string;
}

/**
 * Kickoff's Schedules as they are.
 *
 * @param ids those that the configuration names; others are found by Temporal's list, which runs behind what happens
 */
export async function listSchedules(client: Client, ids: readonly string[] = []): Promise<ScheduleView[]> {
  const views: ScheduleView[] = [];
  for (const description of await readSchedules(client, ids)) {
    const purpose = purposeOf(description);
    if (purpose !== undefined) views.push(await viewOf(client, description, purpose));
  }
  return views;
}

async function viewOf(client: Client, description: ScheduleDescription, purpose: string): Promise<ScheduleView> {
  const { scheduleId, spec, action, state, info } = description;
  const everyMs = intervalMs(spec);
  const taken = info.recentActions.at(-1);
  const nextAt = state.paused ? undefined : info.nextActionTimes[0];
  return {
    id: scheduleId,
    purpose,
    workflowType: action.workflowType,
    times: foundSchedule(description).definition.times,
    ...(everyMs === undefined ? {} : { everyMinutes: everyMs / 60_000 }),
    isPaused: state.paused,
    ...(state.note === undefined || state.note === '' ? {} : { note: state.note }),
    ...(nextAt === undefined ? {} : { nextAt }),
    ...(taken === undefined
      ? {}
      : { last: await lastRun(client, { at: taken.takenAt, workflowId: taken.action.workflow.workflowId }) }),
    running: info.runningActions.length,
  };
}

async function lastRun(client: Client, run: { at: Date; workflowId: string }): Promise<LastRun> {
  const handle = client.workflow.getHandle(run.workflowId);
  try {
    const { status } = await handle.describe();
    if (status.name === 'COMPLETED') return { ...run, outcome: 'completed' };
    if (status.name === 'RUNNING') return { ...run, outcome: 'running' };
    await handle.result();
    return { ...run, outcome: 'completed' };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { ...run, outcome: 'forgotten' };
    if (error instanceof WorkflowFailedError)
      return { ...run, outcome: 'failed', reason: reasonOf(error.cause ?? error) };
    throw error;
  }
}

/** Undefined for a Schedule that is none of Kickoff's. */
function purposeOf({ action }: ScheduleDescription): string | undefined {
  switch (action.workflowType) {
    case WORKFLOW_TYPES.sweep:
      return 'takes in what lost webhooks would have said';
    case WORKFLOW_TYPES.catchUp:
      return 'takes in deals that were won and told nobody';
    case WORKFLOW_TYPES.backfill:
      return action.staticSummary ?? 'starts kickoffs for historical deals';
    default:
      return undefined;
  }
}
