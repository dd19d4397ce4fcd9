import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  ADAPTERS,
  type Crm,
  type CrmName,
  type DealSignal,
  type InboundRequest,
  type Received,
  TriggerRefused,
} from '../crm/index.ts';
import type { InboxEntry, InboxSource } from '../database/index.ts';
import { dealPayloadOf } from './deal-payload.ts';
import { TriggerError } from './errors.ts';
import { formInboxEntry } from './form-payload.ts';
import { type ReceiverContext, rawBody, storeAndTell } from './receiver.ts';

/**
 * `POST /triggers/<crm>`: verify, split into transitions, store all in one statement, acknowledge. An authenticated batch
 * is acknowledged even when nothing in it is of use, because CRMs repeat whatever is not answered 2xx.
 */
export function addDealReceivers(
  app: FastifyInstance,
  context: ReceiverContext,
  crms: Partial<Record<CrmName, Crm>>,
  takesForms: boolean,
): void {
  for (const { name, source, path, needs, acknowledge } of Object.values(ADAPTERS)) {
    app.post(path, { config: { source } }, async (request, reply) => {
      const received = await receive(context, request, { crm: crms[name], source, needs, takesForms });
      const { status, contentType, body } = acknowledge(received);
      return reply.code(status).type(contentType).send(body);
    });
  }
}

async function receive(
  context: ReceiverContext,
  request: FastifyRequest,
  { crm, source, needs, takesForms }: { crm: Crm | undefined; source: InboxSource; needs: string; takesForms: boolean },
): Promise<Received> {
  if (crm === undefined) {
    throw new TriggerError('configuration', `Nothing is configured for this trigger: set ${needs}.`);
  }
  const body = rawBody(request.body);
  const inbound = { method: request.method, path: request.raw.url ?? request.url, headers: request.headers, body };
  const { verified, signals } = accept(() => ({ verified: crm.verify(inbound), signals: crm.normalise(body) }));
  const entries = signals.map((signal) => inboxEntry(source, signal, crm.name));
  // A HubSpot app has one address for everything that it subscribes to: what it says of forms comes here, too.
  const forms = takesForms ? accept(() => formEntriesAmong(crm, inbound)) : [];
  // What is a form's is none of the deals', and need not be told twice.
  const isForms = (entry: InboxEntry) =>
    entry.status === 'ignored' &&
    forms.some(({ subject, eventType }) => subject === entry.subject && eventType === entry.eventType);
  const stored = [...entries.filter((entry) => !isForms(entry)), ...forms];
  const { duplicates } = await storeAndTell(context, stored, { ...verified, by: source });
  return { events: entries.length, duplicates };
}

/** Submissions and bookings among the events of a request; the others are recorded as the deals' already. */
function formEntriesAmong(crm: Crm, inbound: InboundRequest): InboxEntry[] {
  if (crm.forms?.isFrom(inbound) !== true) return [];
  const signals = crm.forms.normalise(inbound.body).filter(({ ignore }) => ignore === undefined);
  return signals.map((signal) => formInboxEntry(signal, crm.name));
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

function inboxEntry(source: InboxSource, signal: DealSignal, receivedBy: CrmName): InboxEntry {
  return {
    source,
    dedupeKey: signal.transitionKey,
    eventType: signal.eventType,
    subject: signal.dealId,
    payload: dealPayloadOf(signal, receivedBy),
    ...(signal.ignore === undefined ? {} : { status: 'ignored', reason: signal.ignore }),
  };
}
