import { type Kysely, type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
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
  const query = db.selectFrom('inbox').select(LINE).orderBy('id', 'desc').limit(limit);
  if (search.text === undefined) return await narrowed(query, search).execute();
  const ids = await idsWith(db, search, search.text, limit);
  return ids.length === 0 ? [] : await query.where('id', 'in', ids).execute();
}

/** The ids of what is found, newest first, at most so many. */
export async function inboxIds(db: Kysely<Schema>, search: InboxSearch, limit: number): Promise<number[]> {
  if (search.text !== undefined) return await idsWith(db, search, search.text, limit);
  const query = db.selectFrom('inbox').select('id').orderBy('id', 'desc').limit(limit);
  const rows = await narrowed(query, search).execute();
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

/** Narrowed by everything but a text. */
function narrowed<O>(
  from: SelectQueryBuilder<Schema, 'inbox', O>,
  { status, source, subject, ...range }: InboxSearch,
): SelectQueryBuilder<Schema, 'inbox', O> {
  let query = from.where(isInRange(range));
  if (status !== undefined) query = query.where('status', '=', status);
  if (source !== undefined) query = query.where('source', '=', source);
  if (subject !== undefined) query = query.where('subject', '=', subject);
  return query;
}

/** The ids of rows that a text is about, or in whose event's name it stands. Each way has an index of its own. */
async function idsWith(db: Kysely<Schema>, search: InboxSearch, text: string, limit: number): Promise<number[]> {
  const kinds = await kindsOf(db, search, text);
  const of = (column: keyof Kind) => sql`${kinds.map((kind) => kind[column])}::text[]`;
  const rows = () => narrowed(db.selectFrom('inbox').select('id'), search).orderBy('id', 'desc').limit(limit);
  const { rows: found } = await sql<{ id: number }>`
    select id from unnest(${of('event_type')}, ${of('source')}, ${of('status')}) as kind (event_type, source, status)
    cross join lateral (
      select id from inbox
      where event_type = kind.event_type and source = kind.source and status = kind.status
        and ${search.subject === undefined ? sql`true` : sql`subject = ${search.subject}`} and ${isInRange(search)}
      order by id desc limit ${limit}
    ) as of_kind
    union (${rows().where('subject', '=', text)})
    union (${rows().where('workflow_id', 'in', [text, `kickoff:${text}`, `lead:${text}`])})
    order by id desc limit ${limit}
  `.execute(db);
  return found.map(({ id }) => id);
}

function isInRange({ since, until, before }: Pick<InboxSearch, 'since' | 'until' | 'before'>): RawBuilder<boolean> {
  const parts = [
    ...(before === undefined ? [] : [sql`id < ${before}`]),
    ...(since === undefined ? [] : [sql`received_at >= ${since} and id >= ${boundary('from', since)}`]),
    ...(until === undefined ? [] : [sql`received_at < ${until} and id <= ${boundary('until', until)}`]),
  ];
  return sql<boolean>`(${parts.length === 0 ? sql`true` : sql.join(parts, sql` and `)})`;
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

type Kind = Pick<InboxRow, 'event_type' | 'source' | 'status'>;

/** More kinds of rows than this have never been seen. */
const MOST_KINDS = 500;

/**
 * The kinds of rows whose event's name holds a text: what event, from where, how far it has got. From kind to kind by the
 * index: there are some dozens, in a million rows.
 */
async function kindsOf(db: Kysely<Schema>, { source, status }: InboxSearch, text: string): Promise<Kind[]> {
  const kind = sql`event_type, source, status`;
  const { rows } = await sql<Kind>`
    with recursive kinds as (
      (select ${kind}, 1 as nth from inbox order by ${kind} limit 1)
      union all
      select further.*, nth + 1 from kinds cross join lateral (
        select ${kind} from inbox where (${kind}) > (kinds.event_type, kinds.source, kinds.status) order by ${kind} limit 1
      ) as further
      where nth < ${MOST_KINDS}
    )
    select ${kind} from kinds
  `.execute(db);
  const part = text.toLowerCase();
  return rows.filter(
    (row) =>
      row.event_type.toLowerCase().includes(part) &&
      (source === undefined || row.source === source) &&
      (status === undefined || row.status === status),
  );
}
