import { type Kysely, type Selectable, sql } from 'kysely';
import { DatabaseError } from './errors.ts';
import type { InboxRow } from './inbox.ts';
import { jsonText, plainText } from './json.ts';
import { updateInPhase } from './kickoffs.ts';
import type { MeetingRequestsTable, Schema } from './schema.ts';
import { inTransaction } from './transaction.ts';

export type MeetingRequestRow = Selectable<MeetingRequestsTable>;

export interface BeginMeetingRequestInput {
  idempotencyKey: string;
  workflowId: string;
  revision: number;
  organizerEmail: string;
  participantEmails: readonly string[];
  /** ISO 8601 instants. */
  timeframeStart: string;
  timeframeEnd: string;
  /** When the first attempt under this key was made, ISO 8601. */
  firstTriedAt: string;
}

/**
 * Writes down that a meeting request is about to be made under this key, before SkipUp is asked.
 *
 * @returns the row. When it was there already its values win; with a `request_id` the request has been made.
 */
export async function beginMeetingRequest(
  db: Kysely<Schema>,
  input: BeginMeetingRequestInput,
): Promise<MeetingRequestRow> {
  const created = await db
    .insertInto('meeting_requests')
    .values({
      idempotency_key: input.idempotencyKey,
      workflow_id: input.workflowId,
      revision: input.revision,
      status: 'requesting',
      organizer_email: input.organizerEmail,
      participant_emails: jsonText(input.participantEmails),
      timeframe_start: input.timeframeStart,
      timeframe_end: input.timeframeEnd,
      first_tried_at: input.firstTriedAt,
      follow_up_times: '[]',
    })
    .onConflict((conflict) => conflict.column('idempotency_key').doNothing())
    .returningAll()
    .executeTakeFirst();
  return created ?? (await requestByKey(db, input.idempotencyKey));
}

/**
 * Writes the mapping from the request's id to its kickoff or recovery, and takes what had come for that id before: in one transaction,
 * so that a webhook is found either here or, through the mapping, by the relay.
 *
 * It may be repeated: the attempt whose answer was lost has taken the rows already, so every row of the request that has
 * been delivered is returned again. The workflow tells repeats by their keys.
 *
 * @returns the request's inbox rows, oldest first.
 * @throws {DatabaseError} `not_found` when the key was never begun; `conflict` when key and id are each known otherwise.
 */
export async function attachRequestId(
  db: Kysely<Schema>,
  input: { idempotencyKey: string; requestId: string; status: string },
): Promise<InboxRow[]> {
  return await inTransaction(db, async (tx) => {
    const request = await requestByKey(tx, input.idempotencyKey, { lock: true });
    if (request.request_id !== null && request.request_id !== input.requestId) {
      throw new DatabaseError(
        'conflict',
        `key ${input.idempotencyKey} made request ${request.request_id}; it cannot also have made ${input.requestId}`,
      );
    }
    if (request.request_id === null) await setRequestId(tx, input);
    await updateInPhase(tx, { workflowId: request.workflow_id, revision: request.revision, phase: 'scheduling' })
      // A paused kickoff is not resumed by the late answer to its creation.
      .where('phase', '<>', 'paused')
      .execute();
    await tx
      .updateTable('recoveries')
      .set({ phase: 'scheduling', needs: '[]', updated_at: sql<Date>`now()` })
      .where('workflow_id', '=', request.workflow_id)
      .where('phase', 'in', ['checking', 'requesting', 'needs_attention', 'waiting'])
      .execute();
    await tx
      .updateTable('inbox')
      .set({
        status: 'delivered',
        workflow_id: request.workflow_id,
        delivered_at: sql<Date>`now()`,
        locked_until: null,
        reason: null,
      })
      .where('source', '=', 'skipup')
      .where('subject', '=', input.requestId)
      .where('status', 'in', ['pending', 'unmatched'])
      .execute();
    return await tx
      .selectFrom('inbox')
      .selectAll()
      .where('source', '=', 'skipup')
      .where('subject', '=', input.requestId)
      .where('status', '=', 'delivered')
      .orderBy('id')
      .execute();
  });
}

/** @returns the meeting request that SkipUp knows by this id, or undefined when it is none of ours (or not yet). */
export async function findMeetingRequest(
  db: Kysely<Schema>,
  requestId: string,
): Promise<MeetingRequestRow | undefined> {
  return await db.selectFrom('meeting_requests').selectAll().where('request_id', '=', requestId).executeTakeFirst();
}

/** All meeting requests of a kickoff or a recovery, oldest first. */
export async function listMeetingRequests(db: Kysely<Schema>, workflowId: string): Promise<MeetingRequestRow[]> {
  return await db
    .selectFrom('meeting_requests')
    .selectAll()
    .where('workflow_id', '=', workflowId)
    .orderBy('created_at')
    .orderBy('idempotency_key')
    .execute();
}

/** Whose requests SkipUp may still tell something about: a kickoff, or a recovery, that listens. */
const LISTENS = sql<boolean>`(
  exists (
    select 1 from kickoffs k
    where k.workflow_id = m.workflow_id and k.revision = m.revision
      and k.phase not in ('cancelled', 'expired', 'failed')
      -- Done, it listens for a late cancellation until it closes.
      and (k.phase <> 'done' or k.closes_at > now())
  ) or exists (
    select 1 from recoveries r
    where r.workflow_id = m.workflow_id and r.ended_at is null
      -- An attempt that SkipUp has refused has no request, and never will.
      and (m.request_id is not null or m.revision = (
        select max(last.revision) from meeting_requests last where last.workflow_id = m.workflow_id
      ))
  )
)`;

/**
 * The requests that SkipUp may still tell something about: made, not cancelled, and their kickoff or recovery listens.
 * This is what the sweep compares with SkipUp's own list.
 */
export async function openMeetingRequests(db: Kysely<Schema>): Promise<MeetingRequestRow[]> {
  return await db
    .selectFrom('meeting_requests as m')
    .selectAll('m')
    .where('m.request_id', 'is not', null)
    .where('m.status', '<>', 'cancelled')
    .where(LISTENS)
    .orderBy('m.created_at')
    .orderBy('m.idempotency_key')
    .execute();
}

/**
 * Since when SkipUp may have something to tell: when the oldest request was first tried that is open, or that has been
 * sent and not answered yet. Undefined when nothing is awaited.
 */
export async function awaitedSince(db: Kysely<Schema>): Promise<Date | undefined> {
  const { rows } = await sql<{ since: Date | null }>`
    select min(m.first_tried_at) as since from meeting_requests m where m.status <> 'cancelled' and ${LISTENS}
  `.execute(db);
  return rows[0]?.since ?? undefined;
}

/** Which of these ids are of meeting requests of ours. */
export async function ownRequestIds(db: Kysely<Schema>, requestIds: readonly string[]): Promise<Set<string>> {
  if (requestIds.length === 0) return new Set();
  const rows = await db
    .selectFrom('meeting_requests')
    .select('request_id')
    .where('request_id', 'in', requestIds)
    .execute();
  return new Set(rows.flatMap((row) => row.request_id ?? []));
}

/**
 * Fills in an organizer whom a webhook has left unsaid; one that is known stays.
 *
 * @returns false when there was nothing to fill in
 */
export async function fillOrganizer(
  db: Kysely<Schema>,
  input: { requestId: string; organizerEmail: string },
): Promise<boolean> {
  const result = await db
    .updateTable('meeting_requests')
    .set({ organizer_email: plainText(input.organizerEmail, 320), updated_at: sql<Date>`now()` })
    .where('request_id', '=', input.requestId)
    .where('organizer_email', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export interface RecordedMeetingEvent {
  requestId: string;
  name: 'created' | 'booked' | 'cancelled' | 'paused' | 'resumed' | 'organizer_changed' | 'follow_up_sent';
  /** ISO 8601 instant at which SkipUp says it happened. */
  at: string;
  wasBooked?: boolean | undefined;
  calendarEventId?: string | undefined;
  organizerEmail?: string | undefined;
}

/**
 * Brings the read model up to one event of a meeting request. Events may come repeated and in any order: cancelled is
 * final, booked gives way to it alone, of paused and resumed the later in SkipUp's time holds, as it does of two organizers,
 * follow-ups are told apart by their instants.
 *
 * The kickoff's, or the recovery's, own phase is moved between `scheduling` and `paused` only; everything else is the workflow's to say.
 *
 * @returns whose request it is, or undefined when it is none of ours.
 */
export async function recordMeetingEvent(
  db: Kysely<Schema>,
  event: RecordedMeetingEvent,
): Promise<{ workflowId: string } | undefined> {
  return await inTransaction(db, async (tx) => {
    const request = await tx
      .selectFrom('meeting_requests')
      .selectAll()
      .where('request_id', '=', event.requestId)
      .forUpdate()
      .executeTakeFirst();
    if (request === undefined) return undefined;
    const change = changeOf(request, event);
    if (Object.keys(change).length > 0) {
      await tx
        .updateTable('meeting_requests')
        .set({ ...change, updated_at: sql<Date>`now()` })
        .where('idempotency_key', '=', request.idempotency_key)
        .execute();
    }
    if (change.status_at !== undefined) {
      const [from, to] = change.status === 'paused' ? ['scheduling', 'paused'] : ['paused', 'scheduling'];
      await tx
        .updateTable('kickoffs')
        .set({ phase: to, updated_at: sql<Date>`now()` })
        .where('workflow_id', '=', request.workflow_id)
        .where('revision', '=', request.revision)
        .where('phase', '=', from)
        .execute();
      await tx
        .updateTable('recoveries')
        .set({ phase: to, updated_at: sql<Date>`now()` })
        .where('workflow_id', '=', request.workflow_id)
        .where('phase', '=', from)
        .execute();
    }
    return { workflowId: request.workflow_id };
  });
}

interface MeetingRequestChange {
  status?: string;
  status_at?: Date;
  booked_at?: Date;
  cancelled_at?: Date;
  was_booked?: boolean;
  calendar_event_id?: string;
  organizer_email?: string | null;
  organizer_at?: Date;
  follow_ups?: number;
  follow_up_times?: string;
}

/** What an event changes in a request: a pure function, so that its order rules can be read in one place. */
function changeOf(request: MeetingRequestRow, event: RecordedMeetingEvent): MeetingRequestChange {
  const at = new Date(event.at);
  const isOver = request.status === 'booked' || request.status === 'cancelled';
  switch (event.name) {
    case 'created':
      return request.status === 'requesting' ? { status: 'active' } : {};
    case 'booked':
      return {
        was_booked: true,
        ...(request.status === 'cancelled' ? {} : { status: 'booked' }),
        ...(request.booked_at === null ? { booked_at: at } : {}),
        ...(event.calendarEventId === undefined ? {} : { calendar_event_id: plainText(event.calendarEventId) }),
      };
    case 'cancelled':
      return {
        status: 'cancelled',
        ...(request.cancelled_at === null ? { cancelled_at: at } : {}),
        ...(event.wasBooked === true || request.status === 'booked' ? { was_booked: true } : {}),
      };
    case 'paused':
    case 'resumed': {
      if (isOver || !isNewerStatus(request, event.name, at)) return {};
      return { status: event.name === 'paused' ? 'paused' : 'active', status_at: at };
    }
    case 'organizer_changed':
      return organizerChange(request, at, event.organizerEmail);
    case 'follow_up_sent': {
      const instant = at.toISOString();
      if (request.follow_up_times.includes(instant)) return {};
      const times = [...request.follow_up_times, instant];
      return { follow_ups: times.length, follow_up_times: jsonText(times) };
    }
  }
}

/**
 * The later in SkipUp's time counts. SkipUp's webhook does not say who it is now: then what was known counts no more, and
 * the sweep looks.
 */
function organizerChange(request: MeetingRequestRow, at: Date, email: string | undefined): MeetingRequestChange {
  const known = request.organizer_at?.getTime() ?? Number.NEGATIVE_INFINITY;
  const organizer = email === undefined ? null : plainText(email, 320);
  if (at.getTime() > known) return { organizer_email: organizer, organizer_at: at };
  return at.getTime() === known && organizer !== null ? { organizer_email: organizer } : {};
}

/** Of two in the same second the resumption counts, as it does for the kickoff: in whatever order they come. */
function isNewerStatus(request: MeetingRequestRow, name: 'paused' | 'resumed', at: Date): boolean {
  const known = request.status_at?.getTime() ?? Number.NEGATIVE_INFINITY;
  return name === 'resumed' ? at.getTime() >= known : at.getTime() > known;
}

async function requestByKey(
  db: Kysely<Schema>,
  idempotencyKey: string,
  options: { lock?: boolean } = {},
): Promise<MeetingRequestRow> {
  let query = db.selectFrom('meeting_requests').selectAll().where('idempotency_key', '=', idempotencyKey);
  if (options.lock === true) query = query.forUpdate();
  const row = await query.executeTakeFirst();
  if (row === undefined) {
    throw new DatabaseError('not_found', `no meeting request was begun under the key ${idempotencyKey}`);
  }
  return row;
}

async function setRequestId(
  db: Kysely<Schema>,
  input: { idempotencyKey: string; requestId: string; status: string },
): Promise<void> {
  const holder = await findMeetingRequest(db, input.requestId);
  if (holder !== undefined) {
    throw new DatabaseError(
      'conflict',
      `request ${input.requestId} was made under the key ${holder.idempotency_key}; it cannot also belong to ${input.idempotencyKey}`,
    );
  }
  await db
    .updateTable('meeting_requests')
    .set({ request_id: input.requestId, status: plainText(input.status, 100), updated_at: sql<Date>`now()` })
    .where('idempotency_key', '=', input.idempotencyKey)
    .execute();
}
