/**
 * What is known of one meeting request, as a set of facts that only grows.
 *
 * Webhooks come twice, late and in any order. So no event *sets* a status: each adds a fact, facts are merged by
 * maximum, and the status is read off them. Any order and any repetition of the same events gives the same meeting.
 */
import type { MeetingEvent } from '../messages.ts';

export type MeetingStatus = 'active' | 'paused' | 'booked' | 'cancelled';

export interface Meeting {
  requestId: string;
  /** ISO 8601 instants at which SkipUp says it happened; the latest of each kind. */
  bookedAt?: string;
  cancelledAt?: string;
  pausedAt?: string;
  resumedAt?: string;
  calendarEventId?: string;
  /** The keys of the follow-ups seen: their number is the number of follow-ups. */
  followUpKeys: string[];
  /** The keys of the organizer changes seen. */
  organizerChangeKeys: string[];
}

export function newMeeting(requestId: string): Meeting {
  return { requestId, followUpKeys: [], organizerChangeKeys: [] };
}

/**
 * Where the request stands. Cancelled is final over booked (a booked meeting can still be cancelled, never the other
 * way round), booked over paused and active. Between paused and resumed the later one counts; in the same second the
 * resumption does, since a request that goes on will say so again, and one that rests says nothing more.
 */
export function meetingStatus(meeting: Meeting): MeetingStatus {
  if (meeting.cancelledAt !== undefined) return 'cancelled';
  if (meeting.bookedAt !== undefined) return 'booked';
  if (meeting.pausedAt !== undefined && (meeting.resumedAt === undefined || meeting.pausedAt > meeting.resumedAt)) {
    return 'paused';
  }
  return 'active';
}

/** Adds what one event says. An event of another request leaves the meeting as it is. */
export function withEvent(meeting: Meeting, event: MeetingEvent): Meeting {
  if (event.requestId !== meeting.requestId) return meeting;
  switch (event.name) {
    case 'created':
      return meeting;
    case 'booked':
      return {
        ...meeting,
        bookedAt: latest(meeting.bookedAt, event.at),
        ...(event.calendarEventId === undefined
          ? {}
          : { calendarEventId: greatest(meeting.calendarEventId, event.calendarEventId) }),
      };
    case 'cancelled':
      return { ...meeting, cancelledAt: latest(meeting.cancelledAt, event.at) };
    case 'paused':
      return { ...meeting, pausedAt: latest(meeting.pausedAt, event.at) };
    case 'resumed':
      return { ...meeting, resumedAt: latest(meeting.resumedAt, event.at) };
    case 'organizer_changed':
      return { ...meeting, organizerChangeKeys: withKey(meeting.organizerChangeKeys, event.key) };
    case 'follow_up_sent':
      return { ...meeting, followUpKeys: withKey(meeting.followUpKeys, event.key) };
  }
}

/** Instants are compared as instants: SkipUp's own have whole seconds, ours have milliseconds. */
function latest(known: string | undefined, at: string): string {
  return greatest(known, new Date(at).toISOString());
}

/** Any total order will do, as long as it does not depend on which came first. */
function greatest(known: string | undefined, value: string): string {
  return known === undefined || value > known ? value : known;
}

function withKey(keys: string[], key: string): string[] {
  return keys.includes(key) ? keys : [...keys, key].sort();
}
