import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { wakeKickoffs } from '../../../temporal/index.ts';
import type { ConsoleContext } from '../../context.ts';
import { counted } from '../words.ts';

/** A page is not kept waiting for a Temporal that is not there. */
const PATIENCE_MS = 5_000;

/**
 * Tells the kickoffs of these accounts that the registry has changed. What has been changed holds whether or not they hear
 * of it.
 *
 * @param done what has been done, as a sentence without its full stop
 * @returns that, and how many look again
 */
export async function andTell(
  { database, client, logger }: Pick<ConsoleContext, 'database' | 'client' | 'logger'>,
  accountIds: ReadonlySet<string>,
  done: string,
): Promise<string> {
  try {
    const told = await client.connection.withDeadline(Date.now() + PATIENCE_MS, () =>
      wakeKickoffs({ database, client }, accountIds),
    );
    return told === 0 ? `${done}.` : `${done}; ${counted(told, 'kickoff looks', 'kickoffs look')} again.`;
  } catch (error) {
    if (!(error instanceof ServiceError) && !isGrpcServiceError(error)) throw error;
    logger.warn({ err: error }, 'kickoffs were not told that the registry has changed');
    return `${done}. Temporal cannot be reached: kickoffs without a booking were not told. Send those that wait for people “proceed” when it is back.`;
  }
}
