import type { Kysely } from 'kysely';
import type { KickoffRow } from './kickoffs.ts';
import type { Schema } from './schema.ts';

/** Kickoffs by their workflows' ids; those that are not there are left out. */
export async function kickoffsById(
  db: Kysely<Schema>,
  workflowIds: readonly string[],
): Promise<ReadonlyMap<string, KickoffRow>> {
  if (workflowIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('kickoffs')
    .selectAll()
    .where('workflow_id', 'in', [...workflowIds])
    .execute();
  return new Map(rows.map((row) => [row.workflow_id, row]));
}
