import { z } from 'zod';
import type { DealSignal } from '../port.ts';
import {
  about,
  type DealState,
  dealStateSchema,
  eventIdSchema,
  malformed,
  momentSchema,
  parseEvent,
  requireDigits,
} from './event-fields.ts';
import { instantOf } from './instant.ts';

const envelopeSchema = z.object({
  meta: z.object({
    action: z.string().min(1).max(64),
    object: z.string().min(1).max(64),
    /** The object's id: version 1 has none for the event. */
    id: eventIdSchema.nullish(),
    company_id: eventIdSchema.nullish(),
    timestamp: momentSchema,
  }),
  current: z.record(z.string(), z.unknown()).nullish(),
  previous: z.record(z.string(), z.unknown()).nullish(),
});

/**
 * An event of a webhook that was made with version 1 (`meta.object`, `current`, `previous`), which still run.
 *
 * It differs where it matters: `previous` holds every field, so a change is told by comparing; there is no id of the
 * event, and one edit may make several, so the transition is named by its status and the moment at which the deal was won, or else of the event.
 *
 * Source: https://pipedrive.readme.io/docs/webhooks-v2-migration-guide
 *
 * @throws TriggerRefused `malformed_body`, naming the field
 */
export function signalOfVersion1(value: unknown, prefix: PropertyKey[], now: Date): DealSignal {
  const { meta, current, previous } = parseEvent(envelopeSchema, value, prefix);
  const isDeal = meta.object === 'deal';
  const after = isDeal && current ? parseEvent(dealStateSchema, current, [...prefix, 'current']) : undefined;
  const before = isDeal && previous ? parseEvent(dealStateSchema, previous, [...prefix, 'previous']) : undefined;
  const dealId = meta.id ?? after?.id ?? 'unknown';
  const ignore = isDeal ? reasonToIgnore(meta.action, after, before) : about(meta.object);
  const wonAt = after?.status === 'won' ? instantOf(after.won_time) : undefined;
  const moment = wonAt ?? instantOf(meta.timestamp);
  if (ignore === undefined) {
    requireDigits(dealId, [...prefix, 'meta', 'id']);
    if (moment === undefined) {
      throw malformed([...prefix, 'current', 'won_time'], 'expected a time');
    }
  }
  const what = ignore === undefined && meta.action !== 'deleted' ? (after?.status ?? 'unknown') : meta.action;
  return {
    dealId,
    transitionKey: [meta.company_id ?? '', meta.object, dealId, `${what}@${moment ?? ''}`].join(':'),
    occurredAt: instantOf(meta.timestamp) ?? moment ?? now.toISOString(),
    eventType: `${meta.action}.${meta.object}`,
    ...(ignore === undefined ? (meta.action === 'deleted' ? { tellsOnly: true } : {}) : { ignore }),
  };
}

function reasonToIgnore(
  action: string,
  after: DealState | undefined,
  before: DealState | undefined,
): string | undefined {
  if (action === 'deleted') {
    return undefined;
  }
  if (action !== 'updated' && action !== 'added') {
    return `${action} is neither a change nor a creation nor a deletion`;
  }
  if (action === 'added') {
    return after?.status === 'won' ? undefined : `status is ${after?.status ?? 'unknown'}, not won`;
  }
  const known = typeof before?.status === 'string' && typeof after?.status === 'string';
  return known && before.status !== after.status ? undefined : 'the deal was edited: its status did not change';
}
