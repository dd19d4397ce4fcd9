import { type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { changeOrganizer } from '../../workflows/messages.ts';

/** As much of Temporal's client as is needed. */
export type RunningWorkflows = Pick<Client['workflow'], 'getHandle'>;

/**
 * Names another organizer for one kickoff or recovery. Repeated, it finds the organizer named already.
 *
 * @returns what became of it, in words; an answer of the kickoff never throws
 * @throws what a Temporal that is down throws: the whole is tried again
 */
export async function nameOrganizer(
  workflows: RunningWorkflows,
  workflowId: string,
  to: string,
): Promise<{ workflowId: string; ok: boolean; message: string }> {
  const handle = workflows.getHandle(workflowId);
  try {
    const known = organizerIn(await handle.query('status'));
    if (known === to) return { workflowId, ok: true, message: `${to} is the organizer already.` };
    const message = await handle.executeUpdate(changeOrganizer, { args: [{ email: to }] });
    return { workflowId, ok: true, message };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { workflowId, ok: true, message: 'It has closed.' };
    if (error instanceof WorkflowUpdateFailedError) return { workflowId, ok: false, message: sentenceIn(error) };
    throw error;
  }
}

function organizerIn(status: unknown): string | undefined {
  if (typeof status !== 'object' || status === null || !('organizer' in status)) return undefined;
  const { organizer } = status;
  if (typeof organizer !== 'object' || organizer === null || !('email' in organizer)) return undefined;
  return typeof organizer.email === 'string' ? organizer.email.toLowerCase() : undefined;
}

/** The innermost sentence that was written for a person. */
function sentenceIn(error: Error): string {
  let sentence = error.message;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure) sentence = cause.message;
  }
  return sentence;
}
