import { type Kysely, type RawBuilder, sql } from 'kysely';
import { type KickoffFilter, kickoffConditions } from './kickoff-filter.ts';
import type { KickoffRow } from './kickoffs.ts';
import type { Schema } from './schema.ts';

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

/** So many of the newest are looked at one by one before all that match are gathered. */
const WALKED = 2_000;

/** Kickoffs, newest first. */
export async function listKickoffs(
  db: Kysely<Schema>,
  filter: KickoffFilter = {},
  page: KickoffPage = {},
): Promise<KickoffRow[]> {
  const walked = await walk(db, filter, page);
  return walked.length === limitOf(page) ? walked : await gather(db, filter, page);
}

/**
 * A page of kickoffs, newest first, and how many there are in all.
 *
 * How it is done does not depend on what the database guesses about a word. Where few match, all of them are found at once,
 * by the index of what is searched for, and the page is a part of them. Where many do, the newest rows are looked at one by
 * one: the page is soon full. Where many match and all of them are old, those that match are gathered and put in order.
 *
 * @param most counted no further: a greater `count` says "more than that"
 */
export async function pageOfKickoffs(
  db: Kysely<Schema>,
  filter: KickoffFilter,
  page: KickoffPage,
  most: number,
): Promise<{ rows: KickoffRow[]; count: number }> {
  const few = await someOf(db, filter, page, most + 1);
  if (few.count <= most) return { count: few.count, rows: await rowsInOrder(db, few.ids) };
  return { count: few.count, rows: await listKickoffs(db, filter, page) };
}

/** The ids of the newest kickoffs that the filter chooses, at most `limit`. */
export async function kickoffsMatching(db: Kysely<Schema>, filter: KickoffFilter, limit: number): Promise<string[]> {
  return (await someOf(db, filter, { limit }, undefined)).ids;
}

/** Of up to `atMost` that match, whichever these are: how many, and the page's part of them. */
async function someOf(
  db: Kysely<Schema>,
  filter: KickoffFilter,
  page: KickoffPage,
  atMost: number | undefined,
): Promise<{ ids: string[]; count: number }> {
  const { rows } = await sql<{ count: number; workflow_id: string | null }>`
    with found as materialized (
      select k.workflow_id, k.created_at from kickoffs as k ${where(kickoffConditions(db, filter))}
      ${atMost === undefined ? sql`` : sql`limit ${atMost}`}
    )
    select counted.count, k.workflow_id
    from (select count(*) as count from found) as counted
    left join lateral (
      select k.workflow_id, k.created_at from found as k ${where(beyond(page))} ${inOrder(page)} limit ${limitOf(page)}
    ) as k on true
    ${inOrder({})}
  `.execute(db);
  return { count: rows[0]?.count ?? 0, ids: rows.flatMap(({ workflow_id: id }) => id ?? []) };
}

async function walk(db: Kysely<Schema>, filter: KickoffFilter, page: KickoffPage): Promise<KickoffRow[]> {
  const range = kickoffConditions(db, { begunFrom: filter.begunFrom, begunBefore: filter.begunBefore });
  const { rows } = await sql<KickoffRow>`
    select k.* from (
      select * from kickoffs as k ${where([...beyond(page), ...range])} ${inOrder(page)} limit ${WALKED}
    ) as k
    ${where(kickoffConditions(db, filter))} ${inOrder(page)} limit ${limitOf(page)}
  `.execute(db);
  return page.after === undefined ? rows : rows.reverse();
}

async function gather(db: Kysely<Schema>, filter: KickoffFilter, page: KickoffPage): Promise<KickoffRow[]> {
  const { ids } = await someOf(db, filter, page, undefined);
  return await rowsInOrder(db, ids);
}

async function rowsInOrder(db: Kysely<Schema>, ids: readonly string[]): Promise<KickoffRow[]> {
  if (ids.length === 0) return [];
  return await db
    .selectFrom('kickoffs')
    .selectAll()
    .where('workflow_id', 'in', ids)
    .orderBy('created_at', 'desc')
    .orderBy('workflow_id', 'desc')
    .execute();
}

function limitOf({ limit = 50 }: KickoffPage): number {
  return limit;
}

/** `created_at` has millisecond precision in the table, so that a `Date` names the row exactly. */
function beyond({ before, after }: KickoffPage): RawBuilder<boolean>[] {
  const row = ({ created_at: at, workflow_id: id }: KickoffCursor) => sql`(${at}::timestamptz, ${id}::text)`;
  return [
    ...(before === undefined ? [] : [sql<boolean>`(k.created_at, k.workflow_id) < ${row(before)}`]),
    ...(after === undefined ? [] : [sql<boolean>`(k.created_at, k.workflow_id) > ${row(after)}`]),
  ];
}

/** What is next to the cursor comes first. */
function inOrder({ after }: KickoffPage): RawBuilder<unknown> {
  return after === undefined
    ? sql`order by k.created_at desc, k.workflow_id desc`
    : sql`order by k.created_at, k.workflow_id`;
}

function where(conditions: readonly RawBuilder<boolean>[]): RawBuilder<unknown> {
  return conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`;
}
