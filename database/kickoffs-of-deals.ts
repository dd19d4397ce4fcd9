import { type Kysely, sql } from 'kysely';
import type { KickoffRow } from './kickoffs.ts';
import type { Schema } from './schema.ts';

/**
 * The kickoffs that these deals have or had, whatever became of them, and those of deals that were merged into them. A row that was claimed and whose workflow is not
 * known to run counts as none: starting it again is what mends it.
 *
 * @param dealIds at most some hundreds
 */
export async function kickoffsOfDeals(
  db: Kysely<Schema>,
  { crm, dealIds }: { crm: string; dealIds: readonly string[] },
): Promise<KickoffRow[]> {
  if (dealIds.length === 0) return [];
  return await db
    .selectFrom('kickoffs')
    .selectAll()
    .where('crm', '=', crm)
    .where((eb) =>
      eb.or([
        eb('deal_id', 'in', dealIds),
        eb(
          'deal_id',
          'in',
          eb.selectFrom('deal_merges').select('merged_id').where('crm', '=', crm).where('deal_id', 'in', dealIds),
        ),
      ]),
    )
    .where('started_at', 'is not', null)
    .execute();
}

/**
 * How many kickoffs and recoveries of a backfill have begun and have no request at SkipUp yet. Those that wait for a person are not among
 * them, nor those that have not moved for a day: a workflow that was terminated by hand never will.
 */
export async function backfillsOnTheirWay(db: Kysely<Schema>): Promise<number> {
  const kickoffs = db
    .selectFrom('kickoffs')
    .select('workflow_id')
    .where('phase', 'in', ['resolving', 'requesting'])
    .where(sql<string>`origin->>'kind'`, '=', 'backfill')
    .where('started_at', '>', sql<Date>`now() - interval '1 day'`);
  const recoveries = db
    .selectFrom('recoveries')
    .select('workflow_id')
    .where('phase', 'in', ['waiting', 'checking', 'requesting'])
    .where('ended_at', 'is', null)
    .where(sql<string>`origin->>'kind'`, '=', 'backfill')
    .where('started_at', '>', sql<Date>`now() - interval '1 day'`);
  const { count } = await db
    .selectFrom(kickoffs.unionAll(recoveries).as('on_their_way'))
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}
