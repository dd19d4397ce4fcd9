import { randomUUID } from 'node:crypto';
import { type Client, isGrpcServiceError, type ScheduleDescription } from '@temporalio/client';
import {
  encodeScheduleAction,
  encodeSchedulePolicies,
  encodeScheduleSpec,
} from '@temporalio/client/lib/schedule-helpers.js';
import { actionOf } from './action.ts';
import type { WantedSchedule } from './definition.ts';

/** gRPC status codes; the SDK does not export them. */
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;
const ABORTED = 10;

/**
 * Gives a Schedule its wanted times, action and overlap policy. The SDK's own `update` reads and writes without the
 * conflict token, so that somebody who pauses the Schedule in between would find it running; here Temporal drops the write
 * when the Schedule is not the described one any more. It may do so silently: read it again.
 *
 * @param description as it was read
 * @returns false when it was certainly not written
 */
export async function rewriteSchedule(
  client: Client,
  { scheduleId, raw }: ScheduleDescription,
  { everyMs, definition }: WantedSchedule,
): Promise<boolean> {
  const { namespace, identity, loadedDataConverter } = client.options;
  const action = await encodeScheduleAction(
    loadedDataConverter,
    namespace,
    actionOf(definition),
    raw.schedule?.action?.startWorkflow?.header?.fields ?? {},
  );
  const { overlapPolicy } = encodeSchedulePolicies({ overlap: definition.overlap });
  try {
    await client.workflowService.updateSchedule({
      namespace,
      scheduleId,
      identity,
      requestId: randomUUID(),
      conflictToken: raw.conflictToken ?? null,
      schedule: {
        spec: encodeScheduleSpec({ intervals: [{ every: everyMs }] }),
        action,
        policies: { ...raw.schedule?.policies, overlapPolicy: overlapPolicy ?? null },
        state: raw.schedule?.state ?? null,
      },
    });
    return true;
  } catch (error) {
    if (isGrpcServiceError(error) && (error.code === NOT_FOUND || isConflict(error))) return false;
    throw error;
  }
}

/** Servers that check the token before they answer say so in one of these ways. */
function isConflict({ code, details }: { code: number; details: string }): boolean {
  return code === FAILED_PRECONDITION || code === ABORTED || (code === INVALID_ARGUMENT && /conflict/i.test(details));
}
