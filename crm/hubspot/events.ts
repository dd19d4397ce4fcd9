import { z } from 'zod';
import { firstProblem, parseJsonBody } from '../body.ts';
import { type DealSignal, TriggerRefused } from '../port.ts';

/** HubSpot sends up to 100 events in one request. */
const MAX_EVENTS = 100;

/** HubSpot's object type id of deals, in the newer form of events. */
const DEAL_OBJECT_TYPE = '0-3';
/** A deal is looked at again whenever this property changes; stage ids differ per portal, so their value is not judged here. */
const STAGE_PROPERTY = 'dealstage';

const idSchema = z.union([z.int().nonnegative(), z.string().regex(/^\d{1,20}$/, 'expected digits')]).transform(String);
const nameSchema = z.string().min(1).max(200);
/** The ids in a merge. HubSpot documents numbers; where no record was made some send 0 or null for its id. */
const mergeIdSchema = z
  .union([z.int(), z.string().max(20)])
  .nullish()
  .transform((id) => (/^[1-9]\d{0,19}$/.test(String(id)) ? String(id) : undefined));

/** What every event is asked for; kinds that Kickoff does not act on have other fields besides. */
const anyEventSchema = z.object({
  subscriptionType: nameSchema.optional(),
  eventType: nameSchema.optional(),
  objectTypeId: z.string().max(50).optional(),
  propertyName: nameSchema.optional(),
  objectId: idSchema.optional(),
  portalId: idSchema.optional(),
  eventId: idSchema.optional(),
  occurredAt: z.number().int().nonnegative().max(8_640_000_000_000_000).optional(),
  /** The record that the others were merged into, in the words of HubSpot's window for it. */
  primaryObjectId: mergeIdSchema,
  mergedObjectIds: z.array(mergeIdSchema).max(100).nullish(),
  /** The record that was made of all of them. A merge of deals makes one. */
  newObjectId: mergeIdSchema,
});
type AnyEvent = z.infer<typeof anyEventSchema>;

/** What an event that is acted on must have, because the transition's key is made from it. */
const actedOnSchema = anyEventSchema.required({ portalId: true, eventId: true, occurredAt: true });
const ofOneDealSchema = actedOnSchema.required({ objectId: true });

/**
 * Splits a HubSpot webhook into its events: one signal each, in the order received.
 *
 * Takes both forms: `deal.propertyChange`, and `object.propertyChange` with `objectTypeId` `0-3`; `eventType` stands for
 * `subscriptionType`. A merge is a signal about the deal that came of it, a deletion one about the deal that is gone: whoever
 * reads them finds out what they mean. Events that cannot mean a deal-close are marked `ignore` with the reason, so that the whole batch is
 * acknowledged: HubSpot would repeat a refused one ten times.
 *
 * @throws TriggerRefused `malformed_body`, naming the event's index and field
 */
export function normaliseHubSpotEvents(body: Uint8Array): DealSignal[] {
  const batch = parseJsonBody(body);
  if (!Array.isArray(batch)) {
    throw new TriggerRefused('malformed_body', 'HubSpot sends a JSON array of events; this body is not one.');
  }
  if (batch.length > MAX_EVENTS) {
    throw new TriggerRefused('malformed_body', `HubSpot sends at most ${MAX_EVENTS} events; got ${batch.length}.`);
  }
  return batch.map((event: unknown, index) => signalOf(event, index));
}

function signalOf(value: unknown, index: number): DealSignal {
  const event = parse(anyEventSchema, value, index);
  const eventType = event.subscriptionType ?? event.eventType;
  if (eventType === undefined) {
    throw malformed(`at ${index}.subscriptionType: expected a text`);
  }
  const ignore = reasonToIgnore(eventType, event);
  if (ignore !== undefined) {
    return signal(event, eventType, { ignore });
  }
  if (!isMerge(eventType)) {
    const told = isDeletion(eventType) ? ({ tellsOnly: true } as const) : {};
    return signal(parse(ofOneDealSchema, value, index), eventType, told);
  }
  const merge = parse(actedOnSchema, value, index);
  if (survivorOf(merge) === undefined) {
    throw malformed(`at ${index}.newObjectId: expected an id, or one at ${index}.primaryObjectId`);
  }
  const mergedIds = [merge.primaryObjectId, ...(merge.mergedObjectIds ?? [])]
    .filter((id) => id !== undefined)
    .filter((id) => id !== survivorOf(merge));
  return signal(merge, eventType, { tellsOnly: true, mergedIds });
}

function isDeletion(eventType: string): boolean {
  return eventType.endsWith('.deletion');
}

function isMerge(eventType: string): boolean {
  return eventType.endsWith('.merge');
}

/** HubSpot makes a new deal of those that are merged; other objects keep the primary one's id. */
function survivorOf(event: AnyEvent): string | undefined {
  return event.newObjectId ?? event.primaryObjectId;
}

function reasonToIgnore(eventType: string, event: AnyEvent): string | undefined {
  const [object, change] = splitOnce(eventType);
  const isDeal = object === 'deal' || (object === 'object' && event.objectTypeId === DEAL_OBJECT_TYPE);
  if (!isDeal) {
    const what = object === 'object' ? `object type ${event.objectTypeId ?? 'unknown'}` : object;
    return `about ${what}, not a deal`;
  }
  if (change === 'merge' || change === 'deletion') {
    return undefined;
  }
  if (change !== 'propertyChange') {
    return `${eventType} is not a change of stage`;
  }
  return event.propertyName === STAGE_PROPERTY
    ? undefined
    : `property ${event.propertyName ?? 'unknown'} changed, not ${STAGE_PROPERTY}`;
}

function signal(
  event: AnyEvent,
  eventType: string,
  extra: Pick<DealSignal, 'ignore' | 'tellsOnly' | 'mergedIds'>,
): DealSignal {
  return {
    dealId: (isMerge(eventType) ? survivorOf(event) : undefined) ?? event.objectId ?? 'unknown',
    transitionKey: transitionKey(event, eventType),
    occurredAt: new Date(event.occurredAt ?? 0).toISOString(),
    eventType,
    ...extra,
  };
}

/**
 * One transition, whatever is repeated: `eventId` alone is not unique, and `attemptNumber` differs in every repeat of the
 * same event.
 */
function transitionKey(event: AnyEvent, eventType: string): string {
  const parts = [event.portalId, eventType, event.objectId, event.propertyName, event.eventId, event.occurredAt];
  const merge = isMerge(eventType)
    ? [event.primaryObjectId, event.mergedObjectIds?.filter((id) => id !== undefined).join('+'), event.newObjectId]
    : [];
  return [...parts, ...merge].map((part) => part ?? '').join(':');
}

function splitOnce(eventType: string): [string, string] {
  const dot = eventType.indexOf('.');
  return dot === -1 ? [eventType, ''] : [eventType.slice(0, dot), eventType.slice(dot + 1)];
}

function parse<T>(schema: z.ZodType<T>, value: unknown, index: number): T {
  const result = schema.safeParse(value);
  if (!result.success) {
    throw malformed(firstProblem(result.error, [index]));
  }
  return result.data;
}

function malformed(where: string): TriggerRefused {
  return new TriggerRefused('malformed_body', `An event is not as HubSpot documents it, ${where}.`);
}
