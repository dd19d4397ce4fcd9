import { z } from 'zod';
import { firstProblem, parseJsonBody } from '../body.ts';
import { leadIdOfAddress } from '../lead-id.ts';
import { type FormSubmission, type InboundRequest, type LeadSignal, TriggerRefused } from '../port.ts';

/** HubSpot sends up to 100 events in one request. */
const MAX_EVENTS = 100;
/** HubSpot's object type id of contacts, in the newer form of events. */
const CONTACT_OBJECT_TYPE = '0-1';
/** The properties of a contact that HubSpot changes when a form is filled in, and the one when a meeting is booked. */
const SUBMITTED = ['recent_conversion_date', 'recent_conversion_event_name', 'num_conversion_events'];
const BOOKED = 'engagements_last_meeting_booked';
/** What stands behind `contact.creation` that a form has made. */
const SOURCE_FORM = 'FORM';
const LIMITS = { name: 255, page: 2_000, answers: 100, label: 200, answer: 2_000 };

const idSchema = z.union([z.int().nonnegative(), z.string().regex(/^\d{1,20}$/, 'expected digits')]).transform(String);
const nameSchema = z.string().min(1).max(200);
const instantSchema = z.number().int().nonnegative().max(8_640_000_000_000_000);

/** What every event is asked for; kinds that Kickoff does not act on have other fields besides. */
const eventSchema = z.object({
  subscriptionType: nameSchema.optional(),
  eventType: nameSchema.optional(),
  objectTypeId: z.string().max(50).optional(),
  objectId: idSchema.optional(),
  portalId: idSchema.optional(),
  occurredAt: instantSchema.optional(),
  propertyName: nameSchema.optional(),
  propertyValue: z
    .union([z.string().max(10_000), z.number()])
    .nullish()
    .catch('')
    .transform((value) => String(value ?? '')),
  changeSource: z.string().max(100).nullish().catch(undefined),
});
type Event = z.infer<typeof eventSchema>;
const actedOnSchema = eventSchema.required({ objectId: true, portalId: true, occurredAt: true });

/** Whether a request carries one of HubSpot's signatures. */
export function isFromHubSpot({ headers }: InboundRequest): boolean {
  return headers['x-hubspot-signature-v3'] !== undefined || headers['x-hubspot-signature'] !== undefined;
}

/**
 * Takes the submissions and bookings out of what HubSpot sends. Two forms of body:
 *
 * - a list of up to 100 events of webhook subscriptions: `contact.propertyChange` (or `object.propertyChange` with
 *   `objectTypeId` `0-1`) of `recent_conversion_date`, `recent_conversion_event_name` or `num_conversion_events` is a
 *   submission, of `engagements_last_meeting_booked` a booking; `contact.creation` is a submission where its `changeSource` is
 *   `FORM`. The events of one submission have one key: the contact and the second at which it happened. Source:
 *   https://developers.hubspot.com, "Webhooks"; knowledge base, "Default contact properties". That these events come at one
 *   instant, and the source `FORM`, are our reading.
 * - the contact that a workflow's action "Send a webhook" posts, with `form-submissions` (the newest is meant), or a body of
 *   the workflow's own making whose keys are called like the properties.
 *
 * What cannot be a submission is marked `ignore` with the reason, so that the batch is acknowledged.
 *
 * @throws TriggerRefused `malformed_body`, naming the event's index and field
 */
export function normaliseHubSpotForms(body: Uint8Array): LeadSignal[] {
  const value = parseJsonBody(body);
  if (!Array.isArray(value)) {
    return [signalOfContact(value)];
  }
  if (value.length > MAX_EVENTS) {
    throw new TriggerRefused('malformed_body', `HubSpot sends at most ${MAX_EVENTS} events; got ${value.length}.`);
  }
  return value.map((event: unknown, index) => signalOfEvent(event, index));
}

function signalOfEvent(value: unknown, index: number): LeadSignal {
  const event = parse(eventSchema, value, [index]);
  const eventType = event.subscriptionType ?? event.eventType;
  if (eventType === undefined) {
    throw malformed(`at ${index}.subscriptionType: expected a text`);
  }
  const kind = kindOf(eventType, event);
  if ('ignore' in kind) {
    const { portalId = '', objectId = '', occurredAt = 0, propertyName = '' } = event;
    return {
      event: 'form_submitted',
      lead: { id: event.objectId ?? 'unknown' },
      submissionKey: ['hubspot', portalId, eventType, objectId, propertyName, occurredAt].join(':'),
      occurredAt: new Date(occurredAt).toISOString(),
      eventType,
      ignore: kind.ignore,
    };
  }
  const { objectId, portalId, occurredAt, propertyName, propertyValue } = parse(actedOnSchema, value, [index]);
  const at = propertyName === 'recent_conversion_date' ? (millisecondsOf(propertyValue) ?? occurredAt) : occurredAt;
  const name = propertyName === 'recent_conversion_event_name' ? propertyValue.slice(0, LIMITS.name).trim() : '';
  return {
    event: kind.event,
    lead: { id: objectId },
    submissionKey: keyOf(kind.event, portalId, objectId, at),
    occurredAt: new Date(at).toISOString(),
    eventType,
    ...(kind.event === 'form_submitted' && name !== ''
      ? { form: { name, submittedAt: new Date(at).toISOString(), answers: {} } }
      : {}),
  };
}

function kindOf(eventType: string, event: Event): { event: LeadSignal['event'] } | { ignore: string } {
  const [object, change] = eventType.split(/\.(.*)/s);
  const isContact = object === 'contact' || (object === 'object' && event.objectTypeId === CONTACT_OBJECT_TYPE);
  if (!isContact) {
    return {
      ignore: `about ${object === 'object' ? `object type ${event.objectTypeId ?? 'unknown'}` : object}, not a contact`,
    };
  }
  if (change === 'creation') {
    return event.changeSource === SOURCE_FORM
      ? { event: 'form_submitted' }
      : { ignore: `the contact was made by ${event.changeSource ?? 'nobody knows what'}, not by a form` };
  }
  if (change !== 'propertyChange') {
    return { ignore: `${eventType} is no submission of a form` };
  }
  const { propertyName = 'unknown', propertyValue } = event;
  if (propertyName !== BOOKED && !SUBMITTED.includes(propertyName)) {
    return { ignore: `property ${propertyName} changed, which no form changes` };
  }
  if (propertyValue === '') {
    return { ignore: `property ${propertyName} was emptied` };
  }
  return { event: propertyName === BOOKED ? 'meeting_booked' : 'form_submitted' };
}

/** By the second: the properties that one submission changes need not say the same millisecond. */
function keyOf(event: LeadSignal['event'], portalId: string, contactId: string, atMs: number): string {
  const what = event === 'form_submitted' ? 'submission' : 'booking';
  return ['hubspot', portalId, what, contactId, Math.floor(atMs / 1_000)].join(':');
}

const textSchema = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const propertySchema = z
  .union([textSchema, z.looseObject({ value: textSchema.nullish() })])
  .nullish()
  .catch(undefined);
const submissionSchema = z.looseObject({
  'conversion-id': z.string().min(1).max(200).optional(),
  timestamp: instantSchema,
  title: z.string().nullish(),
  'page-url': z.string().nullish(),
  'meta-data': z
    .array(
      z
        .looseObject({ name: z.string().nullish(), label: z.string().nullish(), value: z.unknown() })
        .catch({ value: undefined }),
    )
    .nullish()
    .catch([]),
});
const contactSchema = z.looseObject({
  vid: idSchema.optional(),
  'canonical-vid': idSchema.optional(),
  'portal-id': idSchema.optional(),
  hs_object_id: idSchema.optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  'form-submissions': z.array(submissionSchema).max(10_000).optional(),
  'identity-profiles': z
    .array(z.looseObject({ identities: z.array(z.looseObject({ type: z.string(), value: z.string() })).default([]) }))
    .optional()
    .catch(undefined),
});
type Contact = z.infer<typeof contactSchema>;

/** The contact that a workflow posts. Source: HubSpot's Contacts API v1, whose contact workflows post. */
function signalOfContact(value: unknown): LeadSignal {
  const contact = parse(contactSchema, value, []);
  const email = emailOf(contact);
  const id =
    contact['canonical-vid'] ?? contact.vid ?? contact.hs_object_id ?? digitsOf(propertyOf(contact, 'hs_object_id'));
  if (id === undefined && email === undefined) {
    throw malformed('which names no contact: expected "vid" or "hs_object_id", or "email"');
  }
  const lead = { ...(id === undefined ? {} : { id }), ...(email === undefined ? {} : { email }) };
  const portalId = contact['portal-id'] ?? '';
  const who = id ?? leadIdOfAddress(email ?? '');
  const base = { event: 'form_submitted', lead, eventType: 'workflow.webhook' } as const;
  const [newest] = (contact['form-submissions'] ?? []).toSorted((a, b) => b.timestamp - a.timestamp);
  if (newest !== undefined) {
    const conversion = newest['conversion-id'];
    const key =
      conversion === undefined
        ? keyOf('form_submitted', portalId, who, newest.timestamp)
        : `hubspot:conversion:${conversion}`;
    const occurredAt = new Date(newest.timestamp).toISOString();
    return { ...base, submissionKey: key, occurredAt, form: formOf(newest, email) };
  }
  const at = millisecondsOf(propertyOf(contact, 'recent_conversion_date') ?? '');
  if (at === undefined) {
    const ignore = 'the workflow sent no submission: send all contact properties, or recent_conversion_date among them';
    const nothing = { submissionKey: `hubspot:${portalId}:none:${who}`, occurredAt: new Date(0).toISOString() };
    return { ...base, ...nothing, ignore };
  }
  const occurredAt = new Date(at).toISOString();
  const name = propertyOf(contact, 'recent_conversion_event_name')?.slice(0, LIMITS.name).trim() ?? '';
  return {
    ...base,
    submissionKey: keyOf('form_submitted', portalId, who, at),
    occurredAt,
    ...(name === '' ? {} : { form: { name, submittedAt: occurredAt, answers: {} } }),
  };
}

function formOf(submission: z.infer<typeof submissionSchema>, email: string | undefined): FormSubmission {
  const name = submission.title?.slice(0, LIMITS.name).trim() ?? '';
  const page = submission['page-url']?.slice(0, LIMITS.page) ?? '';
  const answers = (submission['meta-data'] ?? []).flatMap(({ label, name: field, value }) => {
    const text = textSchema.safeParse(value);
    const key = (label ?? field ?? '').slice(0, LIMITS.label).trim();
    const isAddress = text.data?.trim().toLowerCase() === email;
    return text.success && key !== '' && text.data !== '' && !isAddress
      ? [[key, text.data.slice(0, LIMITS.answer)] as const]
      : [];
  });
  return {
    name: name === '' ? 'a form' : name,
    submittedAt: new Date(submission.timestamp).toISOString(),
    ...(page === '' ? {} : { page }),
    answers: Object.fromEntries(answers.slice(0, LIMITS.answers)),
  };
}

function emailOf(contact: Contact): string | undefined {
  const identities = (contact['identity-profiles'] ?? []).flatMap((profile) => profile.identities);
  const text = propertyOf(contact, 'email') ?? identities.find(({ type }) => type === 'EMAIL')?.value ?? '';
  const email = text.trim().toLowerCase();
  return /^[^\s@]{1,64}@[^\s@]{1,255}$/.test(email) ? email : undefined;
}

/** A property as a contact of API v1 has it, as a plain value, or at the top of a body of the workflow's own making. */
function propertyOf(contact: Contact, name: string): string | undefined {
  const { properties = {} } = contact;
  const value = Object.hasOwn(properties, name)
    ? properties[name]
    : Object.hasOwn(contact, name)
      ? contact[name]
      : undefined;
  const read = propertySchema.parse(value);
  const text = typeof read === 'object' ? read?.value : read;
  return text === undefined || text === null || text.trim() === '' ? undefined : text.trim();
}

function digitsOf(text: string | undefined): string | undefined {
  return text !== undefined && /^\d{1,20}$/.test(text) ? text : undefined;
}

/** Milliseconds as HubSpot writes them in events, or ISO 8601 as its API does. */
function millisecondsOf(text: string): number | undefined {
  const ms = /^\d{10,16}$/.test(text) ? Number(text) : Date.parse(text);
  return ms >= 0 && ms <= 8_640_000_000_000_000 ? ms : undefined;
}

function parse<T>(schema: z.ZodType<T>, value: unknown, prefix: PropertyKey[]): T {
  const result = schema.safeParse(value);
  if (!result.success) {
    throw malformed(firstProblem(result.error, prefix));
  }
  return result.data;
}

function malformed(where: string): TriggerRefused {
  return new TriggerRefused('malformed_body', `The body is not as HubSpot documents it, ${where}.`);
}
