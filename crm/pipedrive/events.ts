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
 * An event counts when a deal becomes won: `data.status` is `won` and `previous`, which holds only what changed, holds
 * the status; or the deal was created as won. Everything else is marked `ignore` with the reason and acknowledged: ten
 * refused events ban the webhook for half an hour, and what happens meanwhile is lost.
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
  const dealId = meta.entity_id ?? data?.id ?? 'unknown';
  const ignore = isDeal ? reasonToIgnore(event, data, dealId) : about(meta.entity);
  if (ignore === undefined) {
    requireDigits(dealId, [...prefix, 'meta', 'entity_id']);
  }
  const id = eventId(meta, data, dealId);
  if (id === undefined && ignore === undefined) {
    throw malformed([...prefix, 'meta', 'id'], "expected the event's id");
  }
  return {
    dealId,
    transitionKey: [meta.company_id ?? '', meta.entity, dealId, id ?? meta.action].join(':'),
    occurredAt: instantOf(meta.timestamp) ?? instantOf(data?.won_time) ?? now.toISOString(),
    eventType: `${meta.action}.${meta.entity}`,
    ...(ignore === undefined ? {} : { ignore }),
  };
}

/**
 * `meta.id` is the event's, the same in every attempt. Where it is missing or the deal's own id, as some published
 * samples have it, all transitions of the deal would be one: the moment tells them apart then.
 */
function eventId(meta: Envelope['meta'], data: DealState | undefined, dealId: string): string | undefined {
  if (typeof meta.id === 'string' && meta.id !== dealId) {
    return meta.id;
  }
  const moment = instantOf(data?.won_time) ?? instantOf(meta.timestamp);
  return moment === undefined ? undefined : `${meta.id ?? ''}@${moment}`;
}

function reasonToIgnore({ meta, previous }: Envelope, data: DealState | undefined, dealId: string): string | undefined {
  if (meta.action === 'delete') {
    return typeof meta.merged_to_id === 'string'
      ? `deal ${dealId} was merged into deal ${meta.merged_to_id}`
      : `deal ${dealId} was deleted`;
  }
  if (typeof meta.merged_from_id === 'string') {
    return `deal ${meta.merged_from_id} was merged into deal ${dealId}: no sale was closed by that`;
  }
  if (meta.action !== 'change' && meta.action !== 'create') {
    return `${meta.action} is neither a change nor a creation`;
  }
  if (data === undefined || data.is_deleted === true) {
    return `deal ${dealId} is gone`;
  }
  if (data.status !== 'won') {
    return `status is ${data.status ?? 'unknown'}, not won`;
  }
  const before = previous !== null && previous !== undefined && Object.hasOwn(previous, 'status');
  if (meta.action === 'change' && (!before || previous.status === 'won')) {
    return 'a won deal was edited: its status did not change';
  }
  return undefined;
}

/** Version 1 has `current` where version 2 has `data`, and `meta.object` where that has `meta.entity`. */
function isVersion1(event: unknown): boolean {
  return isObject(event) && !('data' in event) && isObject(event.meta) && 'object' in event.meta;
}
