import { type Client, isGrpcServiceError, ScheduleNotFoundError } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time.js';
import { KICKOFF_TASK_QUEUE, SKIPUP_TASK_QUEUE, WORKFLOW_TYPES } from '../../workflows/messages.ts';

/** A Schedule, as far as the overview tells of it. */
export interface ScheduleState {
  isPaused: boolean;
  note: string;
  everyMinutes: number | undefined;
}

/** What Temporal says of itself and of what runs there; what could not be asked is undefined. */
export type TemporalState =
  | { isReachable: false }
  | {
      isReachable: true;
      /** Task queues, and whether a worker asks them for tasks. */
      queues: { name: string; isAttended: boolean }[];
      /** Ids of backfills that run; the first few. */
      backfills: string[] | undefined;
      sweep: ScheduleState | undefined;
      catchUp: ScheduleState | undefined;
    };

/** The page is not kept waiting by a Temporal that is not there. */
const PATIENCE_MS = 1_000;
/** A worker asks for tasks at least once a minute. */
const POLLED_WITHIN_MS = 75_000;
/** `TaskQueueType` */
const WORKFLOWS = 1;
const ACTIVITIES = 2;
const BACKFILLS_SHOWN = 10;

/** Asks Temporal how it stands. Never throws for a Temporal that is not there, or a key that may not ask. */
export async function readTemporal(client: Client): Promise<TemporalState> {
  const { connection } = client;
  const asked = await connection.withDeadline(
    Date.now() + PATIENCE_MS,
    async () =>
      await Promise.all([
        silentIfUnable(isAttended(client, KICKOFF_TASK_QUEUE, WORKFLOWS)),
        silentIfUnable(isAttended(client, SKIPUP_TASK_QUEUE, ACTIVITIES)),
        silentIfUnable(runningBackfills(client)),
        silentIfUnable(scheduleState(client, 'kickoff-sweep')),
        silentIfUnable(scheduleState(client, 'kickoff-catch-up')),
      ]),
  );
  const [workflows, activities, backfills, sweep, catchUp] = asked;
  if (asked.every((answer) => answer === undefined)) return { isReachable: false };
  const queues = [
    ...(workflows === undefined ? [] : [{ name: KICKOFF_TASK_QUEUE, isAttended: workflows }]),
    ...(activities === undefined ? [] : [{ name: SKIPUP_TASK_QUEUE, isAttended: activities }]),
  ];
  return { isReachable: true, queues, backfills, sweep, catchUp };
}

async function isAttended({ connection, options }: Client, name: string, taskQueueType: 1 | 2): Promise<boolean> {
  const { namespace } = options;
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name },
    taskQueueType,
  });
  const since = Date.now() - POLLED_WITHIN_MS;
  return (pollers ?? []).some(({ lastAccessTime: at }) => at != null && tsToMs(at) >= since);
}

async function runningBackfills({ connection, options }: Client): Promise<string[]> {
  const { executions } = await connection.workflowService.listWorkflowExecutions({
    namespace: options.namespace,
    pageSize: BACKFILLS_SHOWN,
    query: `WorkflowType = '${WORKFLOW_TYPES.backfill}' and ExecutionStatus = 'Running'`,
  });
  return (executions ?? []).flatMap(({ execution }) => execution?.workflowId ?? []);
}

/** @returns undefined when there is none: the demo has none */
async function scheduleState(client: Client, id: string): Promise<ScheduleState | undefined> {
  try {
    const { state, spec } = await client.schedule.getHandle(id).describe();
    const every = spec.intervals?.[0]?.every;
    return {
      isPaused: state.paused,
      note: state.note ?? '',
      everyMinutes: every === undefined ? undefined : every / 60_000,
    };
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

/** What Temporal cannot be asked, or may not, leaves a gap on the page and nothing else. */
async function silentIfUnable<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    const cause = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
    if (isGrpcServiceError(cause)) return undefined;
    throw error;
  }
}
