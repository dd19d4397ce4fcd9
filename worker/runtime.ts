import { Runtime, type Logger as TemporalLogger } from '@temporalio/worker';
import type { Logger } from 'pino';
import { WorkerError } from './errors.ts';

export interface RuntimeOptions {
  logger: Logger;
  /** `host:port` on which Prometheus finds the SDK's metrics. Left out: none. */
  metricsAddress?: string;
}

let installed = false;

/**
 * Sets up the SDK's one runtime of this process: its log goes through ours, and it listens to no signals, because the
 * command decides the order in which things end. Only the first call counts.
 *
 * @throws WorkerError `metrics_port`
 */
export function installRuntime({ logger, metricsAddress }: RuntimeOptions): void {
  if (installed) return;
  try {
    Runtime.install({
      logger: temporalLogger(logger.child({ part: 'temporal' })),
      shutdownSignals: [],
      telemetryOptions: {
        logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
        ...(metricsAddress === undefined ? {} : { metrics: { prometheus: { bindAddress: metricsAddress } } }),
      },
    });
  } catch (error) {
    if (metricsAddress === undefined) throw error;
    throw new WorkerError('metrics_port', `Metrics cannot be served at ${metricsAddress}: choose another port`, {
      cause: error,
    });
  }
  installed = true;
}

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** The SDK's Logger over pino: constant message, the rest as fields. */
export function temporalLogger(logger: Logger): TemporalLogger {
  const write = (level: keyof typeof LEVELS, message: string, meta: Record<string | symbol, unknown> = {}) => {
    // The worker of the `skipup` queue has none by design.
    const expected = message.startsWith('No workflows registered');
    logger[expected ? 'debug' : LEVELS[level]](factsOf(meta), message);
  };
  return {
    log: (level, message, meta) => write(level, message, meta),
    trace: (message, meta) => write('TRACE', message, meta),
    debug: (message, meta) => write('DEBUG', message, meta),
    info: (message, meta) => write('INFO', message, meta),
    warn: (message, meta) => write('WARN', message, meta),
    error: (message, meta) => write('ERROR', message, meta),
  };
}

/** `error` as pino's `err`; the SDK's own time stamp and symbols left out; big integers as text. */
function factsOf(meta: Record<string | symbol, unknown>): Record<string, unknown> {
  const facts: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(meta)) {
    if (name === 'error') facts.err = value;
    else if (name !== 'timestampNanos') facts[name] = typeof value === 'bigint' ? String(value) : value;
  }
  return facts;
}
