import { type Kysely, sql } from 'kysely';
import { containing } from './accounts.ts';
import { type ColumnType, rowsOf } from './rows-of.ts';
import type { Schema } from './schema.ts';

/** Somebody of the registry, with where they stand. */
export interface OrganizingStakeholder {
  accountId: string;
  email: string;
}

/**
 * Everybody on one side who has a role today and has not opted out, in all accounts.
 *
 * @param filter.today ISO date
 */
export async function stakeholdersInRole(
  db: Kysely<Schema>,
  filter: { sides: readonly string[]; role: string; today: string },
): Promise<OrganizingStakeholder[]> {
  const rows = await db
    .selectFrom('stakeholders')
    .select(['account_id', 'email', 'roles'])
    .distinct()
    .where('side', 'in', filter.sides)
    .where('opted_out', '=', false)
    .where((eb) => eb.or([eb('active_from', 'is', null), eb('active_from', '<=', filter.today)]))
    .where((eb) => eb.or([eb('active_to', 'is', null), eb('active_to', '>=', filter.today)]))
    .orderBy('account_id')
    .orderBy('email')
    .execute();
  return rows
    .filter((row) => row.roles.includes(filter.role))
    .map((row) => ({ accountId: row.account_id, email: row.email }));
}

/** A row of the registry as it is written; its number and its instants are the database's. */
export interface StakeholderValues {
  account_id: string;
  deal_id: string;
  email: string;
  name: string | null;
  side: string;
  roles: readonly string[];
  attendance: object;
  workstreams: readonly string[];
  timezone: string | null;
  timezone_source: string | null;
  active_from: string | null;
  active_to: string | null;
  opted_out: boolean;
  opted_out_reason: string | null;
  source: string;
  source_ref: string | null;
  verified_at: string | null;
}

const COLUMNS = {
  email: 'text',
  account_id: 'text',
  deal_id: 'text',
  name: 'text',
  side: 'text',
  roles: 'jsonb',
  attendance: 'jsonb',
  workstreams: 'jsonb',
  timezone: 'text',
  timezone_source: 'text',
  active_from: 'text',
  active_to: 'text',
  opted_out: 'boolean',
  opted_out_reason: 'text',
  source: 'text',
  source_ref: 'text',
  verified_at: 'timestamptz',
} as const satisfies Record<keyof StakeholderValues, ColumnType>;
const NAMES = sql.raw(Object.keys(COLUMNS).join(', '));

/**
 * Every row of these accounts, in the order of accounts, deals and addresses; of all accounts when none are named. Each comes
 * as one JSON document: of tens of thousands of rows a driver that takes field by field makes twice the work.
 */
export async function stakeholdersAsJson(
  db: Kysely<Schema>,
  accountIds?: readonly string[],
): Promise<StakeholderValues[]> {
  const some = accountIds === undefined ? sql`true` : sql`account_id = any(${[...accountIds]}::text[])`;
  // In the order of bytes, which no server's locale changes.
  const { rows } = await sql<{ person: StakeholderValues }>`
    select row_to_json(r) as person from (select ${NAMES} from stakeholders where ${some}) as r
    order by r.account_id collate "C", r.deal_id collate "C", r.email collate "C"
  `.execute(db);
  return rows.map(({ person }) => person);
}

/**
 * Writes rows that are not there yet.
 *
 * @throws when there is one for the account, the deal and the address
 */
export async function insertStakeholders(db: Kysely<Schema>, rows: readonly StakeholderValues[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into stakeholders (${NAMES}) select ${NAMES} from ${rowsOf(rows, COLUMNS)} as r`.execute(db);
}

/** Writes whole rows, in the place of known ones. */
export async function saveStakeholders(db: Kysely<Schema>, rows: readonly StakeholderValues[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    insert into stakeholders (${NAMES}) select ${NAMES} from ${rowsOf(rows, COLUMNS)} as r
    on conflict (account_id, deal_id, email) do update set
      name = excluded.name, side = excluded.side, roles = excluded.roles, attendance = excluded.attendance,
      workstreams = excluded.workstreams, timezone = excluded.timezone, timezone_source = excluded.timezone_source,
      active_from = excluded.active_from, active_to = excluded.active_to,
      opted_out = excluded.opted_out, opted_out_reason = excluded.opted_out_reason,
      source = excluded.source, source_ref = excluded.source_ref, verified_at = excluded.verified_at, updated_at = now()
  `.execute(db);
}

/** One row of the registry. */
export interface StakeholderKey {
  accountId: string;
  /** Empty: the row for every deal. */
  dealId: string;
  /** Lower-cased. */
  email: string;
}

/** One row, as `stakeholdersAsJson` has them. */
export async function findStakeholder(
  db: Kysely<Schema>,
  { accountId, dealId, email }: StakeholderKey,
): Promise<StakeholderValues | undefined> {
  const { rows } = await sql<{ person: StakeholderValues }>`
    select row_to_json(r) as person from (
      select ${NAMES} from stakeholders
      where account_id = ${accountId} and deal_id = ${dealId} and email = ${email}
    ) as r
  `.execute(db);
  return rows[0]?.person;
}

/** An account's rows, deal by deal and by address: what counts for every deal first. */
export async function stakeholdersPage(
  db: Kysely<Schema>,
  { accountId, after, limit }: { accountId: string; after?: Omit<StakeholderKey, 'accountId'>; limit: number },
): Promise<StakeholderValues[]> {
  const rest = after === undefined ? sql`true` : sql`(deal_id, email) > (${after.dealId}, ${after.email})`;
  const { rows } = await sql<{ person: StakeholderValues }>`
    select row_to_json(r) as person from (
      select ${NAMES} from stakeholders where account_id = ${accountId} and ${rest}
      order by deal_id, email limit ${limit}
    ) as r
  `.execute(db);
  return rows.map(({ person }) => person);
}

/** Every row of an address, in all accounts. @param email lower-cased */
export async function stakeholdersWithAddress(
  db: Kysely<Schema>,
  email: string,
  limit: number,
): Promise<StakeholderValues[]> {
  const { rows } = await sql<{ person: StakeholderValues }>`
    select row_to_json(r) as person from (
      select ${NAMES} from stakeholders where email = ${email} order by account_id, deal_id limit ${limit}
    ) as r
  `.execute(db);
  return rows.map(({ person }) => person);
}

/** Somebody found by a search, once however many rows they have. */
export interface FoundPerson {
  email: string;
  /** Of one of the rows. */
  name: string | null;
  /** In how many accounts they are, and one of them. */
  accounts: number;
  accountId: string;
}

/**
 * People whose name or address contains a text, in any casing, by address. All rows are looked at, which takes 30 ms for
 * 50,000 of them: an index by groups of letters would make every import half as slow again.
 *
 * @param filter.after only addresses after it
 */
export async function searchStakeholders(
  db: Kysely<Schema>,
  { search, after = '', limit }: { search: string; after?: string | undefined; limit: number },
): Promise<FoundPerson[]> {
  const { rows } = await sql<FoundPerson>`
    select email, max(name) as name, count(distinct account_id) as accounts, min(account_id) as "accountId"
    from stakeholders
    where lower(email || ' ' || coalesce(name, '')) like ${containing(search)} and email > ${after}
    group by email order by email limit ${limit}
  `.execute(db);
  return rows;
}

/** How many people these accounts have, by id; those without any are not in it. */
export async function peopleOfAccounts(
  db: Kysely<Schema>,
  accountIds: readonly string[],
): Promise<Map<string, number>> {
  // One look into the index for each: a list has some dozens of them.
  const { rows } = await sql<{ id: string; people: number }>`
    select id, (select count(distinct email) from stakeholders where account_id = given.id) as people
    from unnest(${[...accountIds]}::text[]) as given (id)
  `.execute(db);
  return new Map(rows.flatMap(({ id, people }) => (people === 0 ? [] : [[id, people] as const])));
}
