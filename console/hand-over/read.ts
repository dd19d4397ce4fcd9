import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { handOverId } from '../../temporal/index.ts';
import { type HandOverResult, type HandOverStatus, handOverStatus, WORKFLOW_TYPES } from '../../workflows/messages.ts';
import { type Asked, askWorkflow } from '../temporal/ask.ts';
import { lookUp } from '../temporal/look.ts';
import { type Ran, runWorkflow } from '../temporal/run.ts';

/** A hand-over that waits for a name. */
export interface RunningHandOver {
  workflowId: string;
  startedAt: Date;
  status: Asked<HandOverStatus>;
}

const QUERY = `WorkflowType = '${WORKFLOW_TYPES.handOver}' AND ExecutionStatus = 'Running'`;
/** Each that is shown is asked how it stands. */
const MOST = 30;
/** It reads the ledger, and nothing else. */
const LOOK_MS = 15_000;

/** The hand-overs that run, the newest first. */
export async function runningHandOvers(client: Client): Promise<Asked<RunningHandOver[]>> {
  const listed = await lookUp(client, async () => {
    const found: Omit<RunningHandOver, 'status'>[] = [];
    for await (const { workflowId, startTime } of client.workflow.list({ query: QUERY, pageSize: MOST })) {
      // A look that nobody has waited for ends by itself.
      if (!workflowId.includes(':look:')) found.push({ workflowId, startedAt: startTime });
      if (found.length === MOST) break;
    }
    return found;
  });
  if ('silent' in listed) return listed;
  const asked = listed.answer.map(async (each) => ({
    ...each,
    status: await askWorkflow(client, each.workflowId, handOverStatus),
  }));
  return { answer: await Promise.all(asked) };
}

/** What somebody organizes. Nobody is told, and nothing is handed over. */
export async function lookAtOrganizer(client: Client, email: string): Promise<Ran<HandOverResult>> {
  return await runWorkflow<HandOverResult>(client, {
    type: WORKFLOW_TYPES.handOver,
    workflowId: `${handOverId(email)}:look:${randomUUID().slice(0, 8)}`,
    args: [{ email, reason: 'a look from the console', dryRun: true }],
    summary: 'Looks what somebody organizes',
    patienceMs: LOOK_MS,
  });
}
