import { createHash } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { KickoffPolicy } from '../config/policy.ts';
import { type HandOverInput, handOverWorkflowId, KICKOFF_TASK_QUEUE, WORKFLOW_TYPES } from '../workflows/messages.ts';

/** Hex digits of the digest: enough to tell people apart, and no address. */
const DIGITS = 16;

/** The id under which somebody's kickoffs are handed over. @param email in any casing */
export function handOverId(email: string): string {
  return handOverWorkflowId(createHash('sha256').update(email.trim().toLowerCase()).digest('hex').slice(0, DIGITS));
}

/** @returns the workflow's id; a hand-over of the same person that runs is joined */
export type StartHandOver = (input: Pick<HandOverInput, 'email' | 'reason'>) => Promise<string>;

export function handOverStarter({
  client,
  policy,
}: {
  client: Client;
  policy: Pick<KickoffPolicy, 'remindAfterDays'>;
}): StartHandOver {
  return async ({ email, reason }) => {
    const workflowId = handOverId(email);
    const input: HandOverInput = { email, reason, remindAfterDays: policy.remindAfterDays };
    await client.workflow.start(WORKFLOW_TYPES.handOver, {
      workflowId,
      taskQueue: KICKOFF_TASK_QUEUE,
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: 'Hands over what somebody organizes',
      args: [input],
    });
    return workflowId;
  };
}
