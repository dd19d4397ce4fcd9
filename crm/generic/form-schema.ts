import { z } from 'zod';
import { leadIdOfAddress } from '../lead-id.ts';
import { crmNameSchema, type FormSubmission, type Lead } from '../port.ts';
import { id, text, truth } from './event-schema.ts';

const EMAIL = 'expected an e-mail address such as sarah@acme.example';
const INSTANT = 'expected an ISO 8601 instant such as 2026-02-08T15:00:00Z';
const MAX_ANSWERS = 100;

const email = z.email(EMAIL).max(320);
const instant = z.iso.datetime({ offset: true, error: INSTANT });

const ownerSchema = z.strictObject({
  email: email.describe('Address of the assigned representative, who organizes the meeting.'),
  name: text(200).optional().describe('The representative’s name.'),
  timezone: text(64).optional().describe('IANA time zone, e.g. America/New_York.'),
});

/** A lead is known by its address; the rest is what the message to it is made of. */
const leadSchema = z
  .strictObject({
    id: id(128).optional().describe('The lead’s id: in the CRM that is named, else in your system.'),
    email: email.describe('Where the lead is written to.'),
    name: text(200).optional().describe('Full name.'),
    company: text(300).optional().describe('The company’s name.'),
    jobTitle: text(200).optional().describe('What the lead is there.'),
    timezone: text(64).optional().describe('IANA time zone, e.g. America/Los_Angeles.'),
    owner: ownerSchema.optional().describe('Who looks after the lead.'),
    optedOut: truth.default(false).describe('Is never written to.'),
  })
  .describe('Who has filled in the form.');

const answer = z
  .union([z.string().max(2_000), z.number(), z.boolean(), z.array(z.string().max(200)).max(50)], {
    error: 'expected a text of up to 2,000 characters, a number, true or false, or a list of texts',
  })
  .transform((value) => (Array.isArray(value) ? value.join(', ').slice(0, 2_000) : String(value)));

const formSchema = z
  .strictObject({
    name: text(255).optional().describe('The form’s own name: “Demo request”.'),
    submittedAt: instant
      .optional()
      .describe('When it was sent, ISO 8601 with a time zone. Left out: when the event came.'),
    page: text(2_000).optional().describe('Address of the page that it is on.'),
    answers: z
      .record(text(200), answer)
      .refine((answers) => Object.keys(answers).length <= MAX_ANSWERS, `expected no more than ${MAX_ANSWERS} answers`)
      .meta({ maxProperties: MAX_ANSWERS })
      .default({})
      .describe('What was filled in, by the field’s label. It goes into the text that SkipUp is given.'),
  })
  .describe('What was filled in.');

const envelope = {
  crm: crmNameSchema
    .optional()
    .describe('The CRM that has the lead; `generic`: none. Left out: the first of those configured that can be read.'),
  id: id(200)
    .optional()
    .describe(
      'Your own id of this event. What comes again with it is known. Left out: lead, form and instant stand for it.',
    ),
};

export const formSubmittedSchema = z
  .strictObject({
    event: z.literal('form.submitted').describe('A form was filled in.'),
    lead: leadSchema,
    form: formSchema.prefault({}),
    ...envelope,
  })
  .describe('A form was filled in. The lead has some time to book by itself; then it is written to.');

export const meetingBookedSchema = z
  .strictObject({
    event: z.literal('meeting.booked').describe('The lead has booked a meeting elsewhere.'),
    lead: leadSchema,
    meeting: text(500).optional().describe('The meeting in words: “Demo on 12 February, 15:00”.'),
    bookedAt: instant
      .optional()
      .describe('When it was booked, ISO 8601 with a time zone. Left out: when the event came.'),
    ...envelope,
  })
  .describe('The lead has booked elsewhere: whatever is under way for it is called off.');

export type FormEvent = z.infer<typeof formSubmittedSchema> | z.infer<typeof meetingBookedSchema>;

export const FORM_EVENT_EXAMPLES = [
  {
    event: 'form.submitted',
    lead: {
      id: '9f2k1x',
      email: 'sarah@acme.example',
      name: 'Sarah Chen',
      company: 'Acme Corp',
      jobTitle: 'VP of Operations',
      timezone: 'America/Los_Angeles',
      owner: { email: 'jordan@vendor.example', name: 'Jordan Lee' },
    },
    form: {
      name: 'Demo request',
      submittedAt: '2026-02-08T15:00:00Z',
      page: 'https://vendor.example/demo',
      answers: { 'Company size': '50-200', 'Primary interest': ['Vendor onboarding'], 'Q2 deadline': true },
    },
    crm: 'generic',
    id: 'submission-4711',
  },
  { event: 'form.submitted', lead: { email: 'sarah@acme.example' } },
  {
    event: 'meeting.booked',
    lead: { email: 'sarah@acme.example' },
    meeting: 'Demo on 12 February, 15:00',
    bookedAt: '2026-02-08T15:20:00Z',
  },
] satisfies (z.input<typeof formSubmittedSchema> | z.input<typeof meetingBookedSchema>)[];

/** An id that may stand in a workflow's id and in an idempotency key as it is. */
const PLAIN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** The lead as the rest of Kickoff knows it, before any CRM is asked. */
export function leadOf({ id: given, email: address, owner, ...rest }: FormEvent['lead']): Lead {
  const lower = address.toLowerCase();
  return {
    ...rest,
    id: given !== undefined && PLAIN_ID.test(given) ? given : leadIdOfAddress(lower),
    crm: 'generic',
    email: lower,
    ...(owner === undefined ? {} : { owner: { ...owner, email: owner.email.toLowerCase() } }),
  };
}

/** @param now for events that do not say when the form was filled in */
export function formOf(form: Extract<FormEvent, { event: 'form.submitted' }>['form'], now: Date): FormSubmission {
  return {
    ...form,
    name: form.name ?? 'a form',
    submittedAt: new Date(form.submittedAt ?? now).toISOString(),
  };
}
