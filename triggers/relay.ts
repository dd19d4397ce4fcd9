import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Crm, CrmName, Deal } from '../crm/index.ts';
import { claimInbox, type Database, expireUnmatched, type InboxRow, retryLater } from '../database/index.ts';
import type { MeetingEvent } from '../workflows/messages.ts';
import { backoffMs } from './backoff.ts';
import { createBell } from './bell.ts';
import { deliverDeal } from './deliver-deal.ts';
import { deliverForm } from './deliver-form.ts';
import { deliverMeetingEvent } from './deliver-meeting-event.ts';
import { deliverMemberDeactivated } from './deliver-member-deactivated.ts';
import {
  type Delivery,
  type SignalClient,
  type StartHandOver,
  type StartKickoff,
  type StartRecovery,
  wordsOf,
} from './delivery.ts';
import { guarded, type OnTriggerEvent } from './events.ts';
import { MEMBER_DEACTIVATED } from './member-deactivated.ts';
import { type TriggerMetrics, triggerMetrics } from './metrics.ts';
import { type SettleContext, settleRow } from './settle.ts';

export interface RelayOptions {
  database: Database;
  /** Temporal's client. */
  client: SignalClient;
  crms: Partial<Record<CrmName, Crm>>;
  startKickoff: StartKickoff;
  /** Left out: leads are not recovered here. */
  startRecovery?: StartRecovery | undefined;
  /** Left out: kickoffs are told that their organizer has left, and nobody is asked to hand them over. */
  startHandOver?: StartHandOver;
  /** The workstreams that start with a deal that is won. Default: none. */
  workstreamsOf?: (deal: Deal) => readonly string[];
  logger: Logger;
  metrics: Registry;
  onEvent?: OnTriggerEvent;
  /** How often the inbox is looked at when nobody wakes the relay, in milliseconds. Default 1,000. */
  pollMs?: number;
  /** Rows taken at once. Default 20. */
  batch?: number;
  /** Rows worked on at once. Default 8. */
  concurrency?: number;
  /** How long a webhook waits for its meeting request to become known, in milliseconds. Default 48 h. */
  unmatchedHoldMs?: number;
  /** After so many attempts a row that fails by a fault of its own or of a setting is dead; a system that is down is waited for. Default 1,500: about a day. */
  maxAttempts?: number;
  /** The clock and chance, for tests. */
  now?: () => Date;
  random?: () => number;
}

export interface Relay {
  /** Begins to work; a second call does nothing. */
  start(): void;
  /** Something new is in the inbox. */
  wake(): void;
  /** Settles when what was begun is done. */
  stop(): Promise<void>;
  /** Takes one batch and works through it. Returns how many rows it took. Rejects when the database is down. */
  drainOnce(): Promise<number>;
}

/**
 * How long a relay that was killed holds its rows back. A row takes milliseconds, at the worst 15 s (the CRM 10, Temporal 5);
 * one that outlives its lease is worked on twice, which ends the same.
 */
const LEASE_MS = 30_000;
const EXPIRE_EVERY_MS = 10 * 60_000;

/**
 * The way out of the inbox: deals become kickoffs, forms become recoveries, SkipUp's webhooks become signals. A row leaves only when the workflow
 * has it; any number of relays may run, and each row is leased to one of them at a time.
 *
 * Rows of one deal or meeting request go in the order of their arrival. When one of them must wait, so do those behind it.
 */
export function createRelay(options: RelayOptions): Relay {
  const { database, logger } = options;
  const now = options.now ?? (() => new Date());
  const random = options.random ?? Math.random;
  const pollMs = options.pollMs ?? 1_000;
  const batch = options.batch ?? 20;
  const metrics = triggerMetrics(options.metrics);
  const settling = settleContext(options, metrics, now, random);

  const bell = createBell();
  let running: Promise<void> | undefined;
  let isStopping = false;
  let expireAt = 0;

  async function drainOnce(): Promise<number> {
    const rows = await claimInbox(database.db, { limit: batch, leaseMs: LEASE_MS });
    const lanes = bySubject(rows);
    const lane = async () => {
      for (let subject = lanes.shift(); subject !== undefined; subject = lanes.shift()) {
        await workThrough(subject);
      }
    };
    await Promise.all(Array.from({ length: options.concurrency ?? 8 }, lane));
    return rows.length;
  }

  async function workThrough(rows: InboxRow[]): Promise<void> {
    const waiting = [...rows];
    const postponeAll = (delayMs: number, reason: string) =>
      Promise.all(waiting.splice(0).map(({ id }) => postpone(id, delayMs, reason)));
    if (isStopping) {
      await postponeAll(0, 'the relay was stopped');
    }
    for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
      const delayMs = await workOn(row);
      if (delayMs !== undefined) {
        await postponeAll(delayMs, `waits for row ${row.id} of the same subject`);
      }
    }
  }

  /** @returns how long the row must wait, in milliseconds; undefined when it is settled */
  async function workOn(row: InboxRow): Promise<number | undefined> {
    try {
      const { delivery, event } = await deliver(row);
      return await settleRow(settling, row, delivery, event);
    } catch (err) {
      // The database failed on the way: the row keeps its lease at the worst, and is taken again when that has run out.
      const delayMs = backoffMs(row.attempts, random());
      logger.error({ err, row: row.id }, 'inbox row could not be worked on');
      await postpone(row.id, delayMs, wordsOf(err));
      return delayMs;
    }
  }

  async function deliver(row: InboxRow): Promise<{ delivery: Delivery; event?: MeetingEvent | undefined }> {
    switch (row.source) {
      case 'skipup':
        if (row.event_type === MEMBER_DEACTIVATED) {
          return { delivery: await deliverMemberDeactivated(row, { ...options, now }) };
        }
        return await deliverMeetingEvent(row, { database, client: options.client, now });
      case 'form':
        return { delivery: await deliverForm(row, { ...options, now }) };
      default:
        return { delivery: await deliverDeal(row, { ...options, now }) };
    }
  }

  async function postpone(id: number, delayMs: number, reason: string): Promise<void> {
    try {
      await retryLater(database.db, id, { delayMs, reason });
    } catch (err) {
      logger.warn({ err, row: id }, 'inbox row could not be put back; it is taken again when its lease has run out');
    }
  }

  async function expire(): Promise<void> {
    if (now().getTime() < expireAt) {
      return;
    }
    const count = await expireUnmatched(database.db, { olderThanMs: options.unmatchedHoldMs ?? 48 * 3_600_000 });
    expireAt = now().getTime() + EXPIRE_EVERY_MS;
    if (count > 0) {
      metrics.ignored.inc({ source: 'skipup' }, count);
      logger.info({ count }, 'webhooks of meeting requests that are not ours were dropped');
    }
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!isStopping) {
      try {
        const taken = await drainOnce();
        await expire();
        failures = 0;
        if (taken < batch) {
          await bell.wait(pollMs);
        }
      } catch (err) {
        failures += 1;
        logger.error({ err, failures }, 'the inbox cannot be read; trying again');
        await bell.wait(backoffMs(failures, random()));
      }
    }
  }

  return {
    start() {
      if (running === undefined) {
        isStopping = false;
        running = run();
      }
    },
    wake: () => bell.ring(),
    async stop() {
      isStopping = true;
      bell.ring();
      await running;
      running = undefined;
    },
    drainOnce,
  };
}

/** Rows of one deal, lead or meeting request in one list, oldest first; a row without a subject is alone. */
function bySubject(rows: InboxRow[]): InboxRow[][] {
  const groups = new Map<string, InboxRow[]>();
  for (const row of rows) {
    // A deal's rows may come from HubSpot and from the generic trigger: both are about the same kickoff.
    const family = row.source === 'skipup' || row.source === 'form' ? row.source : 'deal';
    const key = row.subject === null ? `row:${row.id}` : `${family}:${row.subject}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()];
}

function settleContext(
  options: RelayOptions,
  metrics: TriggerMetrics,
  now: () => Date,
  random: () => number,
): SettleContext {
  return {
    database: options.database,
    logger: options.logger,
    metrics,
    maxAttempts: options.maxAttempts ?? 1_500,
    now,
    random,
    onEvent: guarded(options.onEvent, options.logger),
  };
}
