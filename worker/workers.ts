import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { DispatchActivities, KickoffActivities, SkipupActivities } from '../activities/contract.ts';
import type { Config } from '../config/index.ts';
import { TemporalError } from '../temporal/index.ts';
import { KICKOFF_TASK_QUEUE, SKIPUP_TASK_QUEUE } from '../workflows/messages.ts';
import { workflowBundle } from './bundle.ts';

export interface CreateWorkersOptions {
  config: Pick<Config, 'temporal' | 'worker'> & { skipup: Pick<Config['skipup'], 'requestsPerMinute'> };
  logger: Logger;
  /** By task queue. */
  activities: { kickoff: KickoffActivities & DispatchActivities; skipup: SkipupActivities };
  /** Default: the one made by the build. */
  bundle?: { codePath: string } | { code: string };
  /** Worker versioning: running kickoffs move to the newest build by themselves. Left out: unversioned. */
  versioning?: { deploymentName: string; buildId: string };
}

export interface Workers {
  /** Takes tasks until {@link shutdown}, finishes what is running, and closes the connection. Rejects when a worker dies. */
  run(): Promise<void>;
  /** Starts the end; may be called at any time and more than once. */
  shutdown(): void;
}

/** Activities that have not ended after the grace period are told to; those that do not listen are left after so long. */
const FORCE_AFTER_GRACE_MS = 5000;

/**
 * A call to SkipUp waits in the worker for its turn within the API's limit, in the order of priorities. A worker takes on
 * no more than there are turns for in so many seconds: the others wait at the server, where another worker can take them.
 * The server is given no rate of its own: it lets a second's worth through at once, and live calls were measured to wait
 * longer behind a backfill with it.
 */
const TURNS_AHEAD_SECONDS = 12;

/**
 * Makes the two workers of one process: `kickoff` (workflows and quick activities) and `skipup` (calls to SkipUp,
 * which wait for their turns in the activities).
 *
 * @throws WorkerError `bundle_missing`; TemporalError `unreachable`
 */
export async function createWorkers(options: CreateWorkersOptions): Promise<Workers> {
  const { config, activities, logger } = options;
  const bundle = options.bundle ?? workflowBundle();
  const connection = await openConnection(config.temporal);
  const workers: Worker[] = [];
  try {
    const shared = sharedOptions(options, connection);
    workers.push(
      await Worker.create({
        ...shared,
        taskQueue: KICKOFF_TASK_QUEUE,
        workflowBundle: bundle,
        activities: activities.kickoff,
        maxCachedWorkflows: config.worker.maxCachedWorkflows,
        maxConcurrentWorkflowTaskExecutions: config.worker.maxConcurrentWorkflowTasks,
        maxConcurrentLocalActivityExecutions: config.worker.maxConcurrentLocalActivities,
      }),
      await Worker.create({
        ...shared,
        taskQueue: SKIPUP_TASK_QUEUE,
        activities: activities.skipup,
        maxConcurrentActivityTaskExecutions: Math.min(
          config.worker.maxConcurrentActivities,
          Math.ceil((config.skipup.requestsPerMinute / 60) * TURNS_AHEAD_SECONDS),
        ),
      }),
    );
  } catch (error) {
    await Promise.all(workers.map(discard));
    await connection.close();
    throw error;
  }
  logger.debug({ namespace: config.temporal.namespace }, 'workers created');
  return runnable(workers, connection);
}

function sharedOptions({ config, versioning }: CreateWorkersOptions, connection: NativeConnection) {
  const graceMs = config.worker.shutdownGraceSeconds * 1000;
  return {
    connection,
    namespace: config.temporal.namespace,
    maxConcurrentActivityTaskExecutions: config.worker.maxConcurrentActivities,
    shutdownGraceTime: graceMs,
    shutdownForceTime: graceMs + FORCE_AFTER_GRACE_MS,
    ...(versioning === undefined
      ? {}
      : {
          workerDeploymentOptions: {
            useWorkerVersioning: true,
            version: versioning,
            defaultVersioningBehavior: 'AUTO_UPGRADE',
          },
        }),
  } satisfies Partial<WorkerOptions>;
}

async function openConnection(temporal: Config['temporal']): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(temporal.connectionOptions);
  } catch (error) {
    const message = `Temporal at ${temporal.address} does not answer: start it, or set TEMPORAL_ADDRESS`;
    throw new TemporalError('unreachable', message, { cause: error });
  }
}

function runnable(workers: readonly Worker[], connection: NativeConnection): Workers {
  let ending = false;
  const shutdown = () => {
    ending = true;
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  return {
    async run() {
      const runs = workers.map((worker) =>
        worker.run().finally(() => {
          // One without the other would take tasks that never get further.
          shutdown();
        }),
      );
      if (ending) shutdown();
      const results = await Promise.allSettled(runs);
      await connection.close();
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    },
    shutdown,
  };
}

/** A worker that never ran still holds its pollers. */
async function discard(worker: Worker): Promise<void> {
  const running = worker.run();
  worker.shutdown();
  await running;
}
