import type { Dispatcher } from 'undici';
import type { Crm } from '../port.ts';
import { createSalesforceApi } from './api.ts';
import { listOpportunityContacts } from './contacts.ts';
import { createReadOpportunity, requireRecordId } from './deal.ts';
import { normaliseOutboundMessage } from './events.ts';
import { createSalesforceLeads } from './leads.ts';
import { verifyOutboundMessage } from './verify.ts';
import { createListWonOpportunities } from './won-deals.ts';
import { writeToSalesforce } from './write.ts';

export { SALESFORCE_ACK } from './acknowledge.ts';

export interface SalesforceOptions {
  /** The last segment of `/triggers/salesforce/<token>`; several while one replaces another. Without any: 503. */
  triggerTokens: readonly string[];
  /** The organization whose messages are accepted, 15 or 18 characters. Without it: any that knows the token. */
  organizationId?: string | undefined;
  /** The organization's My Domain, which the client credentials flow needs. Default `https://login.salesforce.com`. */
  loginUrl?: string | undefined;
  /** The connected app's id and secret. Without them every call is a `configuration` error. */
  clientId?: string | undefined;
  clientSecret?: string | undefined;
  /** Default `65.0` (Winter '26). */
  apiVersion?: string | undefined;
  /** The Opportunity's field that takes the kickoff's status; make it in Salesforce as a text. Default `Kickoff_Status__c`. */
  statusField?: string | undefined;
  /** The field of Leads and Contacts that takes the recovery's status. Default `Kickoff_Status__c`. */
  leadStatusField?: string | undefined;
  /** Leads of these sources have filled in a form. Default `['Web']`. */
  leadSources?: readonly string[] | undefined;
  /** Milliseconds for one call. Default 10,000. */
  timeoutMs?: number | undefined;
  dispatcher?: Dispatcher | undefined;
  /** The clock, for tests. */
  now?: (() => Date) | undefined;
}

/** Salesforce behind the port. Nothing is called, loaded or checked until a method is used. */
export function createSalesforce(options: SalesforceOptions): Crm {
  const now = options.now ?? (() => new Date());
  const api = createSalesforceApi({
    loginUrl: (options.loginUrl ?? 'https://login.salesforce.com').replace(/\/+$/, ''),
    clientId: options.clientId,
    clientSecret: options.clientSecret,
    apiVersion: (options.apiVersion ?? '65.0').replace(/^v/i, ''),
    timeoutMs: options.timeoutMs ?? 10_000,
    dispatcher: options.dispatcher,
  });
  const trust = { tokens: options.triggerTokens, organizationId: options.organizationId };
  const writing = { statusField: options.statusField ?? 'Kickoff_Status__c', now };
  return {
    name: 'salesforce',
    verify: (request) => verifyOutboundMessage(request, trust),
    normalise: (body) => normaliseOutboundMessage(body, now()),
    readDeal: createReadOpportunity(api),
    listStakeholders: (deal, signal) => listOpportunityContacts(api, deal.id, signal),
    writeBack: async (dealId, write, signal) =>
      writeToSalesforce(api, { object: 'Opportunity', id: requireRecordId(dealId) }, write, writing, signal),
    listWonDeals: createListWonOpportunities(api),
    leads: createSalesforceLeads(api, {
      statusField: options.leadStatusField ?? 'Kickoff_Status__c',
      leadSources: options.leadSources ?? ['Web'],
      now,
    }),
  };
}
