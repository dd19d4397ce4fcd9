import {
  type Client,
  isGrpcServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { Refused } from '../action/action.ts';

/** An answer may need SkipUp, which takes its time. */
const PATIENCE_MS = 30_000;

/**
 * Sends a workflow an update and waits for its answer.
 *
 * @param attempt becomes the update's id: sent twice, it is carried out once, and the answer is the same
 * @returns the workflow's sentence
 * @throws {Refused} the workflow's own sentence when it refuses; what to do when nobody answers
 */
export async function tellWorkflow(
  client: Client,
  workflowId: string,
  update: string,
  input: object | undefined,
  attempt: string,
): Promise<string> {
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

function refusal(error: unknown): Refused | undefined {
  if (error instanceof WorkflowUpdateFailedError) return new Refused(sentenceIn(error), { cause: error });
  if (error instanceof WorkflowNotFoundError) {
    return new Refused('It has ended: nothing can be sent to it any more.', { cause: error });
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isUnreachable(error)) {
    return new Refused(
      'Nobody has answered yet: no worker is running, or Temporal cannot be reached. If it was sent, it is carried out as soon as one is; look again before repeating it.',
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
