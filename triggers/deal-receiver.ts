import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ADAPTERS, type Crm, type CrmName, type DealSignal, type Received, TriggerRefused } from '../crm/index.ts';
import type { InboxEntry, InboxSource } from '../database/index.ts';
import { dealPayloadOf } from './deal-payload.ts';
import { TriggerError } from './errors.ts';
import { type ReceiverContext, rawBody, storeAndTell } from './receiver.ts';

/**
 * `POST /triggers/<crm>`: verify, split into transitions, store all in one statement, acknowledge. An authenticated batch
 * is acknowledged even when nothing in it is of use, because CRMs repeat whatever is not answered 2xx.
 */
export function addDealReceivers(
  app: FastifyInstance,
  context: ReceiverContext,
  crms: Partial<Record<CrmName, Crm>>,
): void {
  for (const { name, source, path, needs, acknowledge } of Object.values(ADAPTERS)) {
    app.post(path, { config: { source } }, async (request, reply) => {
      const received = await receive(context, request, crms[name], source, needs);
      const { status, contentType, body } = acknowledge(received);
      return reply.code(status).type(contentType).send(body);
    });
  }
}

async function receive(
  context: ReceiverContext,
  request: FastifyRequest,
  crm: Crm | undefined,
  source: InboxSource,
  needs: string,
): Promise<Received> {
  if (crm === undefined) {
    throw new TriggerError('configuration', `Nothing is configured for this trigger: set ${needs}.`);
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
