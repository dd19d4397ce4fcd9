import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/**
 * Notes that deals have become part of another. What had become part of them before is that deal's now, too. Repeating it
 * changes nothing.
 *
 * @param mergedIds `dealId` among them is left out
 */
export async function recordMerges(
  db: Kysely<Schema>,
  { crm, dealId, mergedIds }: { crm: string; dealId: string; mergedIds: readonly string[] },
): Promise<void> {
  const merged = [...new Set(mergedIds)].filter((id) => id !== dealId);
  if (merged.length === 0) return;
  await db
    .updateTable('deal_merges')
    .set({ deal_id: dealId })
    .where('crm', '=', crm)
    .where('deal_id', 'in', merged)
    .where('merged_id', '<>', dealId)
    .execute();
  await db
    .insertInto('deal_merges')
    .values(merged.map((id) => ({ crm, merged_id: id, deal_id: dealId })))
    .onConflict((conflict) => conflict.columns(['crm', 'merged_id']).doUpdateSet({ deal_id: dealId }))
    .execute();
}
