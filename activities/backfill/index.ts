import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Crm, CrmName, Deal } from '../../crm/index.ts';
import type { Database } from '../../database/index.ts';
import type { StartKickoff, StartRecovery } from '../../temporal/index.ts';
import type { BackfillActivities, StartBackfillInput } from '../contract.ts';
import { type BatchProgress, batchProgressSchema, type Outcome, startBatch } from './batch.ts';
import type { PaceClock } from './even-pace.ts';
import { readPage } from './page.ts';
import { planOf } from './plan.ts';
import { startDeal } from './start-deal.ts';
import { startLead } from './start-lead.ts';

export interface BackfillDependencies {
  crms: Partial<Record<CrmName, Crm>>;
  database: Database;
  startKickoff: StartKickoff;
  /** Left out: leads are not recovered here. */
  startRecovery?: StartRecovery | undefined;
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

/** @throws ApplicationFailure where this worker cannot start what the plan is about */
function starterOf(
  { crms, database, startKickoff, workstreamsOf, startRecovery }: BackfillDependencies,
  clock: PaceClock,
  input: StartBackfillInput,
): (id: string) => Promise<Outcome> {
  const { crm: crmName, of } = input.plan;
  const crm = crms[crmName];
  if (crm === undefined) throw ApplicationFailure.nonRetryable(`${crmName} is not configured at this worker.`);
  const now = () => clock.now();
  if (of !== 'leads') return (id) => startDeal({ crm, crmName, database, startKickoff, workstreamsOf, now }, input, id);
  const { leads } = crm;
  if (leads === undefined || startRecovery === undefined) {
    throw ApplicationFailure.nonRetryable(`Leads of ${crmName} are not recovered by this worker: configure recovery.`);
  }
  return (id) => startLead({ leads, startRecovery, now }, input, id);
}

/** The backfill's activities: what was asked for, a page of deals or leads, a batch of kickoffs or recoveries. */
export function backfillActivities(dependencies: BackfillDependencies): BackfillActivities {
  const { crms, database, backfill, startRecovery, clock = wallClock } = dependencies;
  return {
    openBackfill: async (input) => planOf(input, crms, { ...backfill, recoversLeads: startRecovery !== undefined }),
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
      const start = starterOf(dependencies, clock, input);
      const before = batchProgressSchema.safeParse(context.info.heartbeatDetails);
      let progress: BatchProgress | undefined = before.success ? before.data : undefined;
      const heartbeat = setInterval(() => context.heartbeat(progress), HEARTBEAT_MS);
      try {
        const resumed = progress;
        return await startBatch(
          {
            ...{ start, database, inFlight: backfill.inFlight, clock, resumed },
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
