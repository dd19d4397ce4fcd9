import { z } from 'zod';
import { parseJsonBody } from '../body.ts';
import { type DealSignal, TriggerRefused } from '../port.ts';
import {
  about,
  type DealState,
  dealStateSchema,
  eventIdSchema,
  isObject,
  malformed,
  momentSchema,
  parseEvent,
  requireDigits,
} from './event-fields.ts';
import { signalOfVersion1 } from './events-v1.ts';
import { instantOf } from './instant.ts';

/** Pipedrive sends one event in a request; relays in between may gather some. */
const MAX_EVENTS = 100;

const metaSchema = z.object({
  action: z.string().min(1).max(64),
  entity: z.string().min(1).max(64),
  id: eventIdSchema.nullish(),
  entity_id: eventIdSchema.nullish(),
  company_id: eventIdSchema.nullish(),
  timestamp: momentSchema,
  merged_to_id: eventIdSchema.nullish(),
  merged_from_id: eventIdSchema.nullish(),
});
const envelopeSchema = z.object({
  meta: metaSchema,
  data: z.record(z.string(), z.unknown()).nullish(),
  previous: z.record(z.string(), z.unknown()).nullish(),
});
type Envelope = z.infer<typeof envelopeSchema>;

/**
 * Splits a Pipedrive webhook into its events: one signal each.
 *
 * An event counts when a deal's status changes (`previous`, which holds only what changed, holds it), when a deal is
 * created as won, and when one is deleted or merged, which starts nothing and is told to its kickoff. Everything else is
 * marked `ignore` with the reason and acknowledged: ten refused events ban the webhook for half an hour, and what happens
 * meanwhile is lost.
 *
 * Source: https://pipedrive.readme.io/docs/guide-for-webhooks-v2. Webhooks of version 1 are taken as well.
 *
 * @param now stands for the event's time where it tells none
 * @throws TriggerRefused `malformed_body`, naming the field
 */
export function normalisePipedriveEvents(body: Uint8Array, now: Date): DealSignal[] {
  const parsed = parseJsonBody(body);
  const events: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  if (events.length > MAX_EVENTS) {
    throw new TriggerRefused('malformed_body', `At most ${MAX_EVENTS} events are taken at once; got ${events.length}.`);
  }
  return events.map((event, index) => {
    const prefix = Array.isArray(parsed) ? [index] : [];
    return isVersion1(event) ? signalOfVersion1(event, prefix, now) : signalOf(event, prefix, now);
  });
}

function signalOf(value: unknown, prefix: PropertyKey[], now: Date): DealSignal {
  const event = parseEvent(envelopeSchema, value, prefix);
  const { meta } = event;
  const isDeal = meta.entity === 'deal';
  const data = isDeal && event.data ? parseEvent(dealStateSchema, event.data, [...prefix, 'data']) : undefined;
  const eventDealId = meta.entity_id ?? data?.id ?? 'unknown';
  const ignore = isDeal ? reasonToIgnore(event, data) : about(meta.entity);
  if (ignore === undefined) {
    requireDigits(eventDealId, [...prefix, 'meta', 'entity_id']);
  }
  const id = eventId(meta, data, eventDealId);
  if (id === undefined && ignore === undefined) {
    throw malformed([...prefix, 'meta', 'id'], "expected the event's id");
  }
  return {
    dealId: eventDealId,
    transitionKey: [meta.company_id ?? '', meta.entity, eventDealId, id ?? meta.action].join(':'),
    occurredAt: instantOf(meta.timestamp) ?? instantOf(data?.won_time) ?? now.toISOString(),
    eventType: `${meta.action}.${meta.entity}`,
    ...(ignore === undefined ? newsOf(event, data, eventDealId) : { ignore }),
  };
}

/** What an event tells that closes no sale. A merge is news about the deal that is kept: the other one cannot be read any more. */
function newsOf(
  { meta }: Envelope,
  data: DealState | undefined,
  dealId: string,
): Partial<Pick<DealSignal, 'dealId' | 'mergedIds' | 'tellsOnly'>> {
  if (meta.action === 'delete' && typeof meta.merged_to_id === 'string') {
    return { dealId: meta.merged_to_id, mergedIds: [dealId], tellsOnly: true };
  }
  if (typeof meta.merged_from_id === 'string') {
    return { mergedIds: [meta.merged_from_id], tellsOnly: true };
  }
  return isGone(meta, data) ? { tellsOnly: true } : {};
}

function isGone(meta: Envelope['meta'], data: DealState | undefined): boolean {
  return meta.action === 'delete' || data === undefined || data.is_deleted === true;
}

/**
 * `meta.id` is the event's, the same in every attempt. Where it is missing or the deal's own id, as some published
 * samples have it, all transitions of the deal would be one: the moment tells them apart then.
 */
function eventId(meta: Envelope['meta'], data: DealState | undefined, dealId: string): string | undefined {
  if (typeof meta.id === 'string' && meta.id !== dealId) {
    return meta.id;
  }
  // Only of a deal that is won now is that the moment of this event.
  const wonAt = data?.status === 'won' ? instantOf(data.won_time) : undefined;
  const moment = wonAt ?? instantOf(meta.timestamp);
  return moment === undefined ? undefined : `${meta.id ?? ''}@${moment}`;
}

function reasonToIgnore({ meta, previous }: Envelope, data: DealState | undefined): string | undefined {
  if (meta.action !== 'change' && meta.action !== 'create' && meta.action !== 'delete') {
    return `${meta.action} is neither a change nor a creation nor a deletion`;
  }
  if (isGone(meta, data) || typeof meta.merged_from_id === 'string') {
    return undefined;
  }
  if (meta.action === 'create') {
    return data?.status === 'won' ? undefined : `status is ${data?.status ?? 'unknown'}, not won`;
  }
  const before = previous !== null && previous !== undefined && Object.hasOwn(previous, 'status');
  return before && previous.status !== data?.status ? undefined : 'the deal was edited: its status did not change';
}

/** Version 1 has `current` where version 2 has `data`, and `meta.object` where that has `meta.entity`. */
function isVersion1(event: unknown): boolean {
  return isObject(event) && !('data' in event) && isObject(event.meta) && 'object' in event.meta;
}
