import { z } from 'zod';
import { CrmError } from '../../crm/index.ts';
import type { Database } from '../../database/index.ts';
import type { PushBack, StartBackfillInput, StartedBackfill } from '../contract.ts';
import { EvenPace, type PaceClock } from './even-pace.ts';
import { isOfTheDeal } from './of-the-deal.ts';
import { pushBackOf } from './push-back.ts';
import { WayToSkipUp } from './way.ts';

/** Reading a deal or lead is some four calls to the CRM: some at once keep up with any rate that SkipUp takes. */
const AT_ONCE = 8;

/** How far a batch has got: what a next attempt begins with. */
export const batchProgressSchema = z.object({
  /** Deals that are done with, however it ended. */
  handled: z.array(z.string()),
  started: z.int(),
  skipped: z.record(z.string(), z.int()),
  failed: z.array(z.object({ dealId: z.string(), reason: z.string() })),
});
export type BatchProgress = z.infer<typeof batchProgressSchema>;

export interface BatchStarting {
  database: Database;
  /** Starts what is to be started for one deal or lead. It is not interrupted: it takes a second. */
  start(id: string): Promise<Outcome>;
  /** So many kickoffs and recoveries of backfills may be on their way to SkipUp. */
  inFlight: number;
  clock: PaceClock;
  signal: AbortSignal;
  /** How far an attempt before this one had got. */
  resumed: BatchProgress | undefined;
  /** Says how far it has got. */
  note(progress: BatchProgress): void;
}

/** What became of one; `begun`: how many kickoffs or recoveries, its workstreams' among them. */
export type Outcome =
  | { started: true; begun: number }
  | { skipped: string }
  | { failed: string }
  | { pushBack: PushBack };

/**
 * Starts the kickoffs or recoveries of one batch at an even pace, never more than SkipUp takes in. It ends early when somebody pushes
 * back or the signal aborts, and says what is left; what has been begun is finished first.
 *
 * @throws what is no single deal's fault (database, Temporal): the batch is to be tried again, from where it had got to
 */
export async function startBatch(starting: BatchStarting, input: StartBackfillInput): Promise<StartedBackfill> {
  const { clock, signal } = starting;
  const progress: BatchProgress = starting.resumed ?? { handled: [], started: 0, skipped: {}, failed: [] };
  const handled = new Set(progress.handled);
  const waiting = input.dealIds.filter((dealId) => !handled.has(dealId));
  const running = new Map<string, Promise<void>>();
  const pace = new EvenPace(input.perMinute, clock);
  const way = new WayToSkipUp(starting.database, starting.inFlight, clock, () => running.size);
  let pushBack: PushBack | undefined;
  let trouble: { error: unknown } | undefined;

  const handle = async (dealId: string) => {
    try {
      const outcome = await starting.start(dealId).catch(outcomeOf);
      if ('pushBack' in outcome) {
        pushBack ??= outcome.pushBack;
        return;
      }
      if ('started' in outcome) {
        progress.started += 1;
        pace.owe(outcome.begun - 1);
      } else if ('failed' in outcome) progress.failed.push({ dealId, reason: outcome.failed });
      else progress.skipped[outcome.skipped] = (progress.skipped[outcome.skipped] ?? 0) + 1;
      progress.handled.push(dealId);
      starting.note(progress);
    } catch (error) {
      trouble ??= { error };
    } finally {
      running.delete(dealId);
    }
  };

  try {
    for (const dealId of waiting) {
      await pace.turn(signal);
      const stuck = await way.enter(signal);
      if (stuck !== undefined) {
        const [one, many] = input.plan.of === 'leads' ? ['recovery', 'recoveries'] : ['kickoff', 'kickoffs'];
        const wait = stuck.waiting === 1 ? `a ${one} waits` : `${stuck.waiting} ${many} wait`;
        pushBack ??= { reason: `SkipUp does not take in requests at the moment: ${wait}.` };
      }
      while (running.size >= AT_ONCE) await Promise.race(running.values());
      if (pushBack !== undefined || trouble !== undefined || signal.aborted) break;
      running.set(dealId, handle(dealId));
    }
    // The next batch begins with a turn of its own.
    if (pushBack === undefined && trouble === undefined) await pace.turn(signal);
  } catch (error) {
    if (!signal.aborted) trouble ??= { error };
  }
  await Promise.all(running.values());
  if (trouble !== undefined) throw trouble.error;
  const { started, skipped, failed } = progress;
  const done = new Set(progress.handled);
  const rest = input.dealIds.filter((dealId) => !done.has(dealId));
  return { started, skipped, failed, rest, ...(pushBack !== undefined && { pushBack }) };
}

/** @throws what is no single deal's fault */
function outcomeOf(error: unknown): Outcome {
  if (error instanceof CrmError) {
    // A token that is not accepted fails them all: a person mends it, and the backfill goes on.
    const isForAll = error.retryable || error.code === 'unauthorized' || error.code === 'configuration';
    return isForAll ? { pushBack: pushBackOf(error) } : { failed: error.message };
  }
  if (!isOfTheDeal(error)) throw error;
  return { failed: error instanceof Error ? error.message : String(error) };
}
