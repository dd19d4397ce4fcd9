import type { Dispatcher } from 'undici';
import type { Crm } from '../port.ts';
import { createHubSpotApi } from './api.ts';
import { listHubSpotContacts } from './contacts.ts';
import { readHubSpotDeal } from './deal.ts';
import { normaliseHubSpotEvents } from './events.ts';
import { isFromHubSpot, normaliseHubSpotForms } from './forms.ts';
import { createHubSpotLeads } from './leads.ts';
import { createSearchPace, type PaceClock } from './search-pace.ts';
import { type HubSpotSignatureVersion, verifyHubSpotSignature } from './signature.ts';
import { listHubSpotWonDeals } from './won-deals.ts';
import { writeToHubSpot } from './write.ts';

export interface HubSpotOptions {
  /** `HUBSPOT_CLIENT_SECRET`: verifies webhooks. Without it they are answered 503. */
  clientSecret?: string | undefined;
  /** `HUBSPOT_ACCESS_TOKEN`: reads and writes. Without it every call is a `configuration` error. */
  accessToken?: string | undefined;
  /** The address under which HubSpot reaches this server; part of what HubSpot signs. */
  publicUrl?: string | undefined;
  /** Default `['v3']`. v1 and v2 can be replayed by whoever saw one request. */
  signatureVersions?: readonly HubSpotSignatureVersion[] | undefined;
  /** Default `https://api.hubapi.com`. */
  baseUrl?: string | undefined;
  /** HubSpot's dated API version. Default `2026-03`. */
  apiVersion?: string | undefined;
  /** The deal property that takes the kickoff's status; make it in HubSpot as a text. Default `kickoff_status`. */
  statusProperty?: string | undefined;
  /** The contact property that takes the recovery's status; make it in HubSpot as a text. Default `kickoff_lead_status`. */
  leadStatusProperty?: string | undefined;
  /** Internal ids of the pipelines whose deals get a kickoff by themselves; all when absent. */
  pipelines?: readonly string[] | undefined;
  /** For links to the deal, where HubSpot's answers have none. */
  portalId?: string | undefined;
  /** Milliseconds for one call. Default 10,000. */
  timeoutMs?: number | undefined;
  dispatcher?: Dispatcher | undefined;
  /** The clock, for tests. */
  now?: (() => Date) | undefined;
  /** What searches are paced by, for tests. */
  paceClock?: PaceClock | undefined;
}

/** HubSpot behind the port. Nothing is called or checked until a method is used. */
export function createHubSpot(options: HubSpotOptions): Crm {
  const now = options.now ?? (() => new Date());
  const api = createHubSpotApi({
    baseUrl: options.baseUrl,
    accessToken: options.accessToken,
    version: options.apiVersion,
    timeoutMs: options.timeoutMs,
    dispatcher: options.dispatcher,
  });
  const signature = {
    clientSecret: options.clientSecret,
    publicUrl: options.publicUrl,
    versions: options.signatureVersions ?? (['v3'] as const),
  };
  const pace = createSearchPace(options.paceClock);
  const { portalId } = options;
  const writing = { of: 'deals', statusProperty: options.statusProperty ?? 'kickoff_status', portalId, now } as const;
  const leadStatusProperty = options.leadStatusProperty ?? 'kickoff_lead_status';
  return {
    name: 'hubspot',
    pipelines: options.pipelines,
    verify: (request, at = now()) => verifyHubSpotSignature(request, signature, at),
    normalise: normaliseHubSpotEvents,
    readDeal: (dealId, signal) => readHubSpotDeal(api, dealId, portalId, signal),
    listStakeholders: (deal, signal) => listHubSpotContacts(api, deal.id, signal),
    writeBack: (dealId, write, signal) => writeToHubSpot(api, dealId, write, writing, signal),
    listWonDeals: (query, signal) => listHubSpotWonDeals(api, pace, query, signal),
    leads: createHubSpotLeads(api, pace, { statusProperty: leadStatusProperty, portalId, now }),
    forms: { isFrom: isFromHubSpot, normalise: normaliseHubSpotForms },
  };
}
