import { createHash } from 'node:crypto';
import { z } from 'zod';
import { firstProblem, parseJsonBody } from '../body.ts';
import { type CrmName, crmNameSchema, type DealSignal, dealSchema, TriggerRefused } from '../port.ts';

const envelope = {
  /** A second kickoff of the same deal, for another group of people. */
  workstream: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,40}$/, 'lower-case letters, digits, - and _')
    .optional(),
  /** The sender's own id of the event; without it the body's hash tells repeats. */
  eventId: z.string().min(1).max(200).optional(),
  /** ISO 8601 instant; the time of arrival when absent. */
  occurredAt: z.iso.datetime({ offset: true }).optional(),
};

const wholeDealSchema = z.strictObject({
  ...envelope,
  deal: dealSchema.extend({ crm: crmNameSchema.default('generic') }),
});
const dealIdSchema = z.strictObject({
  ...envelope,
  dealId: z.string().min(1).max(128),
  crm: crmNameSchema.optional(),
});

/** Our own event type, for the record. */
const EVENT_TYPE = 'deal.closed_won';

/**
 * Reads a deal event of our own form: `{ deal: {…} }` with the whole deal, or `{ dealId, crm? }` for a CRM that is
 * configured; either with `workstream?`, `eventId?`, `occurredAt?`.
 *
 * @param readableBy the CRM that reads deals that come by id, when the event names none
 * @param now for events that do not say when they happened
 * @throws TriggerRefused `malformed_body`, naming the field
 */
export function normaliseGenericEvent(body: Uint8Array, readableBy: CrmName | undefined, now: Date): DealSignal[] {
  const value = parseJsonBody(body);
  const event = parse(value);
  const base = {
    transitionKey: event.eventId ?? createHash('sha256').update(body).digest('hex'),
    occurredAt: new Date(event.occurredAt ?? now).toISOString(),
    eventType: EVENT_TYPE,
    ...(event.workstream === undefined ? {} : { workstream: event.workstream }),
  };
  if ('deal' in event) {
    return [{ ...base, dealId: event.deal.id, crm: event.deal.crm, deal: event.deal }];
  }
  const crm = event.crm ?? readableBy;
  if (crm === undefined || crm === 'generic') {
    throw new TriggerRefused(
      'malformed_body',
      'No CRM is configured that could read this deal by its id: send the whole deal as "deal", or configure HubSpot.',
    );
  }
  return [{ ...base, dealId: event.dealId, crm }];
}

/** A union's own complaint ("invalid input") helps nobody: only the form that was meant is checked. */
function parse(value: unknown): z.infer<typeof wholeDealSchema> | z.infer<typeof dealIdSchema> {
  const isWhole = typeof value === 'object' && value !== null && 'deal' in value;
  const result = isWhole ? wholeDealSchema.safeParse(value) : dealIdSchema.safeParse(value);
  if (!result.success) {
    throw new TriggerRefused('malformed_body', `The deal event is not as documented, ${firstProblem(result.error)}.`);
  }
  return result.data;
}
