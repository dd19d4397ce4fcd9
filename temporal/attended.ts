import type { Client } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time.js';

/** A worker asks for tasks at least once a minute. */
const POLLED_WITHIN_MS = 75_000;
/** `TaskQueueType` of workflows. */
const WORKFLOW_QUEUE = 1;
const PATIENCE_MS = 2_000;

/**
 * Whether any worker asks for workflow tasks of a queue. One that has been gone for less than a minute still counts.
 *
 * @returns undefined when it cannot be known: Temporal is out of reach, or the key may not look
 */
export async function isAttended(
  { connection, options: { namespace } }: Pick<Client, 'connection' | 'options'>,
  taskQueue: string,
): Promise<boolean | undefined> {
  const found = await connection
    .withDeadline(Date.now() + PATIENCE_MS, () =>
      connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: taskQueue },
        taskQueueType: WORKFLOW_QUEUE,
      }),
    )
    .catch(() => undefined);
  const since = Date.now() - POLLED_WITHIN_MS;
  return found?.pollers?.some(({ lastAccessTime: at }) => at != null && tsToMs(at) >= since);
}
