import { type Client, isGrpcServiceError } from '@temporalio/client';
import type { Asked } from './ask.ts';

/** A page is not kept waiting for a Temporal that is not there. */
const PATIENCE_MS = 3_000;

/**
 * Looks something up at Temporal, which no worker needs to answer: lists, descriptions, results of what has closed.
 *
 * @param look what it throws is thrown on, but for Temporal being out of reach
 */
export async function lookUp<T>(client: Client, look: () => Promise<T>, patienceMs = PATIENCE_MS): Promise<Asked<T>> {
  try {
    return { answer: await client.connection.withDeadline(Date.now() + patienceMs, look) };
  } catch (error) {
    const cause = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
    if (isGrpcServiceError(cause)) return { silent: 'Temporal cannot be reached, or did not answer in time.' };
    throw error;
  }
}
