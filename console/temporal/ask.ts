import { type Client, isGrpcServiceError, QueryNotRegisteredError, WorkflowNotFoundError } from '@temporalio/client';
import type { QueryDefinition } from '@temporalio/common';

/** What a workflow answered, or why it did not, in words that a page can show. */
export type Asked<T> = { answer: T } | { silent: string };

/** A page is not kept waiting for a worker that is not there. */
const PATIENCE_MS = 2_000;

/**
 * Asks a workflow how it stands. It answers through a worker; without one, or without Temporal, the page does with what the
 * database knows and says so.
 *
 * @param patienceMs how long it is waited for an answer
 */
export async function askWorkflow<T>(
  client: Client,
  workflowId: string,
  query: QueryDefinition<T, []>,
  patienceMs = PATIENCE_MS,
): Promise<Asked<T>> {
  try {
    const answer = await client.connection.withDeadline(Date.now() + patienceMs, () =>
      client.workflow.getHandle(workflowId).query(query),
    );
    return { answer };
  } catch (error) {
    return { silent: whySilent(error) };
  }
}

function whySilent(error: unknown): string {
  if (error instanceof WorkflowNotFoundError) {
    return 'Temporal does not know this workflow any more: it has closed and its retention has passed.';
  }
  if (error instanceof QueryNotRegisteredError)
    return 'The workflow was made by a version that cannot say how it stands.';
  const cause = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
  if (isGrpcServiceError(cause)) {
    return 'The workflow did not answer in time: no worker is running, or Temporal cannot be reached.';
  }
  throw error;
}
