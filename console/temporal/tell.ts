import {
  type Client,
  isGrpcServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { isAttended } from '../../temporal/index.ts';
import { KICKOFF_TASK_QUEUE } from '../../workflows/messages.ts';
import { Refused, Unanswered } from '../action/action.ts';

/** An answer may need SkipUp, which takes its time. */
const PATIENCE_MS = 30_000;

/**
 * Sends a workflow an update and waits for its answer. Where no worker runs nothing is sent: Temporal would keep it for
 * moments only.
 *
 * @param attempt becomes the update's id: sent twice, it is carried out once, and the answer is the same
 * @returns the workflow's sentence
 * @throws {Refused} the workflow's own sentence when it refuses; what to do when there is nobody to send it to
 * @throws {Unanswered} when it was sent and nobody has answered
 */
export async function tellWorkflow(
  client: Client,
  workflowId: string,
  update: string,
  input: object | undefined,
  attempt: string,
): Promise<string> {
  if ((await isAttended(client, KICKOFF_TASK_QUEUE)) === false) {
    throw new Refused('No worker is running, so nothing was sent. Start one (kickoff worker) and do it again.');
  }
  try {
    return await client.connection.withDeadline(Date.now() + PATIENCE_MS, () => {
      const handle = client.workflow.getHandle(workflowId);
      return input === undefined
        ? handle.executeUpdate<string, []>(update, { updateId: attempt })
        : handle.executeUpdate<string, [object]>(update, { args: [input], updateId: attempt });
    });
  } catch (error) {
    throw refusal(error) ?? error;
  }
}

/** What a failed update means for whoever asked; undefined: a fault of ours. */
export function refusal(error: unknown): Refused | Unanswered | undefined {
  if (error instanceof WorkflowUpdateFailedError) return new Refused(sentenceIn(error), { cause: error });
  if (error instanceof WorkflowNotFoundError) {
    return new Refused('It has ended: nothing can be sent to it any more.', { cause: error });
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isUnreachable(error)) {
    return new Unanswered(
      'Nobody has answered yet: the workers are busy or gone, or Temporal cannot be reached. It may still be carried out; look how it stands before you do it again.',
      { cause: error },
    );
  }
  return undefined;
}

function isUnreachable(error: unknown): boolean {
  return isGrpcServiceError(error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error);
}

/** The innermost sentence that was written for a person. */
function sentenceIn(error: Error): string {
  let sentence = error.message;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure) sentence = cause.message;
  }
  return sentence;
}
