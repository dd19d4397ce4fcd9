import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Crm, type CrmName, type DealSignal, TriggerRefused } from '../crm/index.ts';
import type { InboxEntry } from '../database/index.ts';
import { dealPayloadOf } from './deal-payload.ts';
import { TriggerError } from './errors.ts';
import { type ReceiverContext, rawBody, storeAndTell } from './receiver.ts';

/** What the generic trigger is called in the inbox, and HubSpot's. */
type DealSource = 'hubspot' | 'deal';

/**
 * `POST /triggers/hubspot` and `POST /triggers/deal`: verify, split into transitions, store all in one statement,
 * acknowledge. An authenticated batch is acknowledged even when nothing in it is of use, because HubSpot repeats whatever
 * is not answered 2xx.
 */
export function addDealReceivers(
  app: FastifyInstance,
  context: ReceiverContext,
  crms: Partial<Record<CrmName, Crm>>,
): void {
  app.post('/triggers/hubspot', { config: { source: 'hubspot' } }, async (request) => {
    const { events, duplicates } = await receive(context, request, crms.hubspot, 'hubspot');
    return { received: true, events, duplicates };
  });
  app.post('/triggers/deal', { config: { source: 'deal' } }, async (request, reply) => {
    const { duplicates } = await receive(context, request, crms.generic, 'deal');
    return reply.code(202).send({ received: true, duplicates });
  });
}

async function receive(
  context: ReceiverContext,
  request: FastifyRequest,
  crm: Crm | undefined,
  source: DealSource,
): Promise<{ events: number; duplicates: number }> {
  if (crm === undefined) {
    throw new TriggerError('configuration', `Nothing is configured for this trigger: ${missing(source)}`);
  }
  const body = rawBody(request.body);
  const inbound = { method: request.method, path: request.raw.url ?? request.url, headers: request.headers, body };
  const { verified, signals } = accept(() => ({ verified: crm.verify(inbound), signals: crm.normalise(body) }));
  const entries = signals.map((signal) => inboxEntry(source, signal, crm.name));
  const { duplicates } = await storeAndTell(context, entries, verified);
  return { events: entries.length, duplicates };
}

function accept<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TriggerRefused) {
      throw new TriggerError(error.code, error.message, { cause: error });
    }
    throw error;
  }
}

function inboxEntry(source: DealSource, signal: DealSignal, receivedBy: CrmName): InboxEntry {
  return {
    source,
    dedupeKey: signal.transitionKey,
    eventType: signal.eventType,
    subject: signal.dealId,
    payload: dealPayloadOf(signal, receivedBy),
    ...(signal.ignore === undefined ? {} : { status: 'ignored', reason: signal.ignore }),
  };
}

function missing(source: DealSource): string {
  return source === 'hubspot'
    ? 'set HUBSPOT_CLIENT_SECRET, HUBSPOT_ACCESS_TOKEN and PUBLIC_URL.'
    : 'set DEAL_TRIGGER_SECRETS or DEAL_TRIGGER_TOKENS.';
}
