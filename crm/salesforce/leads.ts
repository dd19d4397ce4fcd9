import { z } from 'zod';
import { meetingInWords } from '../meeting-words.ts';
import { CrmError, type CrmLeads, type FormLeadsPage, type FormLeadsQuery, type Lead } from '../port.ts';
import { inSeconds, isWithin, windowOf } from '../window.ts';
import type { SalesforceApi } from './api.ts';
import { given, ownerOf } from './deal.ts';
import { instantOf } from './instant.ts';
import { parseRecordId } from './record-id.ts';
import { soqlText } from './soql-text.ts';
import { idOfCursor } from './won-deals.ts';
import { type SalesforceTarget, type SalesforceWriteOptions, writeToSalesforce } from './write.ts';

export interface SalesforceLeadsOptions extends SalesforceWriteOptions {
  /** Leads of these sources have filled in a form. */
  leadSources: readonly string[];
}

/** The key prefixes of Salesforce's ids. Source: "Standard Field Record ID Prefix Decoder". */
const PREFIX = { lead: '00Q', contact: '003', user: '005' } as const;
const LEAD_FIELDS = 'Id, Name, Email, Company, Title, HasOptedOutOfEmail, OwnerId, IsConverted, ConvertedContactId';
const CONTACT_FIELDS = 'Id, Name, Email, Account.Name, Title, HasOptedOutOfEmail, OwnerId';
const MAX_PAGE = 200;

const textSchema = z.string().nullish();
const personSchema = z.object({
  Id: z.string(),
  Name: textSchema,
  Email: textSchema,
  Company: textSchema,
  Account: z.object({ Name: textSchema }).nullish(),
  Title: textSchema,
  HasOptedOutOfEmail: z.boolean().nullish(),
  OwnerId: textSchema,
  IsConverted: z.boolean().nullish(),
  ConvertedContactId: textSchema,
});
type Person = z.infer<typeof personSchema>;
const userSchema = z.object({ Email: textSchema, Name: textSchema, TimeZoneSidKey: textSchema });
const eventSchema = z.object({ Subject: textSchema, StartDateTime: textSchema });
const convertedSchema = z.object({ ConvertedContactId: textSchema });
const listedSchema = z.object({
  Id: z.string(),
  Name: textSchema,
  Email: textSchema,
  LeadSource: textSchema,
  CreatedDate: z.string(),
});

/**
 * Salesforce's Leads, and Contacts, as leads.
 *
 * By address the newest Lead that is not converted comes first, then the newest Contact; a Lead that was converted is read as
 * the Contact that came of it. A meeting is an Event whose name (WhoId) it is: Events have no state, one that is called off
 * is deleted. A form is what has made a Lead of one of the configured sources (web-to-lead sets `LeadSource` as its form
 * says, "Web" unless somebody changed it); so the submission is the Lead's creation, and a second one is a second Lead.
 * Salesforce keeps no time zones of leads. Source: Object Reference, Lead, Contact and Event.
 */
export function createSalesforceLeads(api: SalesforceApi, options: SalesforceLeadsOptions): CrmLeads {
  return {
    readLead: (which, signal) => readLead(api, which, signal),
    findMeeting: (lead, since, signal) => findMeeting(api, lead.id, since, signal),
    writeBack: async (leadId, write, signal) =>
      writeToSalesforce(api, await targetOf(api, leadId, signal), write, options, signal),
    lastSubmission: async (leadId, signal) => {
      const id = parseRecordId(leadId);
      if (id === undefined || !id.startsWith(PREFIX.lead)) return undefined;
      const soql = `SELECT Id, LeadSource, CreatedDate FROM Lead WHERE Id = '${id}'`;
      const [lead] = await api.query(listedSchema, soql, signal);
      const submittedAt = instantOf(lead?.CreatedDate);
      return submittedAt === undefined
        ? undefined
        : { name: given(lead?.LeadSource)?.slice(0, 255) ?? 'a form', submittedAt, answers: {} };
    },
    listFormLeads: (query, signal) => listFormLeads(api, query, options.leadSources, signal),
  };
}

async function readLead(
  api: SalesforceApi,
  { id: asked, email }: { id?: string; email?: string },
  signal?: AbortSignal,
): Promise<Lead> {
  const id = asked === undefined ? undefined : parseRecordId(asked);
  const found =
    (id === undefined ? undefined : await readById(api, id, signal)) ??
    (email === undefined ? undefined : await readByAddress(api, email, signal));
  if (found === undefined) {
    const which = asked === undefined ? 'of this address' : JSON.stringify(asked.slice(0, 40));
    throw new CrmError(
      'not_found',
      `Salesforce has no Lead or Contact ${which}, or the connected user may not see it.`,
    );
  }
  return leadOf(api, found, signal);
}

async function readById(api: SalesforceApi, id: string, signal?: AbortSignal): Promise<Person | undefined> {
  if (id.startsWith(PREFIX.contact)) return await readContact(api, `Id = '${id}'`, signal);
  if (!id.startsWith(PREFIX.lead)) return undefined;
  const [lead] = await api.query(personSchema, `SELECT ${LEAD_FIELDS} FROM Lead WHERE Id = '${id}'`, signal);
  const contactId = parseRecordId(lead?.ConvertedContactId ?? '');
  return lead?.IsConverted === true && contactId !== undefined
    ? await readContact(api, `Id = '${contactId}'`, signal)
    : lead;
}

async function readByAddress(api: SalesforceApi, email: string, signal?: AbortSignal): Promise<Person | undefined> {
  const isTheirs = `Email = ${soqlText(email)}`;
  const newest = 'ORDER BY CreatedDate DESC LIMIT 1';
  const soql = `SELECT ${LEAD_FIELDS} FROM Lead WHERE ${isTheirs} AND IsConverted = false ${newest}`;
  const [lead] = await api.query(personSchema, soql, signal);
  return lead ?? (await readContact(api, `${isTheirs} ${newest}`, signal));
}

async function readContact(api: SalesforceApi, where: string, signal?: AbortSignal): Promise<Person | undefined> {
  return (await api.query(personSchema, `SELECT ${CONTACT_FIELDS} FROM Contact WHERE ${where}`, signal))[0];
}

async function leadOf(api: SalesforceApi, person: Person, signal?: AbortSignal): Promise<Lead> {
  const id = parseRecordId(person.Id) ?? person.Id;
  const email = given(person.Email)?.toLowerCase();
  if (email === undefined) {
    throw new CrmError('not_found', `Salesforce's record ${id} has no e-mail address: there is nobody to write to.`);
  }
  const owner = await readOwner(api, person.OwnerId, signal);
  const name = given(person.Name);
  const company = given(person.Company) ?? given(person.Account?.Name);
  const jobTitle = given(person.Title);
  const url = api.recordUrl(objectOf(id), id);
  return {
    id,
    crm: 'salesforce',
    email,
    ...(name === undefined ? {} : { name }),
    ...(company === undefined ? {} : { company }),
    ...(jobTitle === undefined ? {} : { jobTitle }),
    ...(owner === undefined ? {} : { owner }),
    optedOut: person.HasOptedOutOfEmail === true,
    ...(url === undefined ? {} : { url }),
  };
}

/** A Lead may belong to a queue, which nobody can meet. */
async function readOwner(
  api: SalesforceApi,
  ownerId: string | null | undefined,
  signal?: AbortSignal,
): Promise<Lead['owner']> {
  const id = parseRecordId(ownerId ?? '');
  if (id === undefined || !id.startsWith(PREFIX.user)) return undefined;
  const soql = `SELECT Email, Name, TimeZoneSidKey FROM User WHERE Id = '${id}'`;
  return ownerOf((await api.query(userSchema, soql, signal))[0]);
}

async function findMeeting(
  api: SalesforceApi,
  leadId: string,
  since: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const id = parseRecordId(leadId);
  const window = windowOf({ after: since, before: '3999-01-01T00:00:00Z' });
  if (id === undefined || window === undefined) return undefined;
  const { after } = inSeconds(window);
  const isNew = `(CreatedDate >= ${after} OR StartDateTime >= ${after})`;
  const soql = `SELECT Subject, StartDateTime FROM Event WHERE WhoId = '${id}' AND ${isNew} ORDER BY StartDateTime LIMIT 1`;
  const [event] = await api.query(eventSchema, soql, signal);
  return event === undefined ? undefined : meetingInWords(event.Subject, instantOf(event.StartDateTime), 'Salesforce');
}

/** A Lead that was converted can be changed no more: what is written goes to its Contact. */
async function targetOf(api: SalesforceApi, leadId: string, signal?: AbortSignal): Promise<SalesforceTarget> {
  const id = parseRecordId(leadId);
  if (id === undefined || !(id.startsWith(PREFIX.lead) || id.startsWith(PREFIX.contact))) {
    const given = JSON.stringify(leadId.slice(0, 40));
    throw new CrmError('not_found', `${given} is no id of a Lead or a Contact in Salesforce.`);
  }
  if (id.startsWith(PREFIX.contact)) return { object: 'Contact', id };
  const soql = `SELECT ConvertedContactId FROM Lead WHERE Id = '${id}'`;
  const contactId = parseRecordId((await api.query(convertedSchema, soql, signal))[0]?.ConvertedContactId ?? '');
  return contactId === undefined ? { object: 'Lead', id } : { object: 'Contact', id: contactId };
}

function objectOf(id: string): SalesforceTarget['object'] {
  return id.startsWith(PREFIX.contact) ? 'Contact' : 'Lead';
}

/** As won Opportunities are listed: a page begins behind the last id of the page before. */
async function listFormLeads(
  api: SalesforceApi,
  query: FormLeadsQuery,
  sources: readonly string[],
  signal?: AbortSignal,
): Promise<FormLeadsPage> {
  const window = windowOf(query);
  if (window === undefined) return { leads: [] };
  const { after, before } = inSeconds(window);
  const cursor = query.cursor === undefined ? undefined : idOfCursor(query.cursor);
  const limit = Math.max(1, Math.min(Math.floor(query.limit), MAX_PAGE));
  const where = [
    'IsConverted = false',
    'Email != null',
    `LeadSource IN (${sources.map(soqlText).join(', ')})`,
    `CreatedDate >= ${after}`,
    `CreatedDate < ${before}`,
  ].join(' AND ');
  const behind = cursor === undefined ? '' : ` AND Id > '${cursor}'`;
  const soql = `SELECT Id, Name, Email, LeadSource, CreatedDate FROM Lead WHERE ${where}${behind} ORDER BY Id LIMIT ${limit}`;
  const found = await api.query(listedSchema, soql, signal);
  const next = found.length < limit ? undefined : found.at(-1)?.Id;
  const remaining =
    cursor === undefined ? await api.count(`SELECT COUNT() FROM Lead WHERE ${where}`, signal) : undefined;
  return {
    leads: found.flatMap((lead) => {
      const submittedAt = instantOf(lead.CreatedDate);
      // The query's seconds are a little wider than the window.
      if (submittedAt === undefined || !isWithin(window, submittedAt)) return [];
      const email = given(lead.Email)?.toLowerCase();
      const name = given(lead.Name);
      const form = given(lead.LeadSource);
      return [
        {
          leadId: parseRecordId(lead.Id) ?? lead.Id,
          ...(email === undefined ? {} : { email }),
          ...(name === undefined ? {} : { name }),
          submittedAt,
          ...(form === undefined ? {} : { form }),
        },
      ];
    }),
    ...(next === undefined ? {} : { next }),
    ...(remaining === undefined ? {} : { remaining }),
  };
}
