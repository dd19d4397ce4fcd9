import { type Kysely, type Selectable, sql, type UpdateObject } from 'kysely';
import { jsonText, plainText } from './json.ts';
import type { InboxSource, InboxStatus, InboxTable, Schema, Verification } from './schema.ts';

export type InboxRow = Selectable<InboxTable>;

/** Something that came in and is to be kept before it is acknowledged. */
export interface InboxEntry {
  source: InboxSource;
  /** Unique within the source: SHA-256 of a SkipUp body's canonical JSON; the transition of a CRM event. */
  dedupeKey: string;
  eventType: string;
  /** The meeting request's id (`mr_…`) or the deal's id. */
  subject?: string | undefined;
  payload: object;
  /** `ignored` rows are kept for the record and never delivered. Default `pending`. */
  status?: 'pending' | 'ignored';
  reason?: string | undefined;
  /** How its sender was known. */
  verification?: Verification | undefined;
}

/** What has not been settled: delivered, ignored and dead rows stay what they are. */
const OPEN = ['pending', 'unmatched'] as const;

/**
 * Keeps rows in one statement: all or none are stored when it returns, and what was there already is left alone.
 *
 * @returns how many are new, how many were known (in the database or twice in `rows`), and the new rows' ids.
 */
export async function insertInbox(
  db: Kysely<Schema>,
  rows: readonly InboxEntry[],
): Promise<{ inserted: number; duplicates: number; ids: number[] }> {
  if (rows.length === 0) return { inserted: 0, duplicates: 0, ids: [] };
  const inserted = await db
    .insertInto('inbox')
    .values(
      rows.map((row) => ({
        source: row.source,
        dedupe_key: plainText(row.dedupeKey),
        event_type: plainText(row.eventType, 200),
        subject: row.subject === undefined ? null : plainText(row.subject),
        payload: jsonText(row.payload),
        status: row.status ?? 'pending',
        reason: row.reason === undefined ? null : plainText(row.reason),
        verification: row.verification === undefined ? null : jsonText(row.verification),
      })),
    )
    .onConflict((conflict) => conflict.columns(['source', 'dedupe_key']).doNothing())
    .returning('id')
    .execute();
  return {
    inserted: inserted.length,
    duplicates: rows.length - inserted.length,
    ids: inserted.map((row) => row.id).sort((a, b) => a - b),
  };
}

/**
 * Takes up to `limit` rows for `leaseMs` milliseconds, oldest first. No other claim gets them until the lease has run out
 * or one of the functions below has settled them.
 *
 * Eligible are pending rows whose time has come, and unmatched rows whose meeting request has become known since.
 */
export async function claimInbox(db: Kysely<Schema>, options: { limit: number; leaseMs: number }): Promise<InboxRow[]> {
  // Two selections rather than one with OR, so that each uses its own partial index. Rows that are locked here and not
  // taken are free again when the statement ends.
  const claimed = await sql<InboxRow>`
    with due as (
      select id from inbox
      where status = 'pending' and next_attempt_at <= now() and (locked_until is null or locked_until <= now())
      order by id limit ${options.limit}
      for update skip locked
    ), matched as (
      select i.id from inbox i join meeting_requests m on m.request_id = i.subject
      where i.status = 'unmatched' and i.source = 'skipup'
        and i.next_attempt_at <= now() and (i.locked_until is null or i.locked_until <= now())
      order by i.id limit ${options.limit}
      for update of i skip locked
    ), oldest as (
      select id from due union all select id from matched order by id limit ${options.limit}
    )
    update inbox set
      locked_until = now() + ${options.leaseMs} * interval '1 millisecond',
      attempts = inbox.attempts + 1
    from oldest where inbox.id = oldest.id
    returning inbox.*
  `.execute(db);
  return claimed.rows.sort((a, b) => a.id - b.id);
}

/** The workflow has it. @returns false when the row was settled already. */
export async function markDelivered(db: Kysely<Schema>, id: number, workflowId: string): Promise<boolean> {
  return await settle(db, id, {
    status: 'delivered',
    workflow_id: workflowId,
    delivered_at: sql<Date>`now()`,
    reason: null,
  });
}

/** It needs no delivery, for a reason worth recording. @returns false when the row was settled already. */
export async function markIgnored(db: Kysely<Schema>, id: number, reason: string): Promise<boolean> {
  return await settle(db, id, { status: 'ignored', reason: plainText(reason) });
}

/** It will never be deliverable as it is; a person may replay it. @returns false when the row was settled already. */
export async function markDead(db: Kysely<Schema>, id: number, reason: string): Promise<boolean> {
  return await settle(db, id, { status: 'dead', reason: plainText(reason) });
}

/**
 * Its meeting request is not known yet. The row is claimed again as soon as it is, or expires.
 *
 * @returns false when the row is pending no more: whoever learned of the request meanwhile has taken it.
 */
export async function markUnmatched(db: Kysely<Schema>, id: number): Promise<boolean> {
  const result = await db
    .updateTable('inbox')
    .set({ status: 'unmatched', locked_until: null, next_attempt_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Delivery failed for now: the row is claimable again after `delayMs` milliseconds. @returns false when settled already. */
export async function retryLater(
  db: Kysely<Schema>,
  id: number,
  options: { delayMs: number; reason: string },
): Promise<boolean> {
  return await settle(db, id, {
    next_attempt_at: sql<Date>`now() + ${options.delayMs} * interval '1 millisecond'`,
    reason: plainText(options.reason),
  });
}

/**
 * Gives up on events of meeting requests that are not ours: an endpoint sees its whole workspace.
 *
 * @param options.olderThanMs how long a row has waited since it came in, in milliseconds.
 * @returns how many rows are now ignored.
 */
export async function expireUnmatched(db: Kysely<Schema>, options: { olderThanMs: number }): Promise<number> {
  const result = await db
    .updateTable('inbox')
    .set({ status: 'ignored', reason: 'no meeting request of ours', locked_until: null })
    .where('status', '=', 'unmatched')
    .where('received_at', '<=', sql<Date>`now() - ${options.olderThanMs} * interval '1 millisecond'`)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('meeting_requests')
            .select('idempotency_key')
            .whereRef('meeting_requests.request_id', '=', 'inbox.subject'),
        ),
      ),
    )
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** Puts a dead or ignored row back in the line. @returns the row, or undefined when it is neither. */
export async function replayInbox(db: Kysely<Schema>, id: number): Promise<InboxRow | undefined> {
  return await db
    .updateTable('inbox')
    .set({ status: 'pending', reason: null, attempts: 0, next_attempt_at: sql<Date>`now()`, locked_until: null })
    .where('id', '=', id)
    .where('status', 'in', ['dead', 'ignored'])
    .returningAll()
    .executeTakeFirst();
}

/**
 * Puts dead rows back in the line, all in one statement.
 *
 * @param ids of which those that are dead no more are left alone
 * @returns how many are waiting now
 */
export async function replayDeadInbox(db: Kysely<Schema>, ids: readonly number[]): Promise<number> {
  if (ids.length === 0) return 0;
  const result = await db
    .updateTable('inbox')
    .set({ status: 'pending', reason: null, attempts: 0, next_attempt_at: sql<Date>`now()`, locked_until: null })
    .where('id', 'in', ids)
    .where('status', '=', 'dead')
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/**
 * What is on its way to a kickoff about these subjects: rows that are stored and not yet settled.
 *
 * @returns `<subject> <event type>` of each
 */
export async function undeliveredEvents(db: Kysely<Schema>, subjects: readonly string[]): Promise<Set<string>> {
  if (subjects.length === 0) return new Set();
  const rows = await db
    .selectFrom('inbox')
    .select(['subject', 'event_type'])
    .where('source', '=', 'skipup')
    .where('subject', 'in', subjects)
    .where('status', 'in', OPEN)
    .execute();
  return new Set(rows.map((row) => `${row.subject} ${row.event_type}`));
}

export interface InboxFilter {
  status?: InboxStatus | undefined;
  source?: InboxSource | undefined;
  subject?: string | undefined;
  workflowId?: string | undefined;
  /** Only rows with a smaller id: the last id of the page before. */
  before?: number | undefined;
  /** Default 50. */
  limit?: number | undefined;
}

/** Rows for people to look at, newest first. */
export async function listInbox(db: Kysely<Schema>, filter: InboxFilter = {}): Promise<InboxRow[]> {
  let query = db.selectFrom('inbox').selectAll();
  if (filter.status !== undefined) query = query.where('status', '=', filter.status);
  if (filter.source !== undefined) query = query.where('source', '=', filter.source);
  if (filter.subject !== undefined) query = query.where('subject', '=', filter.subject);
  if (filter.workflowId !== undefined) query = query.where('workflow_id', '=', filter.workflowId);
  if (filter.before !== undefined) query = query.where('id', '<', filter.before);
  return await query
    .orderBy('id', 'desc')
    .limit(filter.limit ?? 50)
    .execute();
}

/** How many rows there are of each status. */
export async function inboxCounts(db: Kysely<Schema>): Promise<Record<InboxStatus, number>> {
  const counts: Record<InboxStatus, number> = { pending: 0, unmatched: 0, delivered: 0, ignored: 0, dead: 0 };
  const rows = await db
    .selectFrom('inbox')
    .select((eb) => ['status', eb.fn.countAll<number>().as('count')])
    .groupBy('status')
    .execute();
  for (const row of rows) counts[row.status] = row.count;
  return counts;
}

/** Every way out of an open row ends the lease, and none touches a row that another has settled. */
async function settle(db: Kysely<Schema>, id: number, change: UpdateObject<Schema, 'inbox'>): Promise<boolean> {
  const result = await db
    .updateTable('inbox')
    .set({ ...change, locked_until: null })
    .where('id', '=', id)
    .where('status', 'in', OPEN)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
