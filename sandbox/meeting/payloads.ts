import type { MeetingRequestRecord, Member } from '../state/schema.ts';

/** What a webhook says. Documented fields in their documented order; `event` and `timestamp` are always there. */
export type WebhookPayload = { event: string; timestamp: string; id?: string } & Record<string, unknown>;

export const MEETING_CHANGES = [
  'created',
  'booked',
  'cancelled',
  'paused',
  'resumed',
  'organizer_changed',
  'follow_up_sent',
] as const;
export type MeetingChange = (typeof MEETING_CHANGES)[number];

/**
 * The payload of a meeting request's event.
 *
 * @param at ISO 8601
 * @param wasBooked only read for `cancelled`: whether the meeting had been booked
 */
export function meetingPayload(
  request: MeetingRequestRecord,
  change: MeetingChange,
  at: string,
  wasBooked = false,
): WebhookPayload {
  const head = { event: `meeting_request.${change}`, timestamp: at, id: request.id };
  switch (change) {
    case 'created':
      return { ...head, status: 'active', created_at: at };
    case 'booked':
      return {
        event: head.event,
        timestamp: at,
        id: request.id,
        calendar_event_id: request.calendarEventId,
        status: 'booked',
        booked_at: at,
      };
    case 'cancelled':
      return { ...head, status: 'cancelled', cancelled_at: at, was_booked: wasBooked };
    case 'paused':
      return { ...head, status: 'paused', paused_at: at };
    case 'resumed':
      return { ...head, status: 'active', resumed_at: at };
    // Neither has a full sample in SkipUp's reference; whoever needs the new organizer reads the request.
    case 'organizer_changed':
    case 'follow_up_sent':
      return head;
  }
}

export function memberDeactivatedPayload(member: Member, at: string): WebhookPayload {
  return { event: 'member.deactivated', timestamp: at, id: member.id, email: member.email, deactivated_at: at };
}

export function testPayload(at: string): WebhookPayload {
  return { event: 'test', timestamp: at, message: 'Test webhook delivery' };
}
