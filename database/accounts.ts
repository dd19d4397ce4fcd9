import { type Kysely, type Selectable, sql } from 'kysely';
import { rowsOf } from './rows-of.ts';
import type { AccountsTable, Schema } from './schema.ts';

export type AccountRow = Selectable<AccountsTable>;

/** What is known of these accounts; the ones that nobody has said anything about are left out. */
export async function accountsByIds(db: Kysely<Schema>, ids: readonly string[]): Promise<AccountRow[]> {
  if (ids.length === 0) return [];
  return await db
    .selectFrom('accounts')
    .selectAll()
    // One parameter, however many there are.
    .where(sql<boolean>`id = any(${[...ids]}::text[])`)
    .orderBy('id')
    .execute();
}

const COLUMNS = { id: 'text', name: 'text', country: 'text', timezone: 'text' } as const;

/** Writes whole rows of accounts, new and known ones. */
export async function saveAccounts(
  db: Kysely<Schema>,
  accounts: readonly Pick<AccountRow, 'id' | 'name' | 'country' | 'timezone'>[],
): Promise<void> {
  if (accounts.length === 0) return;
  await sql`
    insert into accounts (id, name, country, timezone)
    select id, name, country, timezone from ${rowsOf(accounts, COLUMNS)} as r
    on conflict (id) do update set
      name = excluded.name, country = excluded.country, timezone = excluded.timezone, updated_at = now()
  `.execute(db);
}

/** The deals of an account that have, or had, a kickoff. */
export async function dealsOfAccount(
  db: Kysely<Schema>,
  accountId: string,
): Promise<{ crm: string; dealId: string }[]> {
  const rows = await db
    .selectFrom('kickoffs')
    .select(['crm', 'deal_id'])
    .distinct()
    .where('account_id', '=', accountId)
    .orderBy('crm')
    .orderBy('deal_id')
    .execute();
  return rows.map(({ crm, deal_id }) => ({ crm, dealId: deal_id }));
}
