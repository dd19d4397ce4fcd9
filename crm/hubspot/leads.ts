import { meetingInWords } from '../meeting-words.ts';
import {
  CrmError,
  type CrmLeads,
  type FormLead,
  type FormLeadsPage,
  type FormLeadsQuery,
  type FormSubmission,
  type Lead,
} from '../port.ts';
import type { HubSpotApi } from './api.ts';
import { associatedWith, type HubSpotRecord, readBatch } from './associations.ts';
import { nameOf } from './contacts.ts';
import { given, readOwner, recordUrl } from './deal.ts';
import { searchById, withinWindow } from './search.ts';
import type { SearchPace } from './search-pace.ts';
import { zoneOfHubSpot } from './timezone.ts';
import { type HubSpotWriteOptions, writeToHubSpot } from './write.ts';

const LEAD_PROPERTIES = [
  ...['email', 'firstname', 'lastname', 'company', 'jobtitle', 'hs_timezone'],
  ...['hs_email_optout', 'hubspot_owner_id'],
];
/** HubSpot's own: the last form that a contact has filled in, and when. */
const SUBMISSION_PROPERTIES = ['recent_conversion_date', 'recent_conversion_event_name'];
const MEETING_PROPERTIES = ['hs_meeting_title', 'hs_meeting_start_time', 'hs_meeting_outcome', 'hs_createdate'];
const MAX_FORM_NAME = 255;

/**
 * HubSpot's contacts as leads.
 *
 * The representative is the contact's owner, opted out is `hs_email_optout`. A meeting is one of HubSpot's meetings (its
 * meetings tool, a connected calendar, or logged by hand) that is associated with the contact and was not cancelled.
 *
 * Source: https://developers.hubspot.com, "Contacts", "Meetings", and the knowledge base, "Default contact properties".
 */
export function createHubSpotLeads(
  api: HubSpotApi,
  pace: SearchPace,
  writing: Omit<HubSpotWriteOptions, 'of'>,
): CrmLeads {
  return {
    readLead: (which, signal) => readLead(api, which, writing.portalId, signal),
    findMeeting: (lead, since, signal) => findMeeting(api, lead.id, since, signal),
    writeBack: async (leadId, write, signal) =>
      writeToHubSpot(api, requireContactId(leadId), write, { ...writing, of: 'contacts' }, signal),
    lastSubmission: (leadId, signal) => lastSubmission(api, leadId, signal),
    listFormLeads: (query, signal) => listFormLeads(api, pace, query, signal),
  };
}

async function readLead(
  api: HubSpotApi,
  { id, email }: { id?: string; email?: string },
  portalId: string | undefined,
  signal?: AbortSignal,
): Promise<Lead> {
  const byId = id !== undefined && isContactId(id) ? await readContacts(api, id, undefined, signal) : [];
  // By batch, because an address in a path would stand in logs, and because a search does not find who has just come.
  const found = byId[0] ?? (email === undefined ? undefined : (await readContacts(api, email, 'email', signal))[0]);
  if (found === undefined) {
    throw new CrmError('not_found', `HubSpot has no contact ${id ?? 'of this address'}, or the token may not see it.`);
  }
  return await leadOf(api, found, portalId, signal);
}

function readContacts(api: HubSpotApi, id: string, idProperty: 'email' | undefined, signal?: AbortSignal) {
  return readBatch(api, 'contacts', [id], LEAD_PROPERTIES, signal, idProperty);
}

async function leadOf(
  api: HubSpotApi,
  { id, properties }: HubSpotRecord,
  portalId: string | undefined,
  signal?: AbortSignal,
): Promise<Lead> {
  const email = given(properties.email)?.toLowerCase();
  if (email === undefined) {
    throw new CrmError('not_found', `HubSpot's contact ${id} has no e-mail address: there is nobody to write to.`);
  }
  const owner = await readOwner(api, given(properties.hubspot_owner_id), signal);
  const name = nameOf(properties);
  const company = given(properties.company);
  const jobTitle = given(properties.jobtitle);
  const timezone = zoneOfHubSpot(properties.hs_timezone);
  const url = recordUrl(portalId, '0-1', id);
  return {
    id,
    crm: 'hubspot',
    email,
    ...(name === '' ? {} : { name }),
    ...(company === undefined ? {} : { company }),
    ...(jobTitle === undefined ? {} : { jobTitle }),
    ...(timezone === undefined ? {} : { timezone }),
    ...(owner === undefined ? {} : { owner }),
    optedOut: properties.hs_email_optout === 'true',
    ...(url === undefined ? {} : { url }),
  };
}

async function findMeeting(
  api: HubSpotApi,
  leadId: string,
  since: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  if (!isContactId(leadId)) return undefined;
  const meetings = await associatedWith(api, { of: 'contacts', id: leadId }, 'meetings', signal);
  const ids = meetings.map(({ id }) => id);
  const records = await readBatch(api, 'meetings', ids, MEETING_PROPERTIES, signal);
  const sinceMs = Date.parse(since);
  const found = records.find(({ properties }) => {
    const isOff = /^cancell?ed$/i.test(properties.hs_meeting_outcome ?? '');
    const instants = [properties.hs_createdate, properties.hs_meeting_start_time].map(millisecondsOf);
    return !isOff && instants.some((ms) => ms >= sinceMs);
  });
  if (found === undefined) return undefined;
  const start = millisecondsOf(found.properties.hs_meeting_start_time);
  const at = Number.isNaN(start) ? undefined : new Date(start).toISOString();
  return meetingInWords(found.properties.hs_meeting_title, at, 'HubSpot');
}

async function lastSubmission(
  api: HubSpotApi,
  leadId: string,
  signal?: AbortSignal,
): Promise<FormSubmission | undefined> {
  if (!isContactId(leadId)) return undefined;
  const [contact] = await readBatch(api, 'contacts', [leadId], SUBMISSION_PROPERTIES, signal);
  const at = millisecondsOf(contact?.properties.recent_conversion_date);
  if (Number.isNaN(at)) return undefined;
  const name = given(contact?.properties.recent_conversion_event_name)?.slice(0, MAX_FORM_NAME) ?? 'a form';
  return { name, submittedAt: new Date(at).toISOString(), answers: {} };
}

async function listFormLeads(
  api: HubSpotApi,
  pace: SearchPace,
  { after, before, limit, cursor }: FormLeadsQuery,
  signal?: AbortSignal,
): Promise<FormLeadsPage> {
  const page = {
    type: '0-1',
    filters: withinWindow('recent_conversion_date', { after, before }),
    properties: ['email', 'firstname', 'lastname', ...SUBMISSION_PROPERTIES],
    limit,
    cursor,
  } as const;
  const { total, results, next } = await searchById(api, pace, page, signal);
  return { leads: results.flatMap(formLeadOf), ...(next === undefined ? {} : { next }), remaining: total };
}

function formLeadOf({ id, properties }: HubSpotRecord): FormLead[] {
  const at = millisecondsOf(properties.recent_conversion_date);
  if (Number.isNaN(at)) return [];
  const email = given(properties.email)?.toLowerCase();
  const name = nameOf(properties);
  const form = given(properties.recent_conversion_event_name);
  return [
    {
      leadId: id,
      ...(email === undefined ? {} : { email }),
      ...(name === '' ? {} : { name }),
      submittedAt: new Date(at).toISOString(),
      ...(form === undefined ? {} : { form }),
    },
  ];
}

/** HubSpot gives instants in ISO 8601, and in milliseconds where a date was written so. NaN for what is none. */
function millisecondsOf(value: string | null | undefined): number {
  const ms =
    value === null || value === undefined ? Number.NaN : /^\d{10,16}$/.test(value) ? Number(value) : Date.parse(value);
  return ms <= 8_640_000_000_000_000 ? ms : Number.NaN;
}

function isContactId(id: string): boolean {
  return /^\d{1,20}$/.test(id);
}

/** @throws CrmError `not_found` for what can be no contact's id, before it becomes a part of a path */
function requireContactId(id: string): string {
  if (isContactId(id)) return id;
  throw new CrmError(
    'not_found',
    `HubSpot has no contact ${JSON.stringify(id.slice(0, 40))}: its ids are whole numbers.`,
  );
}
