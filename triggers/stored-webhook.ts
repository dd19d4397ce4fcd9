import { z } from 'zod';
import type { WebhookEvent } from '../skipup/index.ts';
import { MEETING_EVENTS } from '../workflows/messages.ts';

const MEETING_EVENT_TYPES = new Set<string>(MEETING_EVENTS.map((name) => `meeting_request.${name}`));

/** Whether a kickoff acts on this type of SkipUp's events. */
export function isMeetingEvent(eventType: string): boolean {
  return MEETING_EVENT_TYPES.has(eventType);
}

const text = z.string().min(1).nullish().catch(undefined);
const holder = z.object({ id: text }).nullish().catch(undefined);
const placesSchema = z.object({ id: text, meeting_request_id: text, meeting_request: holder, data: holder });

/**
 * An event as it is kept: about which meeting request it is stands in `id`, and `timestamp` can be read, so that whoever
 * takes it out of the inbox need not look twice.
 *
 * SkipUp shows no full sample of `organizer_changed` and `follow_up_sent`: their id is also looked for in the other places
 * where such ids stand. A time that cannot be read is replaced by the time of arrival.
 *
 * @returns no `requestId` for events that name none, and for those that are not about a meeting request
 */
export function storedWebhook(event: WebhookEvent, receivedAt: Date): { requestId?: string; payload: object } {
  if (!isMeetingEvent(event.event)) {
    return { payload: event };
  }
  const timestamp = Number.isNaN(Date.parse(event.timestamp)) ? receivedAt.toISOString() : event.timestamp;
  const { id, meeting_request_id, meeting_request, data } = placesSchema.parse(event);
  const requestId = id ?? meeting_request_id ?? meeting_request?.id ?? data?.id ?? undefined;
  return requestId === undefined
    ? { payload: { ...event, timestamp } }
    : { requestId, payload: { ...event, timestamp, id: requestId } };
}
