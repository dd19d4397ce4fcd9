import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { KICKOFF_TASK_QUEUE, WORKFLOW_TYPES } from '../workflows/messages.ts';

/** The sweep's Schedule in its namespace. */
export const SWEEP_SCHEDULE_ID = 'kickoff-sweep';

/** What was done about a Schedule. */
export type AppliedSchedule = 'created' | 'updated' | 'unchanged' | 'deleted' | 'absent';

/** A Schedule as people ask about it. */
export interface ScheduleView {
  id: string;
  /** What it is for, in words. */
  purpose: string;
  workflowType: string;
  /** Undefined when somebody has given it other times by hand. */
  everyMinutes?: number;
  isPaused: boolean;
  /** What was noted when it was paused or resumed. */
  note?: string;
  nextAt?: Date;
  lastAt?: Date;
  /** The last run's workflow id. */
  lastWorkflowId?: string;
  /** Runs under way. */
  running: number;
}

/**
 * Makes the sweep happen every so many minutes: creates its Schedule, or gives an existing one these times and this
 * action. Whether it is paused, its notes and its policies stay what people have made of them. It may be called by any
 * number of processes at once, and with every start.
 *
 * @param options.everyMinutes 0: no sweeps; the Schedule is deleted
 */
export async function applySweepSchedule(
  client: Client,
  { everyMinutes }: { everyMinutes: number },
): Promise<AppliedSchedule> {
  if (everyMinutes === 0) return await deleteSchedule(client);
  const options = sweepSchedule(everyMinutes);
  try {
    await client.schedule.create(options);
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  const handle = client.schedule.getHandle(SWEEP_SCHEDULE_ID);
  try {
    if (isAsWanted(await handle.describe(), options)) return 'unchanged';
    await handle.update(({ policies, state }) => ({ spec: options.spec, action: options.action, policies, state }));
    return 'updated';
  } catch (error) {
    // Another process has deleted it between the two calls.
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    return await applySweepSchedule(client, { everyMinutes });
  }
}

/** The sweep's Schedule as it is; undefined when there is none. */
export async function describeSweepSchedule(client: Client): Promise<ScheduleView | undefined> {
  try {
    return viewOf(await client.schedule.getHandle(SWEEP_SCHEDULE_ID).describe());
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

function sweepSchedule(everyMinutes: number) {
  return {
    scheduleId: SWEEP_SCHEDULE_ID,
    spec: { intervals: [{ every: everyMinutes * 60_000 }] },
    action: {
      type: 'startWorkflow',
      workflowType: WORKFLOW_TYPES.sweep,
      // Temporal appends the time of the firing.
      workflowId: WORKFLOW_TYPES.sweep,
      taskQueue: KICKOFF_TASK_QUEUE,
      args: [],
      // One that hangs keeps those after it from beginning; its activities end before.
      workflowExecutionTimeout: '2 hours',
      staticSummary: 'What lost webhooks would have said',
    },
    policies: {
      // The next one finds what this one would have found twice.
      overlap: ScheduleOverlapPolicy.SKIP,
      // After an outage of Temporal one sweep is as good as the many that were missed.
      catchupWindow: '1 minute',
      pauseOnFailure: false,
    },
  } satisfies ScheduleOptions;
}

function isAsWanted({ spec, action }: ScheduleDescription, wanted: ReturnType<typeof sweepSchedule>): boolean {
  return (
    intervalMs(spec) === wanted.spec.intervals[0]?.every &&
    action.workflowType === wanted.action.workflowType &&
    action.workflowId === wanted.action.workflowId &&
    action.taskQueue === wanted.action.taskQueue
  );
}

/** The one interval of a Schedule that has no other times. */
function intervalMs({ intervals = [], calendars = [] }: ScheduleDescription['spec']): number | undefined {
  const [interval, ...others] = intervals;
  // The server leaves out an offset of zero, whatever the type says.
  const isPlain = others.length === 0 && calendars.length === 0 && (interval?.offset ?? 0) === 0;
  return isPlain ? interval?.every : undefined;
}

function viewOf({ scheduleId, spec, action, state, info }: ScheduleDescription): ScheduleView {
  const everyMs = intervalMs(spec);
  const last = info.recentActions.at(-1);
  const nextAt = info.nextActionTimes[0];
  return {
    id: scheduleId,
    purpose: 'takes in what lost webhooks would have said',
    workflowType: action.workflowType,
    ...(everyMs === undefined ? {} : { everyMinutes: everyMs / 60_000 }),
    isPaused: state.paused,
    ...(state.note === undefined || state.note === '' ? {} : { note: state.note }),
    ...(nextAt === undefined ? {} : { nextAt }),
    ...(last === undefined ? {} : { lastAt: last.takenAt, lastWorkflowId: last.action.workflow.workflowId }),
    running: info.runningActions.length,
  };
}

async function deleteSchedule(client: Client): Promise<AppliedSchedule> {
  try {
    await client.schedule.getHandle(SWEEP_SCHEDULE_ID).delete();
    return 'deleted';
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return 'absent';
    throw error;
  }
}
