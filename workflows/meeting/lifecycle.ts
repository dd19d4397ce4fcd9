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
  /** Its cancellation said that it had been booked. */
  toldAsBooked?: true;
  /** The keys of the follow-ups seen: their number is the number of follow-ups. */
  followUpKeys: string[];
  /** The organizer changes seen, by key; how many they are says {@link organizerChanges}. */
  organizerChanges: OrganizerChange[];
}

/** A change that SkipUp has told of, or one that the sweep has noticed. */
interface OrganizerChange {
  key: string;
  /** ISO 8601: when it was; of one that the sweep has noticed, when it had been at the latest. */
  at: string;
  /** ISO 8601, only of one that the sweep has noticed: it was after this. */
  since?: string;
}

export function newMeeting(requestId: string): Meeting {
  return { requestId, followUpKeys: [], organizerChanges: [] };
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

/** Whether it had been booked, also when that was only told by its cancellation. */
export function wasBooked(meeting: Meeting | undefined): boolean {
  return meeting?.bookedAt !== undefined || meeting?.toldAsBooked === true;
}

/**
 * How often the organizer has changed. What the sweep has noticed is known only as "between then and then": it is one with
 * a change of that time which SkipUp has told of, before or afterwards, and counts by itself when there is none. As many
 * as can be are matched, so the number depends on what is known, never on the order in which it came, and never falls.
 */
export function organizerChanges({ organizerChanges: changes }: Meeting): number {
  const told = changes.filter(({ since }) => since === undefined).sort(byInstant);
  let count = told.length;
  // Those that end first choose first, and take the earliest that they may: more matches there cannot be.
  for (const { since, at } of changes.toSorted(byInstant)) {
    if (since === undefined) continue;
    const match = told.findIndex((change) => change.at > since && isUpTo(change.at, at));
    if (match === -1) count += 1;
    else told.splice(match, 1);
  }
  return count;
}

/** SkipUp's webhook is written after the request has changed: its instant may be a little later. */
const WEBHOOK_LAG_MS = 5_000;

function isUpTo(at: string, limit: string): boolean {
  return Date.parse(at) <= Date.parse(limit) + WEBHOOK_LAG_MS;
}

function byInstant(one: OrganizerChange, other: OrganizerChange): number {
  if (one.at !== other.at) return one.at < other.at ? -1 : 1;
  return one.key < other.key ? -1 : 1;
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
      return {
        ...meeting,
        cancelledAt: latest(meeting.cancelledAt, event.at),
        ...(event.wasBooked === true && { toldAsBooked: true }),
      };
    case 'paused':
      return { ...meeting, pausedAt: latest(meeting.pausedAt, event.at) };
    case 'resumed':
      return { ...meeting, resumedAt: latest(meeting.resumedAt, event.at) };
    case 'organizer_changed':
      return { ...meeting, organizerChanges: withChange(meeting.organizerChanges, event) };
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

function withChange(changes: OrganizerChange[], { key, at, since }: MeetingEvent): OrganizerChange[] {
  if (changes.some((change) => change.key === key)) return changes;
  const change = { key, at: new Date(at).toISOString(), ...(since === undefined ? {} : { since }) };
  return [...changes, change].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function withKey(keys: string[], key: string): string[] {
  return keys.includes(key) ? keys : [...keys, key].sort();
}
