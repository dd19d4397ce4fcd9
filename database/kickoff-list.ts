import { type Expression, type Kysely, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import type { KickoffRow } from './kickoffs.ts';
import { type PhaseName, REOPENABLE_PHASES } from './phases.ts';
import type { Schema } from './schema.ts';
import { requestSearched, searchPatterns } from './search.ts';

/** What chooses kickoffs; everything that is given must hold. */
export interface KickoffFilter {
  /** Words, all of which are in the deal, the account or the people, in any casing; or a meeting request's id. */
  search?: string | undefined;
  /** In one of these; none given: in any. */
  phases?: readonly PhaseName[] | undefined;
  /** Something about it waits for a person: see `needsPerson` below. */
  needsPerson?: boolean | undefined;
  /** Empty: the deal's main one. */
  workstream?: string | undefined;
  crm?: string | undefined;
  accountId?: string | undefined;
  /** The organizer's address, in any casing. */
  organizer?: string | undefined;
  begunFrom?: Date | undefined;
  /** Exclusive. */
  begunBefore?: Date | undefined;
}

/** A row of the list, beyond which another page begins. */
export type KickoffCursor = Pick<KickoffRow, 'created_at' | 'workflow_id'>;

/** Which part of the list; without a cursor its newest. */
export interface KickoffPage {
  /** Older than this one. */
  before?: KickoffCursor | undefined;
  /** Newer than this one: those next to it. */
  after?: KickoffCursor | undefined;
  /** Default 50. */
  limit?: number | undefined;
}

/** Kickoffs, newest first. */
export async function listKickoffs(
  db: Kysely<Schema>,
  filter: KickoffFilter = {},
  { before, after, limit = 50 }: KickoffPage = {},
): Promise<KickoffRow[]> {
  let query = chosen(db, filter).selectAll('k');
  // `created_at` has millisecond precision in the table, so that a `Date` names the row exactly.
  const place = sql`(k.created_at, k.workflow_id)`;
  if (before !== undefined) {
    query = query.where(sql<boolean>`${place} < (${before.created_at}::timestamptz, ${before.workflow_id})`);
  }
  if (after !== undefined) {
    query = query.where(sql<boolean>`${place} > (${after.created_at}::timestamptz, ${after.workflow_id})`);
  }
  const order = after === undefined ? 'desc' : 'asc';
  const rows = await query.orderBy('k.created_at', order).orderBy('k.workflow_id', order).limit(limit).execute();
  return after === undefined ? rows : rows.reverse();
}

/** The ids of the newest kickoffs that the filter chooses, at most `limit`. */
export async function kickoffsMatching(db: Kysely<Schema>, filter: KickoffFilter, limit: number): Promise<string[]> {
  const rows = await chosen(db, filter)
    .select('k.workflow_id')
    .orderBy('k.created_at', 'desc')
    .orderBy('k.workflow_id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => row.workflow_id);
}

/** How many the filter chooses, counted no further than `most`: that number then says "at least". */
export async function countKickoffs(db: Kysely<Schema>, filter: KickoffFilter, most: number): Promise<number> {
  const { count } = await db
    .selectFrom(chosen(db, filter).select('k.workflow_id').limit(most).as('found'))
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

type Chosen = SelectQueryBuilder<Schema & { k: Schema['kickoffs'] }, 'k', object>;

function chosen(db: Kysely<Schema>, filter: KickoffFilter): Chosen {
  let query: Chosen = db.selectFrom('kickoffs as k');
  const { search = '', phases = [] } = filter;
  for (const condition of searched(db, search)) query = query.where(condition);
  if (phases.length > 0) query = query.where('k.phase', 'in', phases);
  if (filter.needsPerson === true) query = query.where('k.workflow_id', 'in', needsPerson(db));
  if (filter.workstream !== undefined) query = query.where('k.workstream', '=', filter.workstream);
  if (filter.crm !== undefined) query = query.where('k.crm', '=', filter.crm);
  if (filter.accountId !== undefined) query = query.where('k.account_id', '=', filter.accountId);
  if (filter.organizer !== undefined) {
    query = query.where(sql<boolean>`lower(k.organizer ->> 'email') = lower(${filter.organizer})`);
  }
  if (filter.begunFrom !== undefined) query = query.where('k.created_at', '>=', filter.begunFrom);
  if (filter.begunBefore !== undefined) query = query.where('k.created_at', '<', filter.begunBefore);
  return query;
}

function searched(db: Kysely<Schema>, search: string): Expression<SqlBool>[] {
  const requestId = requestSearched(search);
  if (requestId !== undefined) {
    const ofRequest = db.selectFrom('meeting_requests').select('workflow_id').where('request_id', '=', requestId);
    return [sql<boolean>`k.workflow_id in (${ofRequest})`];
  }
  return searchPatterns(search).map((pattern) => sql<boolean>`k.search like lower(${pattern})`);
}

/**
 * The ids of kickoffs about which a person is asked something: those that wait as a whole, those whose deal is not won any
 * more, and those of which a step has failed that can still be retried.
 */
function needsPerson(db: Kysely<Schema>) {
  const waiting = db.selectFrom('kickoffs').select('workflow_id').where('phase', '=', 'needs_attention');
  const inDoubt = db
    .selectFrom('kickoffs')
    .select('workflow_id')
    .where('deal_lost_at', 'is not', null)
    .where('phase', 'not in', [...REOPENABLE_PHASES, 'needs_attention'])
    .where(sql<number>`jsonb_array_length(needs)`, '>', 0);
  const failed = db
    .selectFrom('steps as s')
    .innerJoin('kickoffs as f', (join) =>
      join.onRef('f.workflow_id', '=', 's.workflow_id').onRef('f.revision', '=', 's.revision'),
    )
    .select('s.workflow_id')
    .where('s.status', '=', 'failed')
    .where((eb) =>
      eb.or([eb('f.phase', '<>', 'done'), eb('f.closes_at', 'is', null), eb('f.closes_at', '>', sql<Date>`now()`)]),
    );
  return waiting.unionAll(inDoubt).unionAll(failed);
}
