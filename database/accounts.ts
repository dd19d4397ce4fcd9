import { type Kysely, type Selectable, sql } from 'kysely';
import { plainText } from './json.ts';
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

export interface AccountListFilter {
  /** Part of the account's id or name, in any casing. */
  search?: string | undefined;
  /** Only those after it. */
  after?: string | undefined;
  limit: number;
}

/**
 * The ids of the accounts that the registry knows of itself or by their people, in their order. Without a search the index of
 * people is asked for one account after the other, as far as the page goes.
 */
export async function listAccountIds(
  db: Kysely<Schema>,
  { search, after = '', limit }: AccountListFilter,
): Promise<string[]> {
  const pattern = search === undefined ? undefined : containing(search);
  const ofAccounts = pattern === undefined ? sql`true` : sql`lower(id || ' ' || coalesce(name, '')) like ${pattern}`;
  const { rows } = await sql<{ id: string }>`
    (${pattern === undefined ? nextAccounts(after, limit) : accountsLike(pattern, after, limit)})
    union
    (select id from accounts where id > ${after} and ${ofAccounts} order by id limit ${limit})
    order by id limit ${limit}
  `.execute(db);
  return rows.map(({ id }) => id);
}

/** However many people each has, and whatever the planner thinks of that. */
function nextAccounts(after: string, limit: number) {
  return sql`
    with recursive ids as (
      (select account_id as id from stakeholders where account_id > ${after} order by account_id limit 1)
      union all
      select (select account_id from stakeholders where account_id > ids.id order by account_id limit 1)
      from ids where ids.id is not null
    )
    select id from ids where id is not null limit ${limit}`;
}

function accountsLike(pattern: string, after: string, limit: number) {
  return sql`
    select distinct account_id as id from stakeholders where account_id > ${after} and lower(account_id) like ${pattern}
    order by account_id limit ${limit}`;
}

/** What the CRM called these accounts when their latest kickoff began; by id. */
export async function accountNamesInKickoffs(
  db: Kysely<Schema>,
  accountIds: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await sql<{ accountId: string; name: string }>`
    select distinct on (account_id) account_id as "accountId", account_name as name from kickoffs
    where account_id = any(${[...accountIds]}::text[])
    order by account_id, created_at desc
  `.execute(db);
  return new Map(rows.map(({ accountId, name }) => [accountId, name]));
}

/** A pattern for `like` on small letters: what contains this text. */
export function containing(text: string): string {
  return `%${plainText(text, 200)
    .toLowerCase()
    .replace(/[\\%_]/g, '\\$&')}%`;
}
