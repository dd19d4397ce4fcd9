import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import { status } from '../workflows/messages.ts';

/** The memo in which a run says with which revision it began. */
export const REVISION_MEMO = 'kickoffRevision';

/** Whether a kickoff's workflow is open: one that fell through may still be running its last steps. */
export async function isFormerRunOpen(client: Client, workflowId: string): Promise<boolean> {
  return (await described(client, workflowId))?.status.name === 'RUNNING';
}

/**
 * Which run there is under a kickoff's workflow id.
 *
 * @returns `this`: one of this revision, open or closed; `former`: an earlier revision's, still open; `none`: the way is
 *   free
 * @throws Temporal's errors; also when no worker answers for a run that does not say its revision
 */
export async function runOfRevision(
  client: Client,
  workflowId: string,
  revision: number,
): Promise<'none' | 'this' | 'former'> {
  const run = await described(client, workflowId);
  if (run === undefined) return 'none';
  const began = run.memo?.[REVISION_MEMO];
  if (typeof began === 'number' && began >= revision) return 'this';
  if (run.status.name !== 'RUNNING') return 'none';
  // A run takes its next revision by itself too (other participants), and older versions wrote no memo.
  const { revision: current } = await client.workflow.getHandle(workflowId).query(status);
  return current >= revision ? 'this' : 'former';
}

async function described(client: Client, workflowId: string): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
