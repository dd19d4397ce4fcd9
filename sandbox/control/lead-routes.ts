import { createHmac } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  bookingSchema,
  bookMeeting,
  changeContact,
  leadsInBulkSchema,
  meetingsOf,
  putLeadsInBulk,
} from '../crm/contacts.ts';
import { engagementsOf } from '../crm/engagements.ts';
import { type NoticeOutcome, PORTAL_ID } from '../crm/notices.ts';
import { contactFixtureSchema, putContact } from '../crm/put-contact.ts';
import { hubspotSignatureHeaders } from '../crm/signature.ts';
import { ControlError } from '../errors.ts';
import { crmIdSchema } from '../fixtures/deal.ts';
import { paramOf } from '../http/read.ts';
import { sandboxedOf } from '../http/sandboxed-of.ts';
import type { CrmObject } from '../state/schema.ts';
import type { Workspace } from '../workspace.ts';
import { check, readBody } from './read.ts';

const httpUrl = z.url({ protocol: /^https?$/ });
const sendingSchema = z.strictObject({
  /** False: it happens, and nobody hears of it. */
  notify: z.boolean().default(true),
  /** So many deliveries of the same, one after another. */
  repeat: z.int().min(1).max(50).default(1),
  /**
   * Who tells of it: HubSpot's webhook subscription, in the older or newer form (to the app's webhook URL), a HubSpot workflow's
   * "Send a webhook", or the website itself in Kickoff's own form.
   */
  via: z.enum(['contact', 'object', 'workflow', 'own']).default('contact'),
  /** Where it goes. Left out: the app's webhook URL; of workflow and own its `/triggers/form`. */
  url: httpUrl.optional(),
  /** Signs what is sent in Kickoff's own form. */
  secret: z.string().min(1).optional(),
});
const submissionSchema = sendingSchema.extend({
  form: z.string().min(1).max(200).default('Demo request'),
  page: z.string().max(2_000).default('https://vendor.example/demo'),
  answers: z.record(z.string().max(200), z.string().max(2_000)).default({}),
});
const meetingSchema = sendingSchema.extend(bookingSchema.shape);
type Sending = z.output<typeof sendingSchema>;

/** A contact with all that was written to it. */
function contactDetails(workspace: Workspace, contact: CrmObject) {
  const engagements = (kind: 'notes' | 'tasks') =>
    engagementsOf(workspace, kind, contact.id, 'contact').map(({ id, properties }) => ({ id, properties }));
  const meetings = meetingsOf(workspace, contact.id).map(({ id, properties }) => ({ id, properties }));
  return { ...contact, notes: engagements('notes'), tasks: engagements('tasks'), meetings };
}

/** `/crm/contacts`: people who fill in forms, and who book past SkipUp. */
export function leadRoutes(control: FastifyInstance): void {
  const find = (request: FastifyRequest): CrmObject => {
    const id = paramOf(request, 'id');
    const contact = sandboxedOf(request).workspace.state.crm.contacts.get(id);
    if (contact === undefined) throw new ControlError(404, `There is no contact ${id}.`);
    return contact;
  };

  control.get('/crm/contacts/:id', async (request) => contactDetails(sandboxedOf(request).workspace, find(request)));

  control.put('/crm/contacts/:id', async (request) => {
    const { workspace } = sandboxedOf(request);
    const id = check(crmIdSchema, paramOf(request, 'id'));
    const fixture = readBody(request, contactFixtureSchema);
    const contact = putContact(workspace.state.crm, id, fixture, workspace.now());
    workspace.changed();
    return contactDetails(workspace, contact);
  });

  control.post('/crm/contacts/bulk', async (request, reply) => {
    const { workspace } = sandboxedOf(request);
    const bulk = readBody(request, leadsInBulkSchema);
    const ids = putLeadsInBulk(workspace, bulk);
    workspace.changed();
    return reply.code(201).send({ count: bulk.count, ...ids });
  });

  control.post('/crm/contacts/:id/submit', async (request) => {
    const { workspace } = sandboxedOf(request);
    const contact = find(request);
    const asked = readBody(request, submissionSchema);
    const at = Math.round(workspace.now());
    const times = Number(contact.properties.num_conversion_events ?? '0') + 1;
    const change = {
      recent_conversion_date: new Date(at).toISOString(),
      recent_conversion_event_name: asked.form,
      num_conversion_events: String(times),
    };
    changeContact(workspace, contact, change, 'control');
    const told = { ...change, recent_conversion_date: String(at) };
    const own = {
      event: 'form.submitted',
      lead: leadOf(contact),
      form: { name: asked.form, submittedAt: change.recent_conversion_date, page: asked.page, answers: asked.answers },
      crm: 'hubspot',
    };
    const workflow = workflowBody(contact, { ...asked, at, nth: times });
    const sent = await send(request, contact, { properties: told, own, workflow }, asked);
    return { contact: contactDetails(workspace, contact), sent };
  });

  control.post('/crm/contacts/:id/meeting', async (request) => {
    const { workspace } = sandboxedOf(request);
    const contact = find(request);
    const asked = readBody(request, meetingSchema);
    const meeting = bookMeeting(workspace, contact, asked);
    const { engagements_last_meeting_booked: bookedAt = '' } = contact.properties;
    const own = { event: 'meeting.booked', lead: leadOf(contact), meeting: asked.title, crm: 'hubspot' };
    const told = { engagements_last_meeting_booked: bookedAt };
    const sent = await send(request, contact, { properties: told, own, workflow: undefined }, asked);
    return { contact: contactDetails(workspace, contact), meetingId: meeting.id, sent };
  });
}

/** What there is to be told, in each of the forms. */
interface News {
  properties: Record<string, string>;
  own: object;
  workflow: object | undefined;
}

async function send(
  request: FastifyRequest,
  contact: CrmObject,
  { properties, own, workflow }: News,
  { notify, repeat, via, url, secret }: Sending,
): Promise<NoticeOutcome[]> {
  if (!notify) return [];
  const { workspace, notices } = sandboxedOf(request);
  const { webhookUrl, clientSecret } = workspace.state.crm;
  const target =
    url ?? (webhookUrl === null || via === 'contact' || via === 'object' ? webhookUrl : formsUrl(webhookUrl));
  if (target === null) throw new ControlError(409, 'No webhook URL is set: give "url", or POST /_sandbox/crm/webhook.');
  const events = Object.entries(properties).map(([property, value]) =>
    notices.contactEvent(contact.id, { property, value }, via === 'object'),
  );
  const content = via === 'own' ? own : via === 'workflow' ? workflow : events;
  if (content === undefined) throw new ControlError(400, 'A workflow has no body for a booking: use contact or own.');
  const body = JSON.stringify(content);
  const sent: NoticeOutcome[] = [];
  for (let nth = 0; nth < repeat; nth += 1) {
    const headers =
      via === 'own'
        ? ownSignature(body, secret, workspace.real())
        : hubspotSignatureHeaders('POST', target, body, clientSecret, workspace.real());
    sent.push(await notices.post(target, body, headers));
  }
  return sent;
}

function formsUrl(webhookUrl: string): string {
  return new URL('/triggers/form', webhookUrl).href;
}

/** `t=…,v1=…` over `<t>.<body>`. */
function ownSignature(body: string, secret: string | undefined, now: number): Record<string, string> {
  if (secret === undefined) throw new ControlError(400, 'What is sent in Kickoff’s own form is signed: give "secret".');
  const timestamp = Math.floor(now / 1_000);
  const v1 = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return { 'x-webhook-signature': `t=${timestamp},v1=${v1}` };
}

function leadOf({ id, properties }: CrmObject) {
  const name = [properties.firstname, properties.lastname].filter((part) => part !== undefined).join(' ');
  return {
    id,
    email: properties.email ?? '',
    name,
    company: properties.company ?? '',
    jobTitle: properties.jobtitle ?? '',
  };
}

/** The contact as a workflow's "Send a webhook" posts it: in the form of HubSpot's Contacts API v1. */
function workflowBody(
  { id, properties }: CrmObject,
  {
    form,
    page,
    answers,
    at,
    nth,
  }: { form: string; page: string; answers: Record<string, string>; at: number; nth: number },
): object {
  return {
    vid: Number(id),
    'canonical-vid': Number(id),
    'merged-vids': [],
    'portal-id': PORTAL_ID,
    'is-contact': true,
    properties: Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, { value, versions: [] }])),
    'form-submissions': [
      {
        'conversion-id': `00000000-0000-4000-8000-${id.padStart(9, '0').slice(-9)}${String(nth).padStart(3, '0')}`,
        timestamp: at,
        'form-id': '11111111-2222-4333-8444-555555555555',
        'portal-id': PORTAL_ID,
        'page-url': page,
        'page-title': form,
        title: form,
        'form-type': 'HUBSPOT',
        'contact-associated-by': ['EMAIL'],
        'meta-data': Object.entries(answers).map(([label, value]) => ({ name: label, label, value })),
      },
    ],
    'identity-profiles': [
      {
        vid: Number(id),
        identities: [{ type: 'EMAIL', value: properties.email ?? '', timestamp: at, 'is-primary': true }],
      },
    ],
    'merge-audits': [],
  };
}
