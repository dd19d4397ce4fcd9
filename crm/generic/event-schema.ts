import { z } from 'zod';
import { crmNameSchema, type Deal } from '../port.ts';

/** No-code tools send numbers and truths as text, because all their fields are text. */
const NUMBER_AS_TEXT = /^-?\d{1,15}(?:\.\d{1,10})?$/;
const TRUE_AS_TEXT = ['true', 'True', 'TRUE'] as const;
const FALSE_AS_TEXT = ['false', 'False', 'FALSE'] as const;

export const text = (max: number) => z.string().min(1).max(max);

export function id(max: number) {
  return z
    .union([text(max), z.int()], { error: `expected an id: a text of 1 to ${max} characters, or a whole number` })
    .transform(String);
}

const AMOUNT = 'expected a number such as 48000.5, or "48000.5" as text, without currency and separators';
const amount = z.union([z.number(), z.string().regex(NUMBER_AS_TEXT, AMOUNT)], { error: AMOUNT }).transform(Number);

export const truth = z
  .union([z.boolean(), z.enum(TRUE_AS_TEXT), z.enum(FALSE_AS_TEXT)], { error: 'expected true or false' })
  .transform((value) => value === true || TRUE_AS_TEXT.some((spelling) => spelling === value));

const labels = z
  .union([z.array(text(100)).max(50), z.string().max(2_000)], {
    error: 'expected a list of labels, or labels in one text with commas between them',
  })
  .transform((value) => (typeof value === 'string' ? value.split(',') : value).map((label) => label.trim()))
  .transform((list) => list.filter((label) => label !== ''));

const contactSchema = z.strictObject({
  id: id(128).optional().describe('The contact’s id in your system.'),
  email: text(320).optional().describe('Address to invite. A contact without one is shown as a gap.'),
  name: text(200).optional().describe('Full name.'),
  labels: labels
    .default([])
    .describe(
      'What the contact is in this deal, e.g. ["Champion", "Billing contact"]; assembly.labels makes roles of them.',
    ),
  isPrimary: truth.default(false).describe('The deal’s main contact.'),
  timezone: text(64).optional().describe('IANA time zone, e.g. Europe/Berlin.'),
  optedOut: truth.default(false).describe('Is never written to.'),
});

const accountSchema = z.strictObject({
  id: id(128).optional().describe('The customer’s id in your system. Left out: its name.'),
  name: text(300).describe('The customer’s name.'),
});

const ownerSchema = z.strictObject({
  email: text(320).describe('Address of the deal’s owner; organizes unless the registry says otherwise.'),
  name: text(200).optional().describe('The owner’s name.'),
  timezone: text(64).optional().describe('IANA time zone, e.g. Europe/Tallinn.'),
});

const genericDealSchema = z
  .strictObject({
    id: id(128).describe('The deal’s id in your system. One deal has one kickoff, whatever is sent again.'),
    crm: crmNameSchema
      .default('generic')
      .describe('Where the deal is read again and written back: `generic`, or a configured CRM that has it.'),
    name: text(300).describe('The deal’s name.'),
    account: accountSchema.optional().describe('The customer. Left out: the deal is its own.'),
    isWon: truth.default(true).describe('Whether the deal is won. Left out: it is. A deal that is not starts nothing.'),
    stage: text(200).optional().describe('The stage, for display.'),
    pipeline: id(200).optional().describe('The pipeline’s id in your system.'),
    amount: amount.optional().describe('What the deal is worth, as a number or as text.'),
    currency: text(10).optional().describe('ISO 4217 code of the amount, e.g. EUR.'),
    closedAt: text(40).optional().describe('Day or instant of closing, ISO 8601.'),
    owner: ownerSchema.optional().describe('Who owns the deal.'),
    url: text(2_000).optional().describe('The deal’s page, for links.'),
    contacts: z.array(contactSchema).max(200).optional().describe('The customer’s people in this deal.'),
    mergedIds: z.array(id(128)).max(100).optional().describe('Deals that were merged into this one.'),
  })
  .describe('The whole deal, for systems that Kickoff cannot read.');

const envelope = {
  workstream: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,40}$/, 'expected lower-case letters, digits, - and _')
    .optional()
    .describe('A second kickoff of the same deal, for another group of people.'),
  eventId: id(200)
    .optional()
    .describe('Your own id of this event. What comes again with it is known. Left out: the body’s hash stands for it.'),
  occurredAt: z.iso
    .datetime({ offset: true, error: 'expected an ISO 8601 instant such as 2026-02-08T15:00:00Z' })
    .optional()
    .describe('When the deal was won, ISO 8601 with a time zone. Left out: when the event came.'),
};

/** An event that brings the whole deal. */
export const wholeDealSchema = z.strictObject({ deal: genericDealSchema, ...envelope }).describe('A won deal, whole.');

/** An event that names a deal of a configured CRM. */
export const dealIdSchema = z
  .strictObject({
    dealId: id(128).describe('The deal’s id in the CRM, which is asked for the rest.'),
    crm: crmNameSchema
      .exclude(['generic'], { error: 'expected a CRM that Kickoff reads; send the whole deal for any other system' })
      .optional()
      .describe('The CRM that has the deal. Left out: the first of those configured.'),
    ...envelope,
  })
  .describe('A deal of a CRM that Kickoff reads.');

/** Events as they are sent; zod leaves examples of what it transforms out of a JSON Schema. */
export const DEAL_EVENT_EXAMPLES = [
  {
    deal: {
      id: '1148',
      name: 'Acme Corp – 12 months',
      account: { id: '501', name: 'Acme Corp' },
      amount: '48000.50',
      currency: 'USD',
      closedAt: '2026-02-08',
      owner: { email: 'jordan@vendor.example', name: 'Jordan Lee', timezone: 'Europe/Tallinn' },
      contacts: [
        { email: 'jamie@acme.example', name: 'Jamie Chen', labels: ['Champion'], isPrimary: true },
        { email: 'pat@acme.example', labels: 'IT contact, Billing contact', timezone: 'America/New_York' },
      ],
    },
    eventId: '1148-won-2026-02-08',
    occurredAt: '2026-02-08T15:00:00Z',
  },
  { deal: { id: 1148, name: 'Acme Corp' } },
  { dealId: '1148' },
  { dealId: '1148', crm: 'hubspot', workstream: 'data-migration' },
] satisfies (z.input<typeof wholeDealSchema> | z.input<typeof dealIdSchema>)[];

export type WholeDealEvent = z.infer<typeof wholeDealSchema>;
export type DealIdEvent = z.infer<typeof dealIdSchema>;

/** The deal as the rest of Kickoff knows it. */
export function dealOf({ account, ...deal }: WholeDealEvent['deal']): Deal {
  return {
    ...deal,
    account:
      account === undefined
        ? { id: `deal-${deal.id}`, name: deal.name }
        : { id: account.id ?? account.name, name: account.name },
  };
}
