import { type Kysely, type Selectable, sql } from 'kysely';
import { jsonText, plainText } from './json.ts';
import type { KickoffRow } from './kickoffs.ts';
import type { CatchUpsTable, InboxSource, Schema } from './schema.ts';

export type CatchUpRow = Selectable<CatchUpsTable>;

/** A page of a window: which one of which. */
export interface CatchUpPage {
  crm: string;
  windowUntil: Date;
  /** Null: the window's first page. */
  cursor: string | null;
}

/**
 * Where looking through a CRM stands. A window that was left open stays the one to be paged through; otherwise one is
 * opened that ends `now`. The first time there is none: nothing has been missed yet.
 *
 * @returns its row, with `window_until` null when there is nothing to page through
 */
export async function openCatchUp(db: Kysely<Schema>, { crm, now }: { crm: string; now: Date }): Promise<CatchUpRow> {
  await db
    .insertInto('catch_ups')
    .values({ crm, since: now, checkpoint: now, findings: jsonText({}) })
    .onConflict((conflict) => conflict.column('crm').doNothing())
    .execute();
  await db
    .updateTable('catch_ups')
    .set({ window_until: now })
    .where('crm', '=', crm)
    .where('window_until', 'is', null)
    .where('checkpoint', '<', now)
    .execute();
  return await db.selectFrom('catch_ups').selectAll().where('crm', '=', crm).executeTakeFirstOrThrow();
}

/**
 * Notes that a page is done with, in the transaction that keeps what was on it; after the last one the window is closed
 * and its end is the checkpoint. Of two looks at one page only one gets past it.
 *
 * @param next the next page's cursor, null for the window's first page; `end` after the last one
 * @returns false when another look has passed the page already; then nothing is to be kept for it
 */
export async function passCatchUpPage(
  db: Kysely<Schema>,
  page: CatchUpPage,
  next: { cursor: string | null } | 'end',
): Promise<boolean> {
  const result = await db
    .updateTable('catch_ups')
    .set(next === 'end' ? { checkpoint: page.windowUntil, window_until: null, cursor: null } : next)
    .where('crm', '=', page.crm)
    .where('window_until', '=', page.windowUntil)
    .where(sql<boolean>`cursor is not distinct from ${page.cursor}::text`)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Writes what a look has found, over what the one before had found. */
export async function recordCatchUp(
  db: Kysely<Schema>,
  input: { crm: string; lookedAt: Date; findings: object },
): Promise<void> {
  await db
    .updateTable('catch_ups')
    .set({ looked_at: input.lookedAt, findings: jsonText(input.findings), problem: null })
    .where('crm', '=', input.crm)
    .execute();
}

/**
 * Writes why a look did not get through; the page it had reached stays, and what was found the last time.
 *
 * @param input.findings those that have changed nevertheless
 */
export async function recordCatchUpProblem(
  db: Kysely<Schema>,
  input: { crm: string; lookedAt: Date; problem: string; findings: object },
): Promise<void> {
  await db
    .updateTable('catch_ups')
    .set({
      looked_at: input.lookedAt,
      problem: plainText(input.problem),
      findings: sql`findings || ${jsonText(input.findings)}::jsonb`,
    })
    .where('crm', '=', input.crm)
    .execute();
}

/** How far each CRM has been looked through; empty before the first time. */
export async function lastCatchUps(db: Kysely<Schema>): Promise<CatchUpRow[]> {
  return await db.selectFrom('catch_ups').selectAll().orderBy('crm').execute();
}

/**
 * Which of these deals the relay will read from the CRM, because something about them waits in the inbox. A row that is
 * being worked on does not count, for its deal may have been read already; nor does one that brought the whole deal,
 * or is to be ignored.
 */
export async function dealsToBeRead(
  db: Kysely<Schema>,
  { source, crm, dealIds }: { source: InboxSource; crm: string; dealIds: readonly string[] },
): Promise<Set<string>> {
  if (dealIds.length === 0) return new Set();
  const rows = await db
    .selectFrom('inbox')
    .select('subject')
    .where('subject', 'in', dealIds)
    .where('status', '=', 'pending')
    .where(sql<boolean>`(locked_until is null or locked_until <= now())`)
    .where(sql<boolean>`payload->'deal' is null and payload->'ignore' is null`)
    .where((eb) =>
      eb.or([
        eb('source', '=', source),
        eb.and([eb('source', '=', 'deal'), eb(sql<string>`payload->>'crm'`, '=', crm)]),
      ]),
    )
    .execute();
  return new Set(rows.flatMap(({ subject }) => subject ?? []));
}

/** Phases in which no meeting is booked yet: whether its deal is still won matters to the kickoff. */
const BEFORE_BOOKING = ['resolving', 'needs_attention', 'requesting', 'scheduling', 'paused'] as const;

/**
 * Running kickoffs without a booking, of deals that are won as far as is known; in the order of their workflow ids.
 *
 * @param after the last one's workflow id of those that were asked for before; left out: from the beginning
 */
export async function kickoffsBeforeBooking(
  db: Kysely<Schema>,
  { crm, after = '', limit }: { crm: string; after?: string | undefined; limit: number },
): Promise<KickoffRow[]> {
  return await db
    .selectFrom('kickoffs')
    .selectAll()
    .where('crm', '=', crm)
    .where('phase', 'in', BEFORE_BOOKING)
    .where('started_at', 'is not', null)
    .where('deal_lost_at', 'is', null)
    .where('workflow_id', '>', after)
    .orderBy('workflow_id')
    .limit(limit)
    .execute();
}
