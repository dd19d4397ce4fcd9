import type { Logger } from 'pino';
import {
  type Database,
  type InboxRow,
  inTransaction,
  markDead,
  markDelivered,
  markIgnored,
  markUnmatched,
  retryLater,
} from '../database/index.ts';
import type { MeetingEvent } from '../workflows/messages.ts';
import { backoffMs } from './backoff.ts';
import { recordEvent } from './deliver-meeting-event.ts';
import type { Delivery } from './delivery.ts';
import type { OnTriggerEvent } from './events.ts';
import type { TriggerMetrics } from './metrics.ts';

export interface SettleContext {
  database: Database;
  logger: Logger;
  metrics: TriggerMetrics;
  onEvent: OnTriggerEvent;
  maxAttempts: number;
  now: () => Date;
  random: () => number;
}

/**
 * Writes down what became of a row, and tells it. What a meeting event says goes into the read model in the same
 * transaction as the row: the two are never apart.
 *
 * @returns how long the row must wait, in milliseconds; undefined when it needs no further work
 */
export async function settleRow(
  context: SettleContext,
  row: InboxRow,
  delivery: Delivery,
  event: MeetingEvent | undefined,
): Promise<number | undefined> {
  const delayMs = delivery.kind === 'retry' ? delayOf(context, row, delivery) : undefined;
  const outcome = asDeadWhenSpent(context, row, delivery);
  const changed = await inTransaction(context.database.db, async (tx) => {
    if (event !== undefined && (outcome.kind === 'delivered' || outcome.kind === 'ignored')) {
      await recordEvent(tx, event);
    }
    return await write(tx, row, outcome, delayMs ?? 0);
  });
  // Another has settled the row meanwhile (the request's creation takes its early webhooks itself): it tells of it.
  if (changed) {
    tell(context, row, outcome, delayMs ?? 0);
  }
  return outcome.kind === 'retry' ? delayMs : undefined;
}

function asDeadWhenSpent(context: SettleContext, row: InboxRow, delivery: Delivery): Delivery {
  return delivery.kind === 'retry' && delivery.isCounted && row.attempts >= context.maxAttempts
    ? { kind: 'dead', reason: `${delivery.reason} (given up after ${row.attempts} attempts)` }
    : delivery;
}

function delayOf(context: SettleContext, row: InboxRow, delivery: { waitMs?: number }): number {
  return Math.max(backoffMs(row.attempts, context.random()), delivery.waitMs ?? 0);
}

async function write(db: Database['db'], row: InboxRow, outcome: Delivery, delayMs: number): Promise<boolean> {
  switch (outcome.kind) {
    case 'delivered':
      return await markDelivered(db, row.id, outcome.workflowId);
    case 'ignored':
      return await markIgnored(db, row.id, outcome.reason);
    case 'unmatched':
      return await markUnmatched(db, row.id);
    case 'dead':
      return await markDead(db, row.id, outcome.reason);
    case 'retry':
      return await retryLater(db, row.id, { delayMs, reason: outcome.reason });
  }
}

function tell(context: SettleContext, row: InboxRow, outcome: Delivery, delayMs: number): void {
  const { logger, metrics, onEvent } = context;
  const { source } = row;
  const about = { source, eventType: row.event_type, ...(row.subject === null ? {} : { subject: row.subject }) };
  const fields = { row: row.id, ...about };
  switch (outcome.kind) {
    case 'delivered': {
      metrics.delivered.inc({ source });
      metrics.inboxSeconds.observe({ source }, (context.now().getTime() - new Date(row.received_at).getTime()) / 1000);
      logger.info({ ...fields, workflowId: outcome.workflowId }, 'event delivered');
      onEvent({ type: 'delivered', ...about, workflowId: outcome.workflowId });
      if (outcome.warning !== undefined) logger.warn({ ...fields, warning: outcome.warning }, 'event needs a look');
      if (outcome.recovered !== undefined) {
        const { lead, form } = outcome.recovered;
        onEvent({
          type: 'recovery_started',
          workflowId: outcome.workflowId,
          leadId: lead.id,
          ...(lead.name === undefined ? {} : { leadName: lead.name }),
          ...(lead.company === undefined ? {} : { company: lead.company }),
          form: form.name,
        });
      }
      if (outcome.started === undefined) return;
      const { deal } = outcome.started;
      for (const workflowId of outcome.started.workflowIds) {
        onEvent({
          type: 'kickoff_started',
          workflowId,
          dealId: deal.id,
          dealName: deal.name,
          account: deal.account.name,
        });
      }
      return;
    }
    case 'ignored':
      metrics.ignored.inc({ source });
      logger.info({ ...fields, reason: outcome.reason }, 'event ignored');
      onEvent({ type: 'ignored', ...about, reason: outcome.reason });
      return;
    case 'unmatched':
      logger.info(fields, 'event waits for its meeting request to become known');
      onEvent({ type: 'unmatched', ...about });
      return;
    case 'dead':
      metrics.dead.inc({ source });
      logger.error({ ...fields, reason: outcome.reason }, 'event cannot be delivered; it is kept and can be replayed');
      onEvent({ type: 'dead', ...about, reason: outcome.reason });
      return;
    case 'retry':
      metrics.retried.inc({ source });
      logger.warn({ ...fields, reason: outcome.reason, delayMs, err: outcome.cause }, 'delivery failed; trying again');
      onEvent({ type: 'retrying', ...about, reason: outcome.reason, delayMs });
  }
}
