import { ApplicationFailure, Context, log } from '@temporalio/activity';
import type { z } from 'zod';
import { type Database, recordSweep, recordSweepProblem } from '../../database/index.ts';
import { SkipUpError } from '../../skipup/index.ts';

/** What a part of the sweep works with while it runs. */
export interface PartRun<Progress> {
  /** Aborts when the activity is cancelled. */
  signal: AbortSignal;
  /** How far an attempt before this one had got. */
  resumed: Progress | undefined;
  /** Says how far it has got: a next attempt begins there. */
  note(progress: Progress): void;
}

export interface PartOptions<Progress, Findings> {
  part: string;
  database: Database;
  progress: z.ZodType<Progress>;
  now: () => Date;
  work(run: PartRun<Progress>): Promise<Findings>;
}

/** The heartbeat's time-out is 30 s. */
const HEARTBEAT_MS = 5_000;

/**
 * Runs one part of the sweep as an activity: with heartbeats that carry its progress, under the activity's cancellation,
 * with SkipUp's errors in Temporal's terms, and with a row in the database that says what it found.
 */
export async function sweepPart<Progress, Findings extends object>(
  options: PartOptions<Progress, Findings>,
): Promise<Findings> {
  const { part, database, now } = options;
  const context = Context.current();
  const signal = context.cancellationSignal;
  const before = options.progress.safeParse(context.info.heartbeatDetails);
  let progress: Progress | undefined = before.success ? before.data : undefined;
  const heartbeat = setInterval(() => context.heartbeat(progress), HEARTBEAT_MS);
  try {
    const findings = await options.work({
      signal,
      resumed: progress,
      note(reached) {
        progress = reached;
        context.heartbeat(reached);
      },
    });
    await recordSweep(database.db, { part, sweptAt: now(), findings });
    return findings;
  } catch (error) {
    signal.throwIfAborted();
    const problem = error instanceof Error ? error.message : String(error);
    await recordSweepProblem(database.db, { part, sweptAt: now(), problem }).catch((err: unknown) => {
      log.warn('the sweep’s problem could not be recorded', { part, error: err });
    });
    throw failureOf(error);
  } finally {
    clearInterval(heartbeat);
  }
}

/** SkipUp's error: what a person must mend is not tried again before the next sweep; a 429 says when to come back. */
function failureOf(error: unknown): unknown {
  if (!(error instanceof SkipUpError)) return error;
  return ApplicationFailure.create({
    message: error.message,
    type: `SkipUp.${error.code}`,
    nonRetryable: !error.retryable,
    cause: error,
    ...(error.retryAfterMs === undefined ? {} : { nextRetryDelay: error.retryAfterMs }),
  });
}
