import { ApplicationFailure, Context, log } from '@temporalio/activity';
import { z } from 'zod';
import { type Crm, CrmError, type CrmName } from '../../crm/index.ts';
import { type Database, lastCatchUps, recordCatchUp, recordCatchUpProblem } from '../../database/index.ts';
import type { CatchUpReport, CaughtUp } from '../../workflows/messages.ts';
import type { CatchUpActivities } from '../contract.ts';
import { type Found, isAskable, type Look, lookForWonDeals, nothingFound } from './look.ts';
import { lookForLostDeals, type Rounds } from './lost-deals.ts';

export interface CatchUpDependencies {
  crms: Partial<Record<CrmName, Crm>>;
  database: Database;
  /** How far each look goes back before the last one, in minutes: a CRM's search runs behind its deals. Default 30. */
  catchUpOverlapMinutes?: number | undefined;
  /** The clock, for tests. */
  now?: (() => Date) | undefined;
}

/** The heartbeat's time-out is 30 s. */
const HEARTBEAT_MS = 5_000;

/** What of a look is kept for the next one, among its findings. */
const keptSchema = z.object({ rounds: z.object({ after: z.string().optional() }) });

/** Asks the CRMs what their webhooks have not told. What is found goes into the inbox alone: the relay does the rest. */
export function catchUpActivities(dependencies: CatchUpDependencies): CatchUpActivities {
  const { database } = dependencies;
  const now = dependencies.now ?? (() => new Date());
  const overlapMs = (dependencies.catchUpOverlapMinutes ?? 30) * 60_000;
  return {
    async catchUpDeals() {
      const context = Context.current();
      const signal = context.cancellationSignal;
      const heartbeat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
      try {
        const askable = Object.values(dependencies.crms).filter(isAskable);
        // At the same time, so that one with much to tell keeps no other waiting; and all to their end.
        const looks = await Promise.allSettled(
          askable.map((crm) => lookThrough({ crm, database, overlapMs, now, signal })),
        );
        signal.throwIfAborted();
        return reportOf(looks.map(settled));
      } finally {
        clearInterval(heartbeat);
      }
    },
  };
}

interface Looked {
  /** Absent when the look broke off. */
  caughtUp?: CaughtUp;
  /** In words, with what to do. */
  problem?: string;
  error?: CrmError;
}

/** @throws what is no CRM's fault, such as the database's */
async function lookThrough(look: Look): Promise<Looked> {
  const { crm, database, signal } = look;
  const lookedAt = look.now();
  const found = nothingFound(crm.name, lookedAt);
  const rounds: Rounds = await lastRounds(database, crm.name);
  try {
    await lookForWonDeals(look, found);
    await lookForLostDeals(look, found, rounds);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof CrmError)) throw error;
    const problem = problemOf(error, found);
    await recordCatchUpProblem(database.db, { crm: crm.name, lookedAt, problem, findings: { rounds } });
    log.warn('a CRM could not be looked through', { ...countsOf(found), code: error.code });
    return { problem, error };
  }
  const { pages: _pages, undated, ...caughtUp } = found;
  await recordCatchUp(database.db, { crm: crm.name, lookedAt, findings: { ...caughtUp, rounds } });
  log.info('a CRM was looked through for deals that told nobody', countsOf(found));
  if (undated === 0) return { caughtUp };
  log.warn('won deals without the time of their winning were left out', { crm: crm.name, undated });
  return { caughtUp, problem: `${crm.name}: of ${undated} won deals it does not say since when; they were left out.` };
}

function problemOf(error: CrmError, { crm, takenIn }: Found): string {
  const done = takenIn === 0 ? '' : ` ${takenIn} won deals had been taken in before.`;
  const next = error.retryable ? ' The next look goes on from there.' : '';
  return `${crm}: ${error.message}${done}${next}`;
}

function countsOf({ crm, from, until, pages, scanned, takenIn, lost }: Found): object {
  return { crm, from, until, pages, scanned, takenIn, lost: lost.length };
}

async function lastRounds(database: Database, crm: CrmName): Promise<Rounds> {
  const row = (await lastCatchUps(database.db)).find((one) => one.crm === crm);
  const read = keptSchema.safeParse(row?.findings);
  return read.success && read.data.rounds.after !== undefined ? { after: read.data.rounds.after } : {};
}

function settled(look: PromiseSettledResult<Looked>): Looked {
  if (look.status === 'rejected') throw look.reason;
  return look.value;
}

/** @throws ApplicationFailure when no CRM could be looked through: the wait is the longest that one of them asked for */
function reportOf(looks: readonly Looked[]): CatchUpReport {
  const crms = looks.flatMap(({ caughtUp }) => caughtUp ?? []);
  const problems = looks.flatMap(({ problem }) => problem ?? []);
  const errors = looks.flatMap(({ error }) => error ?? []);
  if (crms.length > 0 || errors.length === 0) return { crms, problems };
  const waits = errors.flatMap(({ retryAfterMs }) => retryAfterMs ?? []);
  throw ApplicationFailure.create({
    message: problems.join(' '),
    type: `Crm.${errors[0]?.code}`,
    nonRetryable: !errors.some(({ retryable }) => retryable),
    ...(errors[0] === undefined ? {} : { cause: errors[0] }),
    ...(waits.length === 0 ? {} : { nextRetryDelay: Math.max(...waits) }),
  });
}
