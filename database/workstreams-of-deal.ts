import type { Kysely } from 'kysely';
import type { KickoffRow } from './kickoffs.ts';
import type { Schema } from './schema.ts';

export type WorkstreamRow = Pick<KickoffRow, 'workflow_id' | 'workstream' | 'phase'>;

/** The kickoffs of one deal, one for each workstream, in the order of their names: first the one without. */
export async function workstreamsOfDeal(
  db: Kysely<Schema>,
  { crm, dealId }: { crm: string; dealId: string },
): Promise<WorkstreamRow[]> {
  return await db
    .selectFrom('kickoffs')
    .select(['workflow_id', 'workstream', 'phase'])
    .where('crm', '=', crm)
    .where('deal_id', '=', dealId)
    .orderBy('workstream')
    .limit(50)
    .execute();
}
