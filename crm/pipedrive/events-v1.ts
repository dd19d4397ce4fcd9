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
 * event, and one edit may make several, so the transition is named by the moment at which the deal was won.
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
  const moment = instantOf(after?.won_time) ?? instantOf(meta.timestamp);
  if (ignore === undefined) {
    requireDigits(dealId, [...prefix, 'meta', 'id']);
    if (moment === undefined) {
      throw malformed([...prefix, 'current', 'won_time'], 'expected a time');
    }
  }
  const told = ignore === undefined ? `won@${moment}` : `${meta.action}@${instantOf(meta.timestamp) ?? ''}`;
  return {
    dealId,
    transitionKey: [meta.company_id ?? '', meta.object, dealId, told].join(':'),
    occurredAt: instantOf(meta.timestamp) ?? moment ?? now.toISOString(),
    eventType: `${meta.action}.${meta.object}`,
    ...(ignore === undefined ? {} : { ignore }),
  };
}

function reasonToIgnore(
  action: string,
  after: DealState | undefined,
  before: DealState | undefined,
): string | undefined {
  if (action !== 'updated' && action !== 'added') {
    return `${action} is neither a change nor a creation`;
  }
  if (after?.status !== 'won') {
    return `status is ${after?.status ?? 'unknown'}, not won`;
  }
  if (action === 'updated' && (before?.status === 'won' || typeof before?.status !== 'string')) {
    return 'a won deal was edited: its status did not change';
  }
  return undefined;
}
