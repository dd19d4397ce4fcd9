import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import type { PaceClock } from '../../../activities/backfill/even-pace.ts';
import { backfillActivities } from '../../../activities/backfill/index.ts';
import type { BackfillActivities } from '../../../activities/contract.ts';
import { ledgerActivities } from '../../../activities/ledger.ts';
import { createLogger, loadConfig } from '../../../config/index.ts';
import { type Database, type KickoffRow, listKickoffs } from '../../../database/index.ts';
import { kickoffStarter, type StartKickoff } from '../../../temporal/index.ts';
import { installRuntime } from '../../../worker/index.ts';
import {
  type BackfillInput,
  type BackfillProgress,
  KICKOFF_TASK_QUEUE,
  progress,
  WORKFLOW_TYPES,
} from '../../../workflows/messages.ts';
import type { TestTemporal } from '../../harness/temporal.ts';
import type { CrmInMemory } from './crm-in-memory.ts';

/** The workflows of `fixture-workflows.ts`, bundled. */
export async function bundleFixtures(): Promise<{ code: string }> {
  installRuntime({ logger: createLogger({ level: 'silent' }) });
  return await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('./fixture-workflows.ts', import.meta.url)),
    logger: new DefaultLogger('WARN'),
  });
}

export interface BackfillingOptions {
  temporal: TestTemporal;
  database: Database;
  bundle: { code: string };
  crm: CrmInMemory;
  inFlight?: number;
  /** The workstreams that start with a deal. */
  workstreams?: readonly string[];
  /** Kickoffs never get further than their start. */
  kickoffsStand?: boolean;
  clock?: PaceClock;
  /** In the place of the activities, or around them. */
  activities?: (own: BackfillActivities) => BackfillActivities;
  /** In the place of starting a kickoff, or around it. */
  startKickoff?: (own: StartKickoff) => StartKickoff;
}

/** A backfill on a real server and a real database, with a CRM in memory and kickoffs that have their request at once. */
export interface Backfilling {
  start(input: Partial<BackfillInput>): ReturnType<typeof startOf>;
  ledger(): Promise<KickoffRow[]>;
  stop(): Promise<void>;
}

/** Takes all that is in the window of the CRM in memory, as fast as can be. */
const EVERYTHING = { crm: 'hubspot', closedAfter: '2025-01-01', perMinute: 100_000 } as const;

let count = 0;

function startOf(temporal: TestTemporal, input: Partial<BackfillInput>) {
  count += 1;
  const handlePromise = temporal.client.workflow.start<(input: BackfillInput) => Promise<BackfillProgress>>(
    WORKFLOW_TYPES.backfill,
    { workflowId: `backfill:${count}`, taskQueue: KICKOFF_TASK_QUEUE, args: [{ ...EVERYTHING, ...input }] },
  );
  return handlePromise.then((handle) => ({ handle, progress: () => handle.query(progress) }));
}

export async function startBackfilling(options: BackfillingOptions): Promise<Backfilling> {
  const { temporal, database, bundle, crm, inFlight = 50 } = options;
  const { kickoff: policy } = loadConfig({ env: {}, cwd: import.meta.dirname });
  const starter = kickoffStarter({ client: temporal.client, database, policy });
  const own = backfillActivities({
    crms: { hubspot: crm },
    database,
    startKickoff: options.startKickoff?.(starter) ?? starter,
    workstreamsOf: () => options.workstreams ?? [],
    backfill: { perMinute: 96, inFlight },
    clock: options.clock,
  });
  const ledger =
    options.kickoffsStand === true ? { recordPhase: async () => undefined } : ledgerActivities({ database });
  const connection = await NativeConnection.connect(temporal.config.connectionOptions);
  const worker = await Worker.create({
    connection,
    namespace: temporal.namespace,
    taskQueue: KICKOFF_TASK_QUEUE,
    workflowBundle: bundle,
    // A cancellation comes with a heartbeat's answer.
    maxHeartbeatThrottleInterval: '200ms',
    activities: { ...ledger, ...(options.activities?.(own) ?? own) },
  });
  const running = worker.run();
  return {
    start: (input) => startOf(temporal, input),
    ledger: async () => await listKickoffs(database.db, {}, { limit: 10_000 }),
    async stop() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}
