import { type Client, WorkflowFailedError } from '@temporalio/client';
import { KICKOFF_TASK_QUEUE, type WORKFLOW_TYPES } from '../workflows/messages.ts';
import { CliError } from './errors.ts';

/**
 * Runs once, now, what mostly a Schedule starts.
 *
 * @returns what the workflow found
 * @throws CliError with the sentence of why it failed
 */
export async function runByHand<Report>(
  client: Client,
  workflowType: (typeof WORKFLOW_TYPES)['sweep' | 'catchUp'],
): Promise<Report> {
  try {
    return await client.workflow.execute<() => Promise<Report>>(workflowType, {
      workflowId: `${workflowType}:by-hand`,
      // Who asks while one is running hears what that one finds.
      workflowIdConflictPolicy: 'USE_EXISTING',
      taskQueue: KICKOFF_TASK_QUEUE,
      workflowExecutionTimeout: '2 hours',
    });
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    throw new CliError(error.cause?.message ?? error.message, { cause: error });
  }
}
