import type { Dispatcher } from 'undici';
import { type Crm, CrmError, type CrmName } from '../port.ts';
import { normaliseGenericEvent } from './events.ts';
import { DEAL_EVENTS, verifyGenericRequest } from './signature.ts';
import { postGenericWrite } from './write.ts';

export interface GenericOptions {
  /** `DEAL_TRIGGER_SECRETS`: sign deal events. Without secrets and tokens they are answered 503. */
  secrets?: readonly string[] | undefined;
  /** `DEAL_TRIGGER_TOKENS`: bearer tokens, for senders that cannot sign. */
  tokens?: readonly string[] | undefined;
  /** How far a signature's time may be off, in seconds. Default 300 both ways. */
  tolerance?: { pastSeconds: number; futureSeconds: number } | undefined;
  /** The CRM that reads deals that come by id alone. */
  readableBy?: CrmName | undefined;
  /** Where status, notes and tasks are posted. None: they go nowhere. */
  writeBackUrl?: string | undefined;
  /** Milliseconds for one write. Default 10,000. */
  timeoutMs?: number | undefined;
  dispatcher?: Dispatcher | undefined;
  /** The clock, for tests. */
  now?: (() => Date) | undefined;
}

/**
 * Any system that can post JSON, behind the port: Zapier, n8n, Close, Attio, scripts.
 *
 * It has no API to read from, so it serves deals that arrived whole, with their contacts.
 */
export function createGeneric(options: GenericOptions): Crm {
  const now = options.now ?? (() => new Date());
  const verifying = {
    kind: DEAL_EVENTS,
    secrets: options.secrets ?? [],
    tokens: options.tokens ?? [],
    tolerance: options.tolerance ?? { pastSeconds: 300, futureSeconds: 300 },
  };
  const writing = {
    url: options.writeBackUrl,
    secret: options.secrets?.[0],
    timeoutMs: options.timeoutMs ?? 10_000,
    dispatcher: options.dispatcher,
    now,
  };
  return {
    name: 'generic',
    verify: (request, at = now()) => verifyGenericRequest(request, verifying, at),
    normalise: (body) => normaliseGenericEvent(body, options.readableBy, now()),
    readDeal: async (dealId) => {
      throw new CrmError(
        'not_found',
        `Deal ${dealId} cannot be read: its system has no API here. Send the whole deal.`,
      );
    },
    listStakeholders: async (deal) => deal.contacts ?? [],
    writeBack: (dealId, write, signal) => postGenericWrite({ dealId }, write, writing, signal),
    leads: {
      readLead: async () => {
        throw new CrmError('not_found', 'The lead cannot be read: its system has no API here. Send the whole lead.');
      },
      // Nobody can be asked: whoever knows of a meeting says so, with meeting.booked.
      findMeeting: async () => undefined,
      writeBack: (leadId, write, signal) => postGenericWrite({ leadId }, write, writing, signal),
    },
  };
}
