import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Crm, type CrmName, createFormTrigger, type LeadSignal, TriggerRefused } from '../crm/index.ts';
import { TriggerError } from './errors.ts';
import { formInboxEntry } from './form-payload.ts';
import { type ReceiverContext, rawBody, storeAndTell, type VerifiedBy } from './receiver.ts';

export interface FormReceiverOptions {
  /** `FORM_TRIGGER_SECRETS`. */
  secrets: readonly string[];
  /** `FORM_TRIGGER_TOKENS`. */
  tokens: readonly string[];
}

export const FORM_PATH = '/triggers/form';

/** What a request was taken for, verified, and split into. */
interface Accepted {
  receivedBy: CrmName;
  verified: VerifiedBy;
  signals: LeadSignal[];
}

/**
 * `POST /triggers/form`: forms that were filled in, and meetings that were booked elsewhere; in our own form, or as a CRM
 * tells of them, which is then judged by the CRM's signature alone. Verify, store all in one statement, acknowledge.
 *
 * @param forms undefined: leads are not recovered here, and every request is answered 503
 */
export function addFormReceiver(
  app: FastifyInstance,
  context: ReceiverContext,
  crms: Partial<Record<CrmName, Crm>>,
  forms: FormReceiverOptions | undefined,
): void {
  const own = forms === undefined ? undefined : createFormTrigger({ ...forms, readableBy: firstToRead(crms) });
  app.post(FORM_PATH, { config: { source: 'form' } }, async (request, reply) => {
    if (own === undefined) {
      throw new TriggerError(
        'configuration',
        'Leads are not recovered here: configure recovery in kickoff.config.yaml, where {} takes every default.',
      );
    }
    const { receivedBy, verified, signals } = accept(() => read(request, crms, own));
    const entries = signals.map((signal) => formInboxEntry(signal, receivedBy));
    const { duplicates } = await storeAndTell(context, entries, verified);
    reply.code(receivedBy === 'generic' ? 202 : 200);
    return receivedBy === 'generic'
      ? { received: true, duplicates }
      : { received: true, events: entries.length, duplicates };
  });
}

function read(
  request: FastifyRequest,
  crms: Partial<Record<CrmName, Crm>>,
  own: ReturnType<typeof createFormTrigger>,
): Accepted {
  const body = rawBody(request.body);
  const inbound = { method: request.method, path: request.raw.url ?? request.url, headers: request.headers, body };
  for (const crm of Object.values(crms)) {
    if (crm.forms?.isFrom(inbound) === true) {
      return {
        receivedBy: crm.name,
        verified: { ...crm.verify(inbound), by: crm.name },
        signals: crm.forms.normalise(body),
      };
    }
  }
  const now = new Date();
  return {
    receivedBy: 'generic',
    verified: { ...own.verify(inbound, now), by: 'form' },
    signals: own.normalise(body, now),
  };
}

/** The first configured CRM that leads can be read from. */
function firstToRead(crms: Partial<Record<CrmName, Crm>>): CrmName | undefined {
  return Object.values(crms).find((crm) => crm.name !== 'generic' && crm.leads !== undefined)?.name;
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
