import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, isGrpcServiceError, WorkflowFailedError } from '@temporalio/client';
import { TimeoutFailure } from '@temporalio/common';
import { isAttended } from '../temporal/index.ts';
import { KICKOFF_TASK_QUEUE } from '../workflows/messages.ts';
import { CliError } from './errors.ts';

/** A worker that is there answers in seconds; after so long it is looked whether there is one, and again. */
const PATIENCE_MS = 10_000;
/** gRPC's codes for "not as things are", which Temporal answers when nobody has asked for tasks lately, and for "too late". */
const NOBODY_ANSWERS = [9, 4];

/**
 * Asks a workflow something that only a worker can answer. Without one Temporal's client would wait for ever; with one it may
 * have a lot to do.
 *
 * @param about whom is asked: "the kickoff"
 * @throws CliError that says to start a worker, when there is none; whatever `call` throws
 */
export async function answeredByWorker<T>(
  client: Pick<Client, 'connection' | 'options'>,
  about: string,
  call: () => Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const answered = new AbortController();
  try {
    return await Promise.race([call(), missed(client, patienceMs, answered.signal)]);
  } catch (error) {
    if (!isNobody(error)) throw error;
    throw new CliError(`No worker answers for ${about}. Start one: kickoff worker`, { cause: error });
  } finally {
    answered.abort();
  }
}

/** Nobody asks for tasks. */
class NoWorker extends Error {}

/** @throws NoWorker as soon as there is none; never ends otherwise */
async function missed(
  client: Pick<Client, 'connection' | 'options'>,
  patienceMs: number,
  signal: AbortSignal,
): Promise<never> {
  for (;;) {
    // What has been answered is waited for no more; nobody looks at how this ends then.
    await sleep(patienceMs, undefined, { signal });
    if ((await isAttended(client, KICKOFF_TASK_QUEUE)) === false) throw new NoWorker();
  }
}

function isNobody(error: unknown): boolean {
  if (error instanceof NoWorker) return true;
  if (error instanceof WorkflowFailedError) return error.cause instanceof TimeoutFailure;
  const cause = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
  return isGrpcServiceError(cause) && NOBODY_ANSWERS.some((code) => code === cause.code);
}
