import { type Crm, CrmError, type CrmName, type Deal } from '../crm/index.ts';
import type { InboxRow } from '../database/index.ts';
import { type DealPayload, dealPayloadSchema } from './deal-payload.ts';
import { type Delivery, type SignalClient, type StartKickoff, TEMPORAL_DEADLINE_MS, wordsOf } from './delivery.ts';

export interface DealDeliveryOptions {
  crms: Partial<Record<CrmName, Crm>>;
  client: SignalClient;
  startKickoff: StartKickoff;
  now: () => Date;
}

/** Reading a deal is up to four calls to the CRM; a row must be done well before its lease ends. */
const READ_LIMIT_MS = 10_000;

/**
 * A deal's transition becomes a kickoff. The deal is read again first: an event only says that something changed, and it
 * may be old by now.
 */
export async function deliverDeal(row: InboxRow, options: DealDeliveryOptions): Promise<Delivery> {
  const parsed = dealPayloadSchema.safeParse(row.payload);
  if (!parsed.success) {
    return { kind: 'dead', reason: 'the stored event is not as this version writes it; send the event again' };
  }
  const payload = parsed.data;
  if (payload.ignore !== undefined) {
    return { kind: 'ignored', reason: payload.ignore };
  }
  const reading = payload.deal ?? (await read(payload, options.crms));
  if ('kind' in reading) {
    return reading;
  }
  if (!reading.isWon) {
    return { kind: 'ignored', reason: `deal is at stage ${reading.stage ?? 'unknown'}, not closed-won` };
  }
  return await start(row, payload, reading, options);
}

async function read(payload: DealPayload, crms: Partial<Record<CrmName, Crm>>): Promise<Deal | Delivery> {
  const crm = crms[payload.crm];
  if (crm === undefined) {
    const reason = `deal ${payload.dealId} is to be read from ${payload.crm}, which is not configured`;
    return { kind: 'retry', reason, cause: undefined, isCounted: true };
  }
  try {
    return await crm.readDeal(payload.dealId, AbortSignal.timeout(READ_LIMIT_MS));
  } catch (cause) {
    if (!(cause instanceof CrmError)) {
      return { kind: 'retry', reason: `reading the deal failed: ${wordsOf(cause)}`, cause, isCounted: true };
    }
    if (cause.code === 'not_found') {
      return { kind: 'ignored', reason: 'unknown deal' };
    }
    return {
      kind: 'retry',
      reason: cause.message,
      cause,
      isCounted: !cause.retryable,
      ...(cause.retryAfterMs === undefined ? {} : { waitMs: cause.retryAfterMs }),
    };
  }
}

async function start(
  row: InboxRow,
  payload: DealPayload,
  deal: Deal,
  { client, startKickoff, now }: DealDeliveryOptions,
): Promise<Delivery> {
  try {
    const result = await client.connection.withDeadline(now().getTime() + TEMPORAL_DEADLINE_MS, () =>
      startKickoff({
        deal,
        ...(payload.workstream === undefined ? {} : { workstream: payload.workstream }),
        origin: {
          kind: row.source === 'skipup' ? 'deal' : row.source,
          reference: payload.transitionKey,
          receivedAt: new Date(row.received_at).toISOString(),
        },
      }),
    );
    return result.started
      ? { kind: 'delivered', workflowId: result.workflowId, started: { deal } }
      : { kind: 'ignored', reason: result.message };
  } catch (cause) {
    return { kind: 'retry', reason: `the kickoff could not be started: ${wordsOf(cause)}`, cause, isCounted: false };
  }
}
