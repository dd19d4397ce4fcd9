import { MEETING_EVENTS, type MeetingEvent } from '../messages.ts';

/**
 * Reduces a verified SkipUp webhook to what a workflow needs.
 *
 * @param payload the parsed body; only `event`, `id` and `timestamp` are required, everything else may be absent
 * @param key identifies the event for ever: SHA-256 of the body
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
  };
}

function instantIn(payload: Record<string, unknown>): string | undefined {
  if (typeof payload.timestamp !== 'string' || Number.isNaN(Date.parse(payload.timestamp))) return undefined;
  return new Date(payload.timestamp).toISOString();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
