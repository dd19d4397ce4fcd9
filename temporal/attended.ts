import { type Client, isGrpcServiceError } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time.js';

/** A worker asks for tasks at least once a minute. */
const POLLED_WITHIN_MS = 75_000;
/** `TaskQueueType` of workflows. */
const WORKFLOW_QUEUE = 1;
const PATIENCE_MS = 2_000;
/** gRPC's codes for "too late" and "not there". */
const UNREACHABLE_CODES = [4, 14];

type Asked = Pick<Client, 'connection' | 'options'>;

/**
 * Whether any worker asks for workflow tasks of a queue. One that has been gone for less than a minute still counts.
 *
 * @returns undefined when it cannot be known: Temporal is out of reach, or the key may not look
 */
export async function isAttended(client: Asked, taskQueue: string): Promise<boolean | undefined> {
  const attendance = await attendanceOf(client, taskQueue);
  return attendance === 'attended' ? true : attendance === 'unattended' ? false : undefined;
}

/** The same, and why it cannot be known: `unknown` where the key may not look. */
export async function attendanceOf(
  { connection, options: { namespace } }: Asked,
  taskQueue: string,
): Promise<'attended' | 'unattended' | 'unreachable' | 'unknown'> {
  try {
    const { pollers } = await connection.withDeadline(Date.now() + PATIENCE_MS, () =>
      connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: taskQueue },
        taskQueueType: WORKFLOW_QUEUE,
      }),
    );
    const since = Date.now() - POLLED_WITHIN_MS;
    const asking = pollers?.some(({ lastAccessTime: at }) => at != null && tsToMs(at) >= since);
    return asking === undefined ? 'unknown' : asking ? 'attended' : 'unattended';
  } catch (error) {
    return isGrpcServiceError(error) && UNREACHABLE_CODES.includes(error.code) ? 'unreachable' : 'unknown';
  }
}
