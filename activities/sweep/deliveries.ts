import { z } from 'zod';
import { awaitedSince, type Database, type InboxEntry, insertInbox, ownRequestIds } from '../../database/index.ts';
import {
  type DeliveryStatus,
  type SkipUpClient,
  type WebhookDelivery,
  type WebhookEndpoint,
  webhookDedupeKeyOf,
} from '../../skipup/index.ts';
import { isMeetingEvent, storedWebhook } from '../../workflows/meeting/from-webhook.ts';
import type { Pace } from './pace.ts';
import type { PartRun } from './part.ts';

const PAGE = 100;
/**
 * A delivery is given up after eight attempts in about 90 minutes, sooner or later than its neighbours: one that is older
 * than this has been seen by an earlier sweep.
 */
const SETTLED_AFTER_MS = 3 * 3_600_000;
/** How far SkipUp's clock may be behind ours. */
const CLOCKS_MS = 10 * 60_000;

export const deliveriesProgressSchema = z.object({
  /** Lists that are read to their end, as `<endpoint> <status>`. */
  done: z.array(z.string()),
  list: z.string().optional(),
  cursor: z.string().optional(),
  takenIn: z.int(),
  known: z.int(),
});
export type DeliveriesProgress = z.infer<typeof deliveriesProgressSchema>;

export interface DeliveriesReading {
  database: Database;
  client: SkipUpClient;
  pace: Pace;
  now: () => Date;
}

/**
 * Takes into the inbox what SkipUp could not deliver to an endpoint, about requests of ours: the very payloads, under the
 * keys that the receiver would have given them, so that what had come after all is not taken in twice.
 *
 * Read newest first, until a page brings nothing new and what is older has been seen before. Of an endpoint that is off
 * what is pending is taken too, because nobody knows whether it will be sent.
 *
 * @throws SkipUpError
 */
export async function takeInDeliveries(
  reading: DeliveriesReading,
  run: PartRun<DeliveriesProgress>,
  endpoint: WebhookEndpoint,
  progress: DeliveriesProgress,
): Promise<void> {
  const since = await awaitedSince(reading.database.db);
  if (since === undefined) return;
  const statuses: DeliveryStatus[] = endpoint.enabled === false ? ['failed', 'pending'] : ['failed'];
  for (const status of statuses) {
    const list = `${endpoint.id} ${status}`;
    if (progress.done.includes(list)) continue;
    await readList(reading, run, { endpoint, status, list, since }, progress);
    progress.done.push(list);
    delete progress.list;
    delete progress.cursor;
    run.note(progress);
  }
}

async function readList(
  { database, client, pace, now }: DeliveriesReading,
  run: PartRun<DeliveriesProgress>,
  { endpoint, status, list, since }: { endpoint: WebhookEndpoint; status: DeliveryStatus; list: string; since: Date },
  progress: DeliveriesProgress,
): Promise<void> {
  const { signal } = run;
  const cursor = progress.list === list ? progress.cursor : undefined;
  const query = { status, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
  const pages = client.webhookEndpoints.deliveries(endpoint.id, query, { signal }).pages();
  for (;;) {
    await pace.turn(signal);
    const page = await pages.next();
    if (page.done === true) return;
    const { items, nextCursor } = page.value;
    const inserted = await takeInPage(database, items, now(), progress);
    if (nextCursor === undefined) return;
    const oldest = Math.min(...items.map(({ created_at: at }) => Date.parse(at ?? '')));
    // NaN, when SkipUp leaves the time out, compares as false: then only a page without news ends it.
    if (oldest < since.getTime() - CLOCKS_MS) return;
    if (inserted === 0 && !(oldest > now().getTime() - SETTLED_AFTER_MS)) return;
    progress.list = list;
    progress.cursor = nextCursor;
    run.note(progress);
  }
}

async function takeInPage(
  database: Database,
  deliveries: readonly WebhookDelivery[],
  now: Date,
  progress: DeliveriesProgress,
): Promise<number> {
  const entries = deliveries.flatMap((delivery) => inboxEntryOf(delivery, now) ?? []);
  const ours = await ownRequestIds(
    database.db,
    entries.flatMap(({ subject }) => subject ?? []),
  );
  const own = entries.filter(({ subject }) => subject !== undefined && ours.has(subject));
  const { inserted, duplicates } = await insertInbox(database.db, own);
  progress.takenIn += inserted;
  progress.known += duplicates;
  return inserted;
}

/** Undefined for what no kickoff acts on. */
function inboxEntryOf({ payload, created_at: createdAt }: WebhookDelivery, now: Date): InboxEntry | undefined {
  if (typeof payload?.event !== 'string' || !isMeetingEvent(payload.event)) return undefined;
  const timestamp = typeof payload.timestamp === 'string' ? payload.timestamp : (createdAt ?? now.toISOString());
  const { requestId, payload: stored } = storedWebhook({ ...payload, event: payload.event, timestamp }, now);
  if (requestId === undefined) return undefined;
  return {
    source: 'skipup',
    dedupeKey: webhookDedupeKeyOf(payload),
    eventType: payload.event,
    subject: requestId,
    payload: stored,
    verification: { by: 'sweep' },
  };
}
