import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Crm, CrmName, Deal } from '../../crm/index.ts';
import type { Database } from '../../database/index.ts';
import type { StartKickoff } from '../../temporal/index.ts';
import type { BackfillActivities } from '../contract.ts';
import type { PaceClock } from './even-pace.ts';
import { readPage } from './page.ts';
import { planOf } from './plan.ts';
import { type BatchProgress, batchProgressSchema, startDeals } from './start-deals.ts';

export interface BackfillDependencies {
  crms: Partial<Record<CrmName, Crm>>;
  database: Database;
  startKickoff: StartKickoff;
  /** The workstreams that start with a deal that is won. Default: none. */
  workstreamsOf?: ((deal: Deal) => readonly string[]) | undefined;
  backfill: {
    /** Kickoffs started per minute where nobody says otherwise. */
    perMinute: number;
    /** So many kickoffs of backfills may be on their way to SkipUp. */
    inFlight: number;
  };
  /** For tests. */
  clock?: PaceClock | undefined;
}

/** The heartbeat's time-out is 10 s; a cancellation is heard with its answer. */
const HEARTBEAT_MS = 2_000;

const wallClock: PaceClock = {
  now: () => Date.now(),
  wait: async (ms, signal) => {
    await sleep(ms, undefined, { signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw error;
    });
  },
};

/** The backfill's activities: what was asked for, a page of deals, a batch of kickoffs. */
export function backfillActivities(dependencies: BackfillDependencies): BackfillActivities {
  const { crms, database, startKickoff, workstreamsOf, backfill, clock = wallClock } = dependencies;
  return {
    openBackfill: async (input) => planOf(input, crms, backfill),
    readBackfillPage: async (input) => {
      const context = Context.current();
      const heartbeat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
      try {
        return await readPage({ crms, database, signal: context.cancellationSignal }, input);
      } catch (error) {
        context.cancellationSignal.throwIfAborted();
        throw error;
      } finally {
        clearInterval(heartbeat);
      }
    },
    startBackfillDeals: async (input) => {
      const context = Context.current();
      const crm = crms[input.plan.crm];
      if (crm === undefined) {
        throw ApplicationFailure.nonRetryable(`${input.plan.crm} is not configured at this worker.`);
      }
      const before = batchProgressSchema.safeParse(context.info.heartbeatDetails);
      let progress: BatchProgress | undefined = before.success ? before.data : undefined;
      const heartbeat = setInterval(() => context.heartbeat(progress), HEARTBEAT_MS);
      try {
        const resumed = progress;
        return await startDeals(
          {
            ...{ crm, crmName: input.plan.crm, database, startKickoff, inFlight: backfill.inFlight, clock, resumed },
            workstreamsOf,
            signal: context.cancellationSignal,
            note: (reached) => {
              progress = reached;
              context.heartbeat(reached);
            },
          },
          input,
        );
      } finally {
        clearInterval(heartbeat);
      }
    },
  };
}
