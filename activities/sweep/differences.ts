/** What SkipUp's list says that the ledger does not know: as the event that a webhook would have been. */
import type { InboxEntry, MeetingRequestRow } from '../../database/index.ts';
import type { MeetingRequest } from '../../skipup/index.ts';
import { NOTICED_BY_SWEEP } from '../../workflows/meeting/from-webhook.ts';
import type { MeetingEventName } from '../../workflows/messages.ts';

/** An event, ready for the inbox. */
export interface NoticedEvent {
  name: MeetingEventName;
  entry: InboxEntry;
}

export interface Differences {
  events: NoticedEvent[];
  /** The organizer, where a webhook has left unsaid who it is. */
  organizerToFill?: string;
  /** What is known can lead to what SkipUp says in no way that we know of. */
  isContradiction: boolean;
}

/** Before any request. */
const EVER = '1970-01-01T00:00:00.000Z';

/**
 * Compares a request as the ledger has it with what SkipUp says it is.
 *
 * An event's instant is SkipUp's own where it names one. That of a pause or a resumption is later than the last one
 * known, because it is what holds now. The key is made of what the event was derived from, so that sweeps that notice the
 * same happening make the same event.
 *
 * @param now stands in for instants that SkipUp leaves out
 */
export function differencesOf(row: MeetingRequestRow, request: MeetingRequest, now: Date): Differences {
  const change = statusChange(row, request, now);
  if (change === 'contradiction') return { events: [], isContradiction: true };
  const organizer = request.status === 'cancelled' ? undefined : normalEmail(request.organizer_email);
  if (organizer === undefined) return { events: listOf(change), isContradiction: false };
  if (row.organizer_email === null) {
    return { events: listOf(change), organizerToFill: organizer, isContradiction: false };
  }
  const changed =
    normalEmail(row.organizer_email) === organizer ? undefined : organizerChange(row, request, organizer, now);
  return { events: [...listOf(change), ...listOf(changed)], isContradiction: false };
}

/** An e-mail address as two of them are compared. */
export function normalEmail(email: string | null | undefined): string | undefined {
  const text = email?.trim().toLowerCase();
  return text === '' ? undefined : text;
}

function statusChange(
  row: MeetingRequestRow,
  request: MeetingRequest,
  now: Date,
): NoticedEvent | 'contradiction' | undefined {
  if (request.status === row.status) return undefined;
  const isOver = row.status === 'booked' || row.status === 'cancelled';
  switch (request.status) {
    case 'cancelled': {
      // Of a meeting that was booked and is off only the end counts: nobody prepares for it any more.
      const wasBooked = row.was_booked || typeof request.booked_at === 'string';
      const happened = instantIn(request.cancelled_at, request.updated_at);
      return noticed(row, 'cancelled', happened ?? now, happened, {
        status: 'cancelled',
        ...(wasBooked ? { was_booked: true } : {}),
      });
    }
    case 'booked': {
      if (isOver) return 'contradiction';
      const happened = instantIn(request.booked_at, request.updated_at);
      return noticed(row, 'booked', happened ?? now, happened, { status: 'booked' });
    }
    case 'paused': {
      if (isOver) return 'contradiction';
      const happened = instantIn(request.paused_at, request.updated_at);
      const at = laterThan(row.status_at, happened ?? now);
      return noticed(row, 'paused', at, happened && at, { status: 'paused' });
    }
    case 'active': {
      if (isOver) return 'contradiction';
      if (row.status !== 'paused') return undefined;
      const happened = instantIn(request.updated_at);
      const at = laterThan(row.status_at, happened ?? now);
      return noticed(row, 'resumed', at, happened && at, { status: 'active' });
    }
    default:
      return 'contradiction';
  }
}

/** When it was is not said, only that it was after the last organizer known, and before the request was last changed. */
function organizerChange(row: MeetingRequestRow, request: MeetingRequest, organizer: string, now: Date): NoticedEvent {
  const since = row.organizer_at?.toISOString() ?? EVER;
  const at = laterThan(row.organizer_at, instantIn(request.updated_at) ?? now);
  return {
    name: 'organizer_changed',
    entry: entryOf(row, 'organizer_changed', at, `since ${since}`, {
      organizer_email: organizer,
      changed_after: since,
    }),
  };
}

function noticed(
  row: MeetingRequestRow,
  name: MeetingEventName,
  at: Date,
  happened: Date | undefined,
  more: object,
): NoticedEvent {
  // Without an instant of SkipUp's the key says what was known before.
  const instant = happened?.toISOString() ?? `after ${row.status_at?.toISOString() ?? row.status}`;
  return { name, entry: entryOf(row, name, at, instant, { ...more, [`${name}_at`]: at.toISOString() }) };
}

function entryOf(row: MeetingRequestRow, name: MeetingEventName, at: Date, key: string, more: object): InboxEntry {
  const id = row.request_id ?? '';
  const event = `meeting_request.${name}`;
  return {
    source: 'skipup',
    dedupeKey: `sweep:${id}:${name}:${key}`,
    eventType: event,
    subject: id,
    payload: { event, timestamp: at.toISOString(), id, ...more, noticed_by: NOTICED_BY_SWEEP },
  };
}

/** The first that can be read. */
function instantIn(...texts: (string | null | undefined)[]): Date | undefined {
  const ms = texts.map((text) => Date.parse(text ?? '')).find((value) => !Number.isNaN(value));
  return ms === undefined ? undefined : new Date(ms);
}

/** `at`, or the next millisecond after what is known: SkipUp's instants have whole seconds, and two may fall into one. */
function laterThan(known: Date | null, at: Date): Date {
  return known !== null && at.getTime() <= known.getTime() ? new Date(known.getTime() + 1) : at;
}

function listOf<T>(item: T | undefined): T[] {
  return item === undefined ? [] : [item];
}
