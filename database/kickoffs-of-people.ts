import { type Kysely, sql } from 'kysely';
import { containing } from './accounts.ts';
import { jsonText } from './json.ts';
import type { KickoffRow } from './kickoffs.ts';
import type { Schema } from './schema.ts';

/** What a list shows of a kickoff. */
export type ListedKickoff = Pick<
  KickoffRow,
  'workflow_id' | 'account_id' | 'account_name' | 'deal_id' | 'workstream' | 'deal' | 'phase' | 'created_at'
>;

const SHOWN = [
  'workflow_id',
  'account_id',
  'account_name',
  'deal_id',
  'workstream',
  'deal',
  'phase',
  'created_at',
] as const;

/** An account's kickoffs, the newest first. */
export async function kickoffsOfAccount(
  db: Kysely<Schema>,
  accountId: string,
  limit: number,
): Promise<ListedKickoff[]> {
  return await db
    .selectFrom('kickoffs')
    .select(SHOWN)
    .where('account_id', '=', accountId)
    .orderBy('created_at', 'desc')
    .orderBy('workflow_id', 'desc')
    .limit(limit)
    .execute();
}

/** The kickoffs in which somebody takes part, or which they organize; the newest first. @param email lower-cased */
export async function kickoffsOfPerson(db: Kysely<Schema>, email: string, limit: number): Promise<ListedKickoff[]> {
  const named = jsonText([{ email }]);
  return await db
    .selectFrom('kickoffs')
    .select(SHOWN)
    // The first condition is the index's: those in which the address stands anywhere.
    .where('search', 'like', containing(email))
    .where((eb) =>
      eb.or([sql<boolean>`participants @> ${named}::jsonb`, eb(sql<string>`lower(organizer ->> 'email')`, '=', email)]),
    )
    .orderBy('created_at', 'desc')
    .orderBy('workflow_id', 'desc')
    .limit(limit)
    .execute();
}
