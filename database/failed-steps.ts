import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

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
