import { type Kysely, sql } from 'kysely';
import type { KickoffRow } from './kickoffs.ts';
import type { RecoveryRow } from './recoveries.ts';
import type { Schema } from './schema.ts';
import type { StepRow } from './steps.ts';

/** A recovery that has ended otherwise than it should says so for a while, not for ever: there may be many. */
const RECOVERY_DAYS = 30;

/**
 * The failed steps of kickoffs as they are now, the longest waiting first: those of an earlier revision, and of a booked
 * kickoff that has closed, can no longer be retried and ask for nobody.
 */
export async function failedKickoffSteps(
  db: Kysely<Schema>,
  limit: number,
): Promise<{ step: StepRow; row: KickoffRow }[]> {
  const steps = await failedNow(db)
    .selectAll('s')
    .orderBy('s.finished_at')
    .orderBy('s.workflow_id')
    .orderBy('s.step_id')
    .limit(limit)
    .execute();
  if (steps.length === 0) return [];
  const ids = steps.map((step) => step.workflow_id);
  return pairs(steps, await db.selectFrom('kickoffs').selectAll().where('workflow_id', 'in', ids).execute());
}

/** How many steps of each of these kickoffs have failed and can be retried; those without any are left out. */
export async function failedStepCounts(
  db: Kysely<Schema>,
  workflowIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (workflowIds.length === 0) return new Map();
  const rows = await failedNow(db)
    .where('s.workflow_id', 'in', workflowIds)
    .select((eb) => ['s.workflow_id', eb.fn.countAll<number>().as('count')])
    .groupBy('s.workflow_id')
    .execute();
  return new Map(rows.map((row) => [row.workflow_id, row.count]));
}

/**
 * The failed steps of kickoffs as they are now, by workflow: those of an earlier revision can no longer be retried.
 *
 * @returns the ids of the steps; workflows without any are left out
 */
export async function failedStepsOf(
  db: Kysely<Schema>,
  workflowIds: readonly string[],
): Promise<ReadonlyMap<string, string[]>> {
  const found = new Map<string, string[]>();
  if (workflowIds.length === 0) return found;
  const rows = await db
    .selectFrom('steps as s')
    .innerJoin('kickoffs as k', (join) =>
      join.onRef('k.workflow_id', '=', 's.workflow_id').onRef('k.revision', '=', 's.revision'),
    )
    .select(['s.workflow_id', 's.step_id'])
    .distinct()
    .where('s.workflow_id', 'in', [...workflowIds])
    .where('s.status', '=', 'failed')
    .orderBy('s.workflow_id')
    .orderBy('s.step_id')
    .execute();
  for (const { workflow_id: id, step_id: step } of rows) found.set(id, [...(found.get(id) ?? []), step]);
  return found;
}

/** The failed steps of leads' recoveries that a person can still do something about, the longest waiting first. */
export async function failedRecoverySteps(
  db: Kysely<Schema>,
  limit: number,
): Promise<{ step: StepRow; row: RecoveryRow }[]> {
  const steps = await db
    .selectFrom('steps as s')
    .innerJoin('recoveries as r', 'r.workflow_id', 's.workflow_id')
    .selectAll('s')
    .where('s.status', '=', 'failed')
    .where((eb) => eb.or([eb('r.phase', '<>', 'booked'), eb('r.ended_at', 'is', null)]))
    .where('s.finished_at', '>', sql<Date>`now() - make_interval(days => ${RECOVERY_DAYS})`)
    .orderBy('s.finished_at')
    .orderBy('s.workflow_id')
    .orderBy('s.step_id')
    .limit(limit)
    .execute();
  if (steps.length === 0) return [];
  const ids = steps.map((step) => step.workflow_id);
  return pairs(steps, await db.selectFrom('recoveries').selectAll().where('workflow_id', 'in', ids).execute());
}

/** The failed steps that can still be retried, as `s`. */
export function failedNow(db: Kysely<Schema>) {
  return db
    .selectFrom('steps as s')
    .innerJoin('kickoffs as of', (join) =>
      join.onRef('of.workflow_id', '=', 's.workflow_id').onRef('of.revision', '=', 's.revision'),
    )
    .where('s.status', '=', 'failed')
    .where((eb) =>
      eb.or([eb('of.phase', '<>', 'done'), eb('of.closes_at', 'is', null), eb('of.closes_at', '>', sql<Date>`now()`)]),
    );
}

function pairs<R extends { workflow_id: string }>(steps: readonly StepRow[], rows: readonly R[]) {
  const known = new Map(rows.map((row) => [row.workflow_id, row]));
  return steps.flatMap((step) => {
    const row = known.get(step.workflow_id);
    return row === undefined ? [] : [{ step, row }];
  });
}
