import { Context } from '@temporalio/activity';

/** Well below the heartbeat's time-out, which is 10 s. */
const EVERY_MS = 2_000;

/**
 * Runs a step's work with heartbeats: its cancellation is heard with their answer, and a worker that has died is missed. A
 * local activity has four seconds, and hears without.
 *
 * @returns what the work returned, even when it had been told to end
 * @throws the cancellation, when the work has failed after it was told to end; else what the work throws
 */
export async function whileItSpeaks<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const heartbeat = context.info.isLocal ? undefined : setInterval(() => context.heartbeat(), EVERY_MS);
  try {
    return await work();
  } catch (error) {
    // However it says so: a step that was stopped has not failed.
    context.cancellationSignal.throwIfAborted();
    throw error;
  } finally {
    clearInterval(heartbeat);
  }
}
