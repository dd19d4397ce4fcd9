import { MEETING_EVENTS, type MeetingEvent } from '../messages.ts';

/** Who put an event into the inbox that no webhook has brought: stands in its payload, for people and for the workflow. */
export const NOTICED_BY_SWEEP = 'sweep';

const MEETING_EVENT_TYPES = new Set<string>(MEETING_EVENTS.map((name) => `meeting_request.${name}`));

/** Whether a kickoff acts on this type of SkipUp's events. */
export function isMeetingEvent(eventType: string): boolean {
  return MEETING_EVENT_TYPES.has(eventType);
}

/**
 * An event as it is kept: about which meeting request it is stands in `id`, and `timestamp` can be read, so that whoever
 * takes it out of the inbox need not look twice.
 *
 * SkipUp shows no full sample of `organizer_changed` and `follow_up_sent`: their id is also looked for in the other places
 * where such ids stand. A time that cannot be read is replaced by the time of arrival.
 *
 * @returns no `requestId` for events that name none, and for those that are not about a meeting request
 */
export function storedWebhook(
  event: { event: string; timestamp: string; [name: string]: unknown },
  receivedAt: Date,
): { requestId?: string; payload: object } {
  if (!isMeetingEvent(event.event)) return { payload: event };
  const timestamp = Number.isNaN(Date.parse(event.timestamp)) ? receivedAt.toISOString() : event.timestamp;
  const requestId = [event.id, event.meeting_request_id, idIn(event.meeting_request), idIn(event.data)].find(isText);
  return requestId === undefined
    ? { payload: { ...event, timestamp } }
    : { requestId, payload: { ...event, timestamp, id: requestId } };
}

/**
 * Reduces a verified SkipUp webhook to what a workflow needs.
 *
 * @param payload the parsed body; only `event`, `id` and `timestamp` are required, everything else may be absent
 * @param key identifies the event for ever: SHA-256 of the body's canonical JSON
 * @returns undefined when it is no event of a meeting request's life (`test`, `member.deactivated`, an unknown type), or
 *   when it lacks its id or instant
 */
export function meetingEventOf(payload: unknown, key: string): MeetingEvent | undefined {
  if (!isRecord(payload) || typeof payload.event !== 'string' || typeof payload.id !== 'string') return undefined;
  const name = MEETING_EVENTS.find((known) => payload.event === `meeting_request.${known}`);
  const at = instantIn(payload);
  if (name === undefined || at === undefined) return undefined;
  return {
    key,
    name,
    requestId: payload.id,
    at,
    ...(typeof payload.was_booked === 'boolean' ? { wasBooked: payload.was_booked } : {}),
    ...(typeof payload.calendar_event_id === 'string' ? { calendarEventId: payload.calendar_event_id } : {}),
    ...(typeof payload.organizer_email === 'string' ? { organizerEmail: payload.organizer_email } : {}),
    ...sinceIn(payload),
  };
}

/** Only the sweep says since when: a webhook says when it was. */
function sinceIn(payload: Record<string, unknown>): { since?: string } {
  const { noticed_by: by, changed_after: after } = payload;
  if (by !== NOTICED_BY_SWEEP || !isText(after) || Number.isNaN(Date.parse(after))) return {};
  return { since: new Date(after).toISOString() };
}

function idIn(value: unknown): unknown {
  return isRecord(value) ? value.id : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function instantIn(payload: Record<string, unknown>): string | undefined {
  if (typeof payload.timestamp !== 'string' || Number.isNaN(Date.parse(payload.timestamp))) return undefined;
  return new Date(payload.timestamp).toISOString();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
