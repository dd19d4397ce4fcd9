import { type Kysely, sql } from 'kysely';
import type { Schema, StepRow } from '../../database/index.ts';

/**
 * The failed steps of kickoffs as they are now: those of an earlier revision, and of a booked kickoff that has closed, can
 * no longer be retried and ask for nobody.
 *
 * @returns the most recent first
 */
export async function failedSteps(db: Kysely<Schema>, limit: number): Promise<StepRow[]> {
  return await db
    .selectFrom('steps as s')
    .innerJoin('kickoffs as k', (join) =>
      join.onRef('k.workflow_id', '=', 's.workflow_id').onRef('k.revision', '=', 's.revision'),
    )
    .selectAll('s')
    .where('s.status', '=', 'failed')
    .where((eb) =>
      eb.or([eb('k.phase', '<>', 'done'), eb('k.closes_at', 'is', null), eb('k.closes_at', '>', sql<Date>`now()`)]),
    )
    .orderBy('s.finished_at', 'desc')
    .orderBy('s.workflow_id')
    .orderBy('s.step_id')
    .limit(limit)
    .execute();
}
