import { z } from 'zod';
import { meetingInWords } from '../meeting-words.ts';
import { orNothing } from '../or-nothing.ts';
import {
  CrmError,
  type CrmLeads,
  type FormLead,
  type FormLeadsPage,
  type FormLeadsQuery,
  type FormSubmission,
  type Lead,
} from '../port.ts';
import { isWithin, type Window, windowOf } from '../window.ts';
import { eachPage, idSchema, type PipedriveApi } from './api.ts';
import { emailOf, isThere, readPerson } from './contacts.ts';
import { given, readOrganizationName, readOwner, recordUrl } from './deal.ts';
import type { PipedriveFields } from './fields.ts';
import { instantOf } from './instant.ts';
import { type PipedriveWriteOptions, writeToPipedrive } from './write.ts';

export interface PipedriveLeadsOptions extends Omit<PipedriveWriteOptions, 'of'> {
  /** Activities of these types are meetings. */
  meetingTypes: readonly string[];
}

const textSchema = z.string().nullish();
const searchSchema = z.object({ items: z.array(z.object({ item: z.object({ id: idSchema }) })) });
const activitySchema = z.object({
  id: idSchema,
  subject: textSchema,
  type: textSchema,
  add_time: textSchema,
  due_date: textSchema,
  due_time: textSchema,
  is_deleted: z.boolean().nullish(),
});
const leadSchema = z.object({
  person_id: idSchema.nullish(),
  title: textSchema,
  source_name: textSchema,
  origin: textSchema,
  add_time: textSchema,
});

const PAGE_SIZE = '100';
/** The newest 500 activities of one person. */
const MAX_ACTIVITY_PAGES = 5;
const MAX_LEAD_PAGE = 500;
/** Leads that nobody has filled in a form for; every other origin is one of Pipedrive's own ways to be written to. */
const NO_FORM = ['manuallycreated', 'import', 'deal', 'api'];

/**
 * Pipedrive's people as leads.
 *
 * Who fills in a form of Pipedrive's becomes a lead in its Leads Inbox, with a person: the person is whom recovery is about,
 * because notes, activities and fields are kept there. A meeting is an activity of a configured type (`meeting`, which
 * Pipedrive's Scheduler makes) that is not deleted. Opted out is `marketing_status` `unsubscribed`, as for a deal's people.
 * Pipedrive knows no time zones of people. Source: API reference, Persons, Leads and Activities; which of the leads' origins
 * are forms is our reading.
 */
export function createPipedriveLeads(
  api: PipedriveApi,
  fields: PipedriveFields,
  options: PipedriveLeadsOptions,
): CrmLeads {
  return {
    readLead: (which, signal) => readLead(api, which, signal),
    findMeeting: (lead, since, signal) => findMeeting(api, lead.id, since, options.meetingTypes, signal),
    writeBack: (leadId, write, signal) =>
      writeToPipedrive(api, fields, leadId, write, { ...options, of: 'person' }, signal),
    lastSubmission: (leadId, signal) => lastSubmission(api, leadId, signal),
    listFormLeads: (query, signal) => listFormLeads(api, query, signal),
  };
}

async function readLead(
  api: PipedriveApi,
  { id, email }: { id?: string; email?: string },
  signal?: AbortSignal,
): Promise<Lead> {
  const byId = id === undefined || !isId(id) ? undefined : await orNothing(readPerson(api, id, signal));
  const personId = byId === undefined && email !== undefined ? await personOf(api, email, signal) : undefined;
  const person = byId ?? (personId === undefined ? undefined : await readPerson(api, personId, signal));
  const address = person === undefined ? undefined : emailOf(person);
  if (person === undefined || !isThere(person)) {
    const which = id === undefined ? 'of this address' : JSON.stringify(id.slice(0, 40));
    throw new CrmError('not_found', `Pipedrive has no person ${which}, or the token may not see it.`);
  }
  if (address === undefined) {
    throw new CrmError(
      'not_found',
      `Pipedrive's person ${person.id} has no e-mail address: there is nobody to write to.`,
    );
  }
  const [company, owner] = await Promise.all([
    typeof person.org_id === 'string' ? readOrganizationName(api, person.org_id, signal) : undefined,
    readOwner(api, person.owner_id, signal),
  ]);
  const name = given(person.name);
  const jobTitle = given(person.job_title);
  const url = recordUrl(api.baseUrl, 'person', person.id);
  return {
    id: person.id,
    crm: 'pipedrive',
    email: address,
    ...(name === undefined ? {} : { name }),
    ...(company === undefined ? {} : { company }),
    ...(jobTitle === undefined ? {} : { jobTitle }),
    ...(owner === undefined ? {} : { owner }),
    optedOut: person.marketing_status === 'unsubscribed',
    ...(url === undefined ? {} : { url }),
  };
}

/** The person with this address, and no one whose address only begins like it. */
async function personOf(api: PipedriveApi, email: string, signal?: AbortSignal): Promise<string | undefined> {
  const query = { term: email, fields: 'email', exact_match: 'true', limit: '1' };
  const { items } = await api.call(searchSchema, { method: 'GET', path: '/v2/persons/search', query, signal });
  return items[0]?.item.id;
}

async function findMeeting(
  api: PipedriveApi,
  leadId: string,
  since: string,
  types: readonly string[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  if (!isId(leadId)) return undefined;
  const query = { person_id: leadId, sort_by: 'add_time', sort_direction: 'desc', limit: PAGE_SIZE };
  const call = { method: 'GET', path: '/v2/activities', query, signal } as const;
  const sinceMs = Date.parse(since);
  for await (const page of eachPage(api, activitySchema, call, MAX_ACTIVITY_PAGES)) {
    for (const { subject, type, add_time, due_date, due_time, is_deleted } of page) {
      const start = startOf(due_date, due_time);
      const isNew = [instantOf(add_time), start].some((at) => at !== undefined && Date.parse(at) >= sinceMs);
      if (is_deleted !== true && types.includes(type ?? '') && isNew) {
        return meetingInWords(subject, start, 'Pipedrive');
      }
    }
  }
  return undefined;
}

/** Pipedrive gives day and time apart, in UTC; a meeting without a time is one of the day. */
function startOf(date: string | null | undefined, time: string | null | undefined): string | undefined {
  if (date === null || date === undefined || !/^\d{4}-\d\d-\d\d$/.test(date)) return undefined;
  const clock = /^\d\d:\d\d/.exec(time ?? '')?.[0] ?? '00:00';
  return instantOf(`${date} ${clock}:00`);
}

async function lastSubmission(
  api: PipedriveApi,
  leadId: string,
  signal?: AbortSignal,
): Promise<FormSubmission | undefined> {
  if (!isId(leadId)) return undefined;
  const query = { person_id: leadId, sort: 'add_time DESC', start: '0', limit: PAGE_SIZE };
  const { items } = await api.page(leadSchema, { method: 'GET', path: '/v1/leads', query, signal });
  const newest = items.find(isOfForm);
  const submittedAt = instantOf(newest?.add_time);
  const name = given(newest?.source_name)?.slice(0, 255) ?? 'a form';
  return submittedAt === undefined ? undefined : { name, submittedAt, answers: {} };
}

/**
 * One page of the Leads Inbox, of which those of the window are picked out here: Pipedrive filters leads by no date. So a
 * page may be empty and not the last, and one that is put away meanwhile may move another out of sight: run again for that.
 */
async function listFormLeads(api: PipedriveApi, query: FormLeadsQuery, signal?: AbortSignal): Promise<FormLeadsPage> {
  const window = windowOf(query);
  if (window === undefined) return { leads: [] };
  const start = query.cursor ?? '0';
  if (!/^\d{1,9}$/.test(start)) {
    throw new CrmError(
      'configuration',
      'The cursor of the list is not one of Pipedrive’s: begin again with the first page.',
    );
  }
  const limit = String(Math.max(1, Math.min(Math.floor(query.limit), MAX_LEAD_PAGE)));
  const { items, next } = await api.page(leadSchema, {
    method: 'GET',
    path: '/v1/leads',
    query: { sort: 'add_time ASC', start, limit },
    signal,
  });
  return {
    leads: items.flatMap((lead) => formLeadOf(lead, window)),
    ...(next?.start === undefined ? {} : { next: next.start }),
  };
}

function isOfForm({ origin }: z.infer<typeof leadSchema>): boolean {
  return given(origin) !== undefined && !NO_FORM.includes((origin ?? '').toLowerCase());
}

function formLeadOf(lead: z.infer<typeof leadSchema>, window: Window): FormLead[] {
  const { person_id: leadId, title, source_name } = lead;
  const submittedAt = instantOf(lead.add_time);
  if (typeof leadId !== 'string' || submittedAt === undefined) return [];
  if (!isOfForm(lead) || !isWithin(window, submittedAt)) return [];
  const name = given(title);
  const form = given(source_name);
  return [{ leadId, ...(name === undefined ? {} : { name }), submittedAt, ...(form === undefined ? {} : { form }) }];
}

function isId(id: string): boolean {
  return /^\d{1,16}$/.test(id);
}
