import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type Database, type InboxSource, inboxCounts } from '../database/index.ts';

export interface TriggerMetrics {
  received: Counter<'source'>;
  duplicates: Counter<'source'>;
  refused: Counter<'source' | 'code'>;
  delivered: Counter<'source'>;
  ignored: Counter<'source'>;
  dead: Counter<'source'>;
  retried: Counter<'source'>;
  acknowledgeSeconds: Histogram<'source'>;
  inboxSeconds: Histogram<'source'>;
}

/** One set per registry: the server and the relay of one process count into the same. */
const metricsOf = new WeakMap<Registry, TriggerMetrics>();

/** The counters of receivers and relay; the first call registers them. */
export function triggerMetrics(registry: Registry): TriggerMetrics {
  const existing = metricsOf.get(registry);
  if (existing !== undefined) {
    return existing;
  }
  const counter = (name: string, help: string) =>
    new Counter({ name, help, labelNames: ['source'] as const, registers: [registry] });
  const metrics: TriggerMetrics = {
    received: counter('kickoff_events_received_total', 'Verified events, repeats included.'),
    duplicates: counter('kickoff_events_duplicate_total', 'Verified events that were known already.'),
    refused: new Counter({
      name: 'kickoff_requests_refused_total',
      help: 'Requests answered with an error.',
      labelNames: ['source', 'code'] as const,
      registers: [registry],
    }),
    delivered: counter('kickoff_events_delivered_total', 'Events that a workflow has.'),
    ignored: counter('kickoff_events_ignored_total', 'Events that need no delivery.'),
    dead: counter('kickoff_events_dead_total', 'Events that cannot be delivered as they are.'),
    retried: counter('kickoff_events_retried_total', 'Deliveries that failed and are tried again.'),
    acknowledgeSeconds: new Histogram({
      name: 'kickoff_acknowledge_seconds',
      help: 'From the request to its answer. HubSpot waits 5 s, SkipUp 10 s.',
      labelNames: ['source'] as const,
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    }),
    inboxSeconds: new Histogram({
      name: 'kickoff_inbox_seconds',
      help: 'From the arrival of an event to its delivery.',
      labelNames: ['source'] as const,
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3_600, 86_400],
      registers: [registry],
    }),
  };
  metricsOf.set(registry, metrics);
  return metrics;
}

/** Adds the gauge of inbox rows by status, counted when it is scraped. A database that is down leaves it out. */
export function registerInboxGauge(registry: Registry, database: Database, onError: (error: unknown) => void): void {
  new Gauge({
    name: 'kickoff_inbox_rows',
    help: 'Rows in the inbox by status.',
    labelNames: ['status'] as const,
    registers: [registry],
    async collect() {
      this.reset();
      try {
        for (const [status, count] of Object.entries(await inboxCounts(database.db))) {
          this.set({ status }, count);
        }
      } catch (error) {
        onError(error);
      }
    },
  });
}

/** Requests to no receiver are counted under this name. */
const NO_SOURCE = 'none';

export function countRefused(metrics: TriggerMetrics, source: InboxSource | undefined, code: string): void {
  metrics.refused.inc({ source: source ?? NO_SOURCE, code });
}
