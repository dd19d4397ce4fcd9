import { type ExpressionBuilder, type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import type { InboxRow } from './inbox.ts';
import type { InboxSource, InboxStatus, Schema } from './schema.ts';

/** A row as a list shows it: without what came, which may be long. */
export type InboxLine = Omit<InboxRow, 'payload'>;

const LINE = [
  'id',
  'source',
  'dedupe_key',
  'event_type',
  'subject',
  'received_at',
  'status',
  'reason',
  'attempts',
  'next_attempt_at',
  'locked_until',
  'workflow_id',
  'delivered_at',
  'verification',
] as const;

export interface InboxSearch {
  status?: InboxStatus | undefined;
  source?: InboxSource | undefined;
  /** Exactly this meeting request or deal. */
  subject?: string | undefined;
  /** A subject, a workflow's id or a deal's as they are written; or a part of an event's name. */
  text?: string | undefined;
  /** Received from this instant on. */
  since?: Date | undefined;
  /** Received before this instant. */
  until?: Date | undefined;
  /** Only rows with a smaller id: the last id of the page before. */
  before?: number | undefined;
}

/**
 * A page of rows, newest first. Whatever is asked for is found by an index: a page takes as long with a million rows as
 * with a hundred.
 */
export async function searchInbox(db: Kysely<Schema>, search: InboxSearch, limit: number): Promise<InboxLine[]> {
  const query = db.selectFrom('inbox').select(LINE);
  return await (await narrowed(db, query, search)).orderBy('id', 'desc').limit(limit).execute();
}

/** The ids of what is found, newest first, at most so many. */
export async function inboxIds(db: Kysely<Schema>, search: InboxSearch, limit: number): Promise<number[]> {
  const query = await narrowed(db, db.selectFrom('inbox').select('id'), search);
  const rows = await query.orderBy('id', 'desc').limit(limit).execute();
  return rows.map(({ id }) => id);
}

/** One row, with what came. */
export async function readInboxRow(db: Kysely<Schema>, id: number): Promise<InboxRow | undefined> {
  return await db.selectFrom('inbox').selectAll().where('id', '=', id).executeTakeFirst();
}

/**
 * How many rows wait or have been given up. The delivered and the ignored are not counted: they are nearly all there are, and
 * counting them takes as long as reading them.
 */
export async function openInboxCounts(db: Kysely<Schema>): Promise<Record<'pending' | 'unmatched' | 'dead', number>> {
  const rows = await db
    .selectFrom('inbox')
    .select((eb) => ['status', eb.fn.countAll<number>().as('count')])
    .where('status', 'in', ['pending', 'unmatched', 'dead'])
    .groupBy('status')
    .execute();
  const counted = new Map(rows.map(({ status, count }) => [status, count]));
  const of = (status: InboxStatus) => counted.get(status) ?? 0;
  return { pending: of('pending'), unmatched: of('unmatched'), dead: of('dead') };
}

/**
 * Which of SkipUp's deliveries have come in, by what they say: see `webhookDedupeKeyOf`.
 *
 * @returns the rows' ids and what became of them, by key
 */
export async function inboxKeysAmong(
  db: Kysely<Schema>,
  keys: readonly string[],
): Promise<Map<string, { id: number; status: InboxStatus }>> {
  if (keys.length === 0) return new Map();
  const rows = await db
    .selectFrom('inbox')
    .select(['id', 'status', 'dedupe_key'])
    .where('source', '=', 'skipup')
    .where('dedupe_key', 'in', keys)
    .execute();
  return new Map(rows.map(({ dedupe_key: key, id, status }) => [key, { id, status }]));
}

async function narrowed<O>(
  db: Kysely<Schema>,
  from: SelectQueryBuilder<Schema, 'inbox', O>,
  { status, source, subject, text, since, until, before }: InboxSearch,
): Promise<SelectQueryBuilder<Schema, 'inbox', O>> {
  let query = from;
  if (status !== undefined) query = query.where('status', '=', status);
  if (source !== undefined) query = query.where('source', '=', source);
  if (subject !== undefined) query = query.where('subject', '=', subject);
  if (before !== undefined) query = query.where('id', '<', before);
  if (since !== undefined) {
    const first = boundary('from', since);
    query = query.where('received_at', '>=', since).where('id', '>=', first);
  }
  if (until !== undefined) {
    const last = boundary('until', until);
    query = query.where('received_at', '<', until).where('id', '<=', last);
  }
  if (text === undefined) return query;
  const events = await eventTypesWith(db, text);
  return query.where((eb) =>
    eb.or([...namedBy(eb, text), ...(events.length > 0 ? [eb('event_type', 'in', events)] : [])]),
  );
}

function namedBy(eb: ExpressionBuilder<Schema, 'inbox'>, text: string) {
  return [eb('subject', '=', text), eb('workflow_id', 'in', [text, `kickoff:${text}`, `lead:${text}`])];
}

/** Rows that are stored at the same time may get their numbers the other way round. */
const OUT_OF_ORDER = 1_000;

/**
 * The number from which on rows were received at an instant, so that a page of a day long ago does not begin by passing over
 * everything that has come since. Rows are numbered as they are received, nearly.
 */
function boundary(end: 'from' | 'until', at: Date) {
  return end === 'from'
    ? sql<number>`coalesce((select id from inbox where received_at >= ${at} order by received_at limit 1) - ${OUT_OF_ORDER}, 0)`
    : sql<number>`coalesce((select id from inbox where received_at < ${at} order by received_at desc limit 1) + ${OUT_OF_ORDER}, 0)`;
}

/** More kinds of events than this have never been seen. */
const MOST_EVENT_TYPES = 200;

/** The names of events that hold a text. From name to name by the index: there are a dozen, in a million rows. */
async function eventTypesWith(db: Kysely<Schema>, text: string): Promise<string[]> {
  const found = await sql<{ event_type: string }>`
    with recursive kinds as (
      (select event_type, 1 as nth from inbox order by event_type limit 1)
      union all
      select (select event_type from inbox where event_type > kinds.event_type order by event_type limit 1), nth + 1
      from kinds where kinds.event_type is not null and nth < ${MOST_EVENT_TYPES}
    )
    select event_type from kinds where event_type is not null
  `.execute(db);
  const part = text.toLowerCase();
  return found.rows.map(({ event_type: type }) => type).filter((type) => type.toLowerCase().includes(part));
}
