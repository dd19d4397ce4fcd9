import { setTimeout as after } from 'node:timers/promises';
import { recordAnswered } from '../../database/index.ts';
import type { Action } from '../action/action.ts';
import type { Attempts } from '../action/attempts.ts';
import type { ConsoleContext } from '../context.ts';
import type { Viewer } from '../visit.ts';
import { attemptIdOf } from './attempt-id.ts';
import { type BulkRun, type Progress, progressOf, progressWords, readRun } from './run.ts';

/** Temporal and SkipUp have more to do than this. */
const AT_ONCE = 8;
/** A server that ends waits so long for what is under way; the rest is gone on with later. */
const FAREWELL_MS = 5_000;

export interface Runner {
  /** Does what is not done of a bulk action yet, in the background of this process. */
  start(run: BulkRun, by: Viewer): void;
  /** Whether this process is at it. */
  isRunning(bulk: string): boolean;
  /** Begins nothing more, and waits a while for what is under way. */
  stop(): Promise<void>;
}

export function createRunner(
  { database, logger }: Pick<ConsoleContext, 'database' | 'logger'>,
  attempts: Attempts,
  actions: readonly Action[],
): Runner {
  const running = new Map<string, Promise<void>>();
  let isStopping = false;

  async function makeAll(run: BulkRun, by: Viewer): Promise<void> {
    const action = actions.find(({ name }) => name === run.action);
    if (action === undefined) return;
    const waiting = run.input.ids.filter((id) => (run.made.get(id)?.outcome ?? null) === null);
    const makeNext = async (): Promise<void> => {
      for (let id = waiting.shift(); id !== undefined && !isStopping; id = waiting.shift()) {
        await attempts.makeAgain({
          attempt: attemptIdOf(run.bulk, id),
          action,
          on: id,
          posted: run.input.fields,
          by,
          zone: run.input.zone,
          reason: run.asked.reason ?? '',
          bulk: run.bulk,
        });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, makeNext));
    if (!isStopping) await answer(run.bulk, by);
  }

  async function answer(bulk: string, by: Viewer): Promise<void> {
    const run = await readRun(database, bulk);
    if (run === undefined) return;
    const progress = progressOf(run);
    await recordAnswered(database.db, {
      attempt: bulk,
      subject: by.subject,
      name: by.name,
      role: by.role,
      action: run.asked.action,
      target: run.asked.target,
      bulk,
      outcome: outcomeOf(progress),
      answer: `Of ${progress.total}: ${progressWords(progress)}.`,
    });
  }

  return {
    start(run, by) {
      if (isStopping || running.has(run.bulk)) return;
      const ended = makeAll(run, by)
        .catch((err) =>
          // What was not done stays so, and the page offers to go on.
          logger.error({ err, bulk: run.bulk, action: run.action }, 'a bulk action stopped in the middle'),
        )
        .finally(() => running.delete(run.bulk));
      running.set(run.bulk, ended);
    },
    isRunning: (bulk) => running.has(bulk),
    async stop() {
      isStopping = true;
      const timer = new AbortController();
      const patience = after(FAREWELL_MS, undefined, { signal: timer.signal }).catch(() => undefined);
      await Promise.race([Promise.all(running.values()), patience]);
      timer.abort();
    },
  };
}

function outcomeOf({ total, done, refused }: Progress): 'done' | 'refused' | 'failed' {
  if (done > 0) return 'done';
  return refused === total ? 'refused' : 'failed';
}
