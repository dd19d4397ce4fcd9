import type { Dispatcher } from 'undici';
import type { Crm } from '../port.ts';
import { createPipedriveApi } from './api.ts';
import { verifyBasic } from './basic.ts';
import { listPipedriveContacts } from './contacts.ts';
import { readPipedriveDeal } from './deal.ts';
import { normalisePipedriveEvents } from './events.ts';
import { createPipedriveFields } from './fields.ts';
import { createPipedriveLeads } from './leads.ts';
import { listWonDeals } from './won-deals.ts';
import { writeToPipedrive } from './write.ts';

export interface PipedriveOptions {
  /** `PIPEDRIVE_WEBHOOK_USER`: the webhook's HTTP Auth user. Without it and the password webhooks are answered 503. */
  webhookUser?: string | undefined;
  /** `PIPEDRIVE_WEBHOOK_PASSWORD`: the webhook's HTTP Auth password. */
  webhookPassword?: string | undefined;
  /** `PIPEDRIVE_API_TOKEN`: reads and writes. Without it every call is a `configuration` error. */
  apiToken?: string | undefined;
  /** `https://<company>.pipedrive.com`, which also makes links to deals. Default `https://api.pipedrive.com`. */
  baseUrl?: string | undefined;
  /**
   * The deal field that takes the kickoff's status: its key of 40 characters or its name; a text or a single option.
   * Without it the status is written as a note, so that it is seen in Pipedrive from the first day.
   */
  statusField?: string | undefined;
  /** Ids of the pipelines whose deals get a kickoff. Default: all. */
  pipelines?: readonly string[] | undefined;
  /** The person field that takes the recovery's status, as {@link statusField}. Without it: a note. */
  leadStatusField?: string | undefined;
  /** Activities of these types are meetings. Default `['meeting']`. */
  meetingTypes?: readonly string[] | undefined;
  /** Milliseconds for one call. Default 10,000. */
  timeoutMs?: number | undefined;
  dispatcher?: Dispatcher | undefined;
  /** The clock, for tests. */
  now?: (() => Date) | undefined;
}

/** Pipedrive behind the port. Nothing is called or checked until a method is used. */
export function createPipedrive(options: PipedriveOptions): Crm {
  const now = options.now ?? (() => new Date());
  const api = createPipedriveApi({
    baseUrl: options.baseUrl,
    apiToken: options.apiToken,
    timeoutMs: options.timeoutMs,
    dispatcher: options.dispatcher,
  });
  const fields = createPipedriveFields(api, now);
  const credentials = { user: options.webhookUser, password: options.webhookPassword };
  const statusField = fieldNamed(options.statusField);
  const writing = { of: 'deal', statusField, now } as const;
  return {
    name: 'pipedrive',
    pipelines: options.pipelines,
    verify: (request) => verifyBasic(request, credentials),
    normalise: (body) => normalisePipedriveEvents(body, now()),
    readDeal: (dealId, signal) => readPipedriveDeal(api, dealId, signal),
    listStakeholders: (deal, signal) => listPipedriveContacts(api, fields, deal.id, signal),
    writeBack: (dealId, write, signal) => writeToPipedrive(api, fields, dealId, write, writing, signal),
    listWonDeals: (query, signal) => listWonDeals(api, query, signal),
    leads: createPipedriveLeads(api, fields, {
      statusField: fieldNamed(options.leadStatusField),
      meetingTypes: options.meetingTypes ?? ['meeting'],
      now,
    }),
  };
}

function fieldNamed(name: string | undefined): string | undefined {
  const trimmed = name?.trim();
  return trimmed === '' ? undefined : trimmed;
}
