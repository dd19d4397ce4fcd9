import { z } from 'zod';
import { acmeDeal } from '../fixtures/acme.ts';
import { crmIdSchema } from '../fixtures/deal.ts';
import type { CrmObject, State } from '../state/schema.ts';
import type { Workspace } from '../workspace.ts';
import { contactObject } from './put-deal.ts';
import { forgetOrder } from './record-order.ts';

/** Changes a contact's properties, and says which are different now. */
export function changeContact(
  workspace: Workspace,
  contact: CrmObject,
  change: Readonly<Record<string, string>>,
  source: 'api' | 'control',
): string[] {
  const changed = Object.entries(change).filter(([name, to]) => contact.properties[name] !== to);
  for (const [name, to] of changed) contact.properties[name] = to;
  if (changed.length > 0) {
    contact.updatedAt = new Date(workspace.now()).toISOString();
    const text = changed.map(([name, to]) => `${name} = ${to}`).join(', ');
    const about = { action: 'properties', objectId: contact.id, text, source } as const;
    workspace.emit({ type: 'crm', at: workspace.isoNow(), ...about });
  }
  return changed.map(([name]) => name);
}

/** HubSpot keeps addresses in lower case, and has one contact for each. */
export function contactOfAddress(contacts: State['crm']['contacts'], email: string): CrmObject | undefined {
  const address = email.toLowerCase();
  for (const { id, properties } of contacts.values()) {
    if (properties.email?.toLowerCase() === address) return contacts.get(id);
  }
  return undefined;
}

/** The meetings of a contact, oldest first. */
export function meetingsOf({ state }: Workspace, contactId: string): readonly CrmObject[] {
  return [...state.crm.meetings.values()].filter((meeting) => meeting.contactId === contactId);
}

export const bookingSchema = z.strictObject({
  title: z.string().min(1).max(500).default('Demo call'),
  /** ISO 8601. Left out: in two days. */
  start: z.iso.datetime({ offset: true }).optional(),
  outcome: z.enum(['SCHEDULED', 'COMPLETED', 'RESCHEDULED', 'NO_SHOW', 'CANCELED']).default('SCHEDULED'),
});

const TWO_DAYS_MS = 2 * 86_400_000;

/** A meeting with a contact that was booked past SkipUp, as HubSpot's meetings tool would note it. */
export function bookMeeting(
  workspace: Workspace,
  contact: CrmObject,
  { title, start, outcome }: z.output<typeof bookingSchema>,
): CrmObject {
  const at = new Date(workspace.now()).toISOString();
  const startsAt = start ?? new Date(workspace.now() + TWO_DAYS_MS).toISOString();
  const properties = {
    hs_meeting_title: title,
    hs_meeting_start_time: startsAt,
    hs_timestamp: startsAt,
    hs_meeting_outcome: outcome,
    hs_createdate: at,
  };
  const id = String(83_000_000_000 + workspace.count('meetings'));
  const meeting = { id, contactId: contact.id, properties, createdAt: at, updatedAt: at };
  workspace.state.crm.meetings.set(id, meeting);
  changeContact(workspace, contact, { engagements_last_meeting_booked: String(workspace.now()) }, 'control');
  return meeting;
}

const instant = z.iso.datetime({ offset: true });

/** What historical leads are made of. */
export const leadsInBulkSchema = z
  .strictObject({
    count: z.int().min(1).max(100_000),
    firstId: crmIdSchema.pipe(z.string().max(12)).default('2000000000'),
    /** They have filled in their form one after another, evenly from here on and before `submittedTo`. */
    submittedFrom: instant,
    submittedTo: instant,
    form: z.string().min(1).max(200).default('Demo request'),
    /** Every n-th has a meeting since; 0: none. */
    meetingEvery: z.int().min(0).max(100_000).default(0),
    /** Every n-th has opted out; 0: none. */
    optedOutEvery: z.int().min(0).max(100_000).default(0),
  })
  .refine(({ submittedFrom, submittedTo }) => Date.parse(submittedFrom) < Date.parse(submittedTo), {
    message: 'Must be after submittedFrom',
    path: ['submittedTo'],
  });

const FIRST_NAMES = ['Sarah', 'Robin', 'Casey', 'Avery', 'Quinn', 'Drew', 'Skyler', 'Rowan'] as const;

/**
 * Puts contacts into the CRM who have filled in a form, all with the Acme deal's owner. No webhook tells of them.
 *
 * @returns the first id and the last
 */
export function putLeadsInBulk(
  workspace: Workspace,
  bulk: z.output<typeof leadsInBulkSchema>,
): { firstId: string; lastId: string } {
  const { crm } = workspace.state;
  const first = Number(bulk.firstId);
  const [from, to] = [Date.parse(bulk.submittedFrom), Date.parse(bulk.submittedTo)];
  const isNth = (nth: number, every: number) => every > 0 && nth % every === every - 1;
  for (let nth = 0; nth < bulk.count; nth += 1) {
    const id = String(first + nth);
    const submittedAt = new Date(from + Math.floor(((to - from) / bulk.count) * nth)).toISOString();
    const stamps = { createdAt: submittedAt, updatedAt: submittedAt };
    const contact = contactObject({
      id,
      email: `lead-${id}@company-${id}.example`,
      firstName: FIRST_NAMES[nth % FIRST_NAMES.length],
      lastName: `No. ${id}`,
      timezone: 'America/New_York',
      labels: [],
      optedOut: isNth(nth, bulk.optedOutEvery),
    });
    const properties = {
      ...contact.properties,
      company: `Company ${id}`,
      recent_conversion_date: submittedAt,
      recent_conversion_event_name: bulk.form,
      num_conversion_events: '1',
      ...(acmeDeal.owner === undefined ? {} : { hubspot_owner_id: acmeDeal.owner.id }),
    };
    crm.contacts.set(id, { id, properties, ...stamps });
    if (!isNth(nth, bulk.meetingEvery)) continue;
    const meeting = { hs_meeting_title: 'Demo call', hs_meeting_start_time: submittedAt, hs_createdate: submittedAt };
    const meetingId = `9${id}`;
    crm.meetings.set(meetingId, { id: meetingId, contactId: id, properties: meeting, ...stamps });
  }
  forgetOrder(crm.contacts);
  return { firstId: String(first), lastId: String(first + bulk.count - 1) };
}
