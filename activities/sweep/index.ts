import { log } from '@temporalio/activity';
import { z } from 'zod';
import { type Database, lastSweeps } from '../../database/index.ts';
import type { SkipUpClient } from '../../skipup/index.ts';
import type { EndpointTest, SweptDeliveries } from '../../workflows/messages.ts';
import type { SweepActivities } from '../contract.ts';
import { type DeliveriesProgress, deliveriesProgressSchema, takeInDeliveries } from './deliveries.ts';
import { bringBack, type EndpointCondition, LOOK_AFTER_MS, ownEndpoints } from './endpoint.ts';
import { Pace } from './pace.ts';
import { type PartRun, sweepPart } from './part.ts';
import { compareRequests, requestsProgressSchema } from './requests.ts';
import { tellChange, unknownOrganizers } from './unknown-organizers.ts';

export interface SweepDependencies {
  client: SkipUpClient;
  database: Database;
  /** `https://kickoff.example.com`: where SkipUp reaches the receivers. Left out: deliveries are not looked at. */
  publicUrl?: string | undefined;
  /** Who organizes when nobody else is named. */
  fallbackOrganizer?: { email: string } | undefined;
  /** The sweep's share of SkipUp's 120 requests a minute. Default 24. */
  sweepRequestsPerMinute?: number | undefined;
  /** Waits until SkipUp may be called. Left out: at once. */
  turn?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** The clock, for tests. */
  now?: (() => Date) | undefined;
  /** After how many milliseconds the endpoint's test delivery is looked at, again and again; for tests. */
  lookAfterMs?: readonly number[] | undefined;
}

/** The parts of the sweep, as the rows of the table `sweeps` are called. */
const PARTS = { deliveries: 'deliveries', requests: 'requests' } as const;

/** The sweep's activities. What they find goes into the inbox alone: the relay delivers it as it delivers a webhook. */
export function sweepActivities(dependencies: SweepDependencies): SweepActivities {
  const { client, database } = dependencies;
  const now = dependencies.now ?? (() => new Date());
  const lookAfterMs = dependencies.lookAfterMs ?? LOOK_AFTER_MS;
  const pace = new Pace({ perMinute: dependencies.sweepRequestsPerMinute ?? 24, turn: dependencies.turn });
  return {
    sweepDeliveries: () =>
      sweepPart({
        part: PARTS.deliveries,
        database,
        progress: deliveriesProgressSchema,
        now,
        async work(run) {
          const last = await lastFindings(database);
          const sweeping = { client, database, pace, now, lookAfterMs };
          const found = await sweepEndpoints(sweeping, dependencies.publicUrl, run, last?.test);
          if (found.advice !== undefined && found.endpoint !== last?.endpoint) {
            log.warn(found.advice, { endpoint: found.endpoint, endpointId: found.endpointId });
          }
          return found;
        },
      }),
    sweepRequests: () =>
      sweepPart({
        part: PARTS.requests,
        database,
        progress: requestsProgressSchema,
        now,
        async work(run) {
          const { found, open } = await compareRequests({ client, database, pace, now }, run);
          const fallbackEmail = dependencies.fallbackOrganizer?.email;
          const search = { client, database, pace, now, fallbackEmail, signal: run.signal };
          const { unknown, notes } = await unknownOrganizers(search, open);
          await tellChange(database, PARTS.requests, unknown);
          return { ...found, unknownOrganizers: unknown, notes };
        },
      }),
  };
}

interface Sweeping {
  client: SkipUpClient;
  database: Database;
  pace: Pace;
  now: () => Date;
  lookAfterMs: readonly number[];
}

/** What had failed is taken in before the endpoint is looked after, and again when it is back. */
async function sweepEndpoints(
  sweeping: Sweeping,
  publicUrl: string | undefined,
  run: PartRun<DeliveriesProgress>,
  lastTest: EndpointTest | undefined,
): Promise<SweptDeliveries> {
  if (publicUrl === undefined) return { endpoint: 'not_configured', takenIn: 0, known: 0 };
  const url = `${publicUrl.replace(/\/+$/, '')}/webhooks/skipup`;
  const care = { ...sweeping, signal: run.signal };
  const endpoints = await ownEndpoints(care, url);
  const progress = run.resumed ?? { done: [], takenIn: 0, known: 0 };
  let worst: (EndpointCondition & { endpointId: string }) | undefined;
  for (const endpoint of endpoints) {
    await takeInDeliveries(sweeping, run, endpoint, progress);
    const condition = await bringBack(care, endpoint, lastTest);
    if (condition.state === 'brought_back') {
      progress.done = [];
      await takeInDeliveries(sweeping, run, endpoint, progress);
    }
    if (worst === undefined || worst.state === 'on') worst = { ...condition, endpointId: endpoint.id };
  }
  const { takenIn, known } = progress;
  if (worst === undefined) {
    const advice = `No endpoint delivers to ${url}: \`kickoff webhooks ensure\` makes one.`;
    return { endpoint: 'missing', takenIn, known, advice };
  }
  const { state, ...condition } = worst;
  return { endpoint: state, takenIn, known, ...condition };
}

/** What the next sweep needs of what the last one found. */
const lastSchema = z.object({
  endpoint: z.string(),
  test: z
    .object({
      endpointId: z.string(),
      disabledAt: z.string(),
      deliveryId: z.string(),
      sentAt: z.string(),
      sent: z.int(),
    })
    .optional(),
});

async function lastFindings(
  database: Database,
): Promise<{ endpoint: string; test?: EndpointTest | undefined } | undefined> {
  const row = (await lastSweeps(database.db)).find(({ part }) => part === PARTS.deliveries);
  const read = lastSchema.safeParse(row?.findings);
  return read.success ? read.data : undefined;
}
