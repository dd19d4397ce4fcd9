import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { Database } from '../database/index.ts';
import { withinMs } from './deadline.ts';

export interface HealthOptions {
  database: Database;
  isTemporalReachable: () => Promise<void>;
  metrics: Registry;
}

/** Probes of orchestrators commonly wait 5 s or less. */
const CHECK_LIMIT_MS = 3_000;

type Check = { status: 'ok' } | { status: 'error'; message: string };

/**
 * `GET /healthz`: this process answers. `GET /readyz`: the database and Temporal do too, each by name; 503 when one does
 * not. Events are taken as long as the database answers, whatever Temporal does. `GET /metrics`: Prometheus.
 */
export function addHealthRoutes(app: FastifyInstance, options: HealthOptions): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const [database, temporal] = await Promise.all([
      check('the database', () => options.database.ping()),
      check('Temporal', () => options.isTemporalReachable()),
    ]);
    const isReady = database.status === 'ok' && temporal.status === 'ok';
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'error', checks: { database, temporal } });
  });
  app.get('/metrics', async (_request, reply) => {
    const text = await options.metrics.metrics();
    return reply.header('content-type', options.metrics.contentType).send(text);
  });
}

async function check(what: string, probe: () => Promise<void>): Promise<Check> {
  try {
    await withinMs(CHECK_LIMIT_MS, `asking ${what}`, probe());
    return { status: 'ok' };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { status: 'error', message: (message.split('\n', 1)[0] ?? '').slice(0, 200) };
  }
}
