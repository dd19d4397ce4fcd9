import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Crm, type CrmName, type DealSignal, SALESFORCE_ACK, TriggerRefused } from '../crm/index.ts';
import type { InboxEntry, InboxSource } from '../database/index.ts';
import { dealPayloadOf } from './deal-payload.ts';
import { TriggerError } from './errors.ts';
import { type ReceiverContext, rawBody, storeAndTell } from './receiver.ts';

/** What a CRM's events are called in the inbox, where they come in, and how they are acknowledged. */
interface DealReceiver {
  source: Exclude<InboxSource, 'skipup'>;
  crm: CrmName;
  path: string;
  acknowledge(reply: FastifyReply, received: { events: number; duplicates: number }): unknown;
  /** What to set when nothing is configured for it. */
  needs: string;
}

/** One line for each CRM: a fifth is its folder in `crm/` and a line here. */
const RECEIVERS: readonly DealReceiver[] = [
  {
    source: 'hubspot',
    crm: 'hubspot',
    path: '/triggers/hubspot',
    acknowledge: (_reply, received) => ({ received: true, ...received }),
    needs: 'HUBSPOT_CLIENT_SECRET, HUBSPOT_ACCESS_TOKEN and PUBLIC_URL',
  },
  {
    source: 'salesforce',
    crm: 'salesforce',
    path: '/triggers/salesforce/:token',
    acknowledge: (reply) => reply.type(SALESFORCE_ACK.contentType).send(SALESFORCE_ACK.body),
    needs: 'crm.salesforce and SALESFORCE_TRIGGER_TOKENS',
  },
  {
    source: 'pipedrive',
    crm: 'pipedrive',
    path: '/triggers/pipedrive',
    acknowledge: (_reply, received) => ({ received: true, ...received }),
    needs: 'crm.pipedrive, PIPEDRIVE_WEBHOOK_USER and PIPEDRIVE_WEBHOOK_PASSWORD',
  },
  {
    source: 'deal',
    crm: 'generic',
    path: '/triggers/deal',
    acknowledge: (reply, { duplicates }) => reply.code(202).send({ received: true, duplicates }),
    needs: 'DEAL_TRIGGER_SECRETS or DEAL_TRIGGER_TOKENS',
  },
];

/**
 * `POST /triggers/<crm>`: verify, split into transitions, store all in one statement, acknowledge. An authenticated batch
 * is acknowledged even when nothing in it is of use, because CRMs repeat whatever is not answered 2xx.
 */
export function addDealReceivers(
  app: FastifyInstance,
  context: ReceiverContext,
  crms: Partial<Record<CrmName, Crm>>,
): void {
  for (const receiver of RECEIVERS) {
    app.post(receiver.path, { config: { source: receiver.source } }, async (request, reply) =>
      receiver.acknowledge(reply, await receive(context, request, crms[receiver.crm], receiver)),
    );
  }
}

async function receive(
  context: ReceiverContext,
  request: FastifyRequest,
  crm: Crm | undefined,
  { source, needs }: DealReceiver,
): Promise<{ events: number; duplicates: number }> {
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
