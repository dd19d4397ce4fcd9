import { createHash } from 'node:crypto';
import { everyProblem, parseJsonBody } from '../body.ts';
import { type CrmName, type DealSignal, TriggerRefused } from '../port.ts';
import { type DealIdEvent, dealIdSchema, dealOf, type WholeDealEvent, wholeDealSchema } from './event-schema.ts';
import { withoutEmpty } from './without-empty.ts';

/** Our own event type, for the record. */
const EVENT_TYPE = 'deal.closed_won';

/**
 * Reads a deal event of our own form: `{ deal: {…} }` with the whole deal, or `{ dealId, crm? }` for a CRM that is
 * configured; either with `workstream?`, `eventId?`, `occurredAt?`. See `event-schema.ts`.
 *
 * @param readableBy the CRM that reads deals that come by id, when the event names none
 * @param now for events that do not say when they happened
 * @throws TriggerRefused `malformed_body`, naming every field that is wrong
 */
export function normaliseGenericEvent(body: Uint8Array, readableBy: CrmName | undefined, now: Date): DealSignal[] {
  const event = parse(withoutEmpty(parseJsonBody(body)));
  const base = {
    transitionKey: event.eventId ?? createHash('sha256').update(body).digest('hex'),
    occurredAt: new Date(event.occurredAt ?? now).toISOString(),
    eventType: EVENT_TYPE,
    ...(event.workstream === undefined ? {} : { workstream: event.workstream }),
  };
  if ('deal' in event) {
    const deal = dealOf(event.deal);
    return [{ ...base, dealId: deal.id, crm: deal.crm, deal }];
  }
  const crm = event.crm ?? readableBy;
  if (crm === undefined) {
    throw new TriggerRefused(
      'malformed_body',
      'No CRM is configured that could read this deal by its id: send the whole deal as "deal", or configure its CRM.',
    );
  }
  return [{ ...base, dealId: event.dealId, crm }];
}

/** A union's own complaint ("invalid input") helps nobody: only the form that was meant is checked. */
function parse(value: unknown): WholeDealEvent | DealIdEvent {
  const has = (name: string) => typeof value === 'object' && value !== null && Object.hasOwn(value, name);
  const result = has('deal') ? wholeDealSchema.safeParse(value) : dealIdSchema.safeParse(value);
  if (!result.success) {
    const hint = has('deal') || has('dealId') ? '' : ' Send the whole deal as "deal", or its id as "dealId".';
    throw new TriggerRefused(
      'malformed_body',
      `The deal event is not as documented: ${everyProblem(result.error)}.${hint}`,
    );
  }
  return result.data;
}
