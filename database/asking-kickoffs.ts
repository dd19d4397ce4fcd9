import { type Kysely, sql } from 'kysely';
import type { KickoffRow } from './kickoffs.ts';
import type { RecoveryRow } from './recoveries.ts';
import type { Schema } from './schema.ts';

/**
 * A person is asked something about the kickoff as a whole: it waits for that, or it goes on meanwhile (its deal is not won
 * any more, its organizer has left). Word for word the condition of the index `kickoffs_asking`, which knows no parameters.
 */
export const ASKING = sql<boolean>`(phase = 'needs_attention'
  or needs <> '[]'::jsonb and phase not in ('cancelled', 'expired', 'failed'))`;

/** The kickoffs about which a person is asked something, the longest waiting first. */
export async function askingKickoffs(db: Kysely<Schema>, limit: number): Promise<KickoffRow[]> {
  const query = db.selectFrom('kickoffs').selectAll().where(ASKING);
  return await query.orderBy('updated_at').orderBy('workflow_id').limit(limit).execute();
}

/** The recoveries of leads that wait for a person, the longest waiting first. */
export async function askingRecoveries(db: Kysely<Schema>, limit: number): Promise<RecoveryRow[]> {
  const query = db.selectFrom('recoveries').selectAll().where('phase', '=', 'needs_attention');
  return await query.orderBy('updated_at').orderBy('workflow_id').limit(limit).execute();
}
