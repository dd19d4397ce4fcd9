import { type Kysely, sql } from 'kysely';
import type { KickoffRow } from './kickoffs.ts';
import { REOPENABLE_PHASES } from './phases.ts';
import type { Schema } from './schema.ts';

/** Whether a kickoff fell through (cancelled, expired or failed); another may be begun in its place. */
export function fellThrough({ phase }: Pick<KickoffRow, 'phase'>): boolean {
  return REOPENABLE_PHASES.some((over) => over === phase);
}

/**
 * Notes that the deal of a kickoff is not won any more. Written before the kickoff is told, because the kickoff may cancel
 * itself for it: one that fell through after this instant is begun again when the deal is won again. A kickoff that fell
 * through before is left alone, and the first instant stays.
 *
 * @param at ISO 8601 instant
 */
export async function markDealLost(db: Kysely<Schema>, workflowId: string, at: string): Promise<void> {
  await db
    .updateTable('kickoffs')
    .set({ deal_lost_at: at, updated_at: sql<Date>`now()` })
    .where('workflow_id', '=', workflowId)
    .where('deal_lost_at', 'is', null)
    .where('phase', 'not in', REOPENABLE_PHASES)
    .execute();
}

/**
 * Notes that the deal of a kickoff is won again. A kickoff that has fallen through meanwhile is left alone: that it did so
 * after the deal was lost is what lets the next revision begin.
 */
export async function markDealWonAgain(db: Kysely<Schema>, workflowId: string): Promise<void> {
  await db
    .updateTable('kickoffs')
    .set({ deal_lost_at: null, updated_at: sql<Date>`now()` })
    .where('workflow_id', '=', workflowId)
    .where('deal_lost_at', 'is not', null)
    .where('phase', 'not in', REOPENABLE_PHASES)
    .execute();
}

/**
 * Notes that the deal of a kickoff is won, which it was not when a person began the kickoff: that it is lost later is news
 * from now on.
 */
export async function markDealWon(db: Kysely<Schema>, workflowId: string): Promise<void> {
  await db
    .updateTable('kickoffs')
    .set({ deal: sql<string>`deal || '{"isWon":true}'`, updated_at: sql<Date>`now()` })
    .where('workflow_id', '=', workflowId)
    .where(sql<string>`deal ->> 'isWon'`, '=', 'false')
    .execute();
}
