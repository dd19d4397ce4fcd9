import { type Kysely, sql } from 'kysely';
import { jsonText } from './json.ts';
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

/**
 * Writes whole rows, new and known ones. One statement with one parameter for all of them: a statement per row, or a
 * parameter per field, takes many times as long.
 */
export async function saveStakeholders(db: Kysely<Schema>, rows: readonly StakeholderValues[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    insert into stakeholders (
      account_id, deal_id, email, name, side, roles, attendance, workstreams, timezone, timezone_source,
      active_from, active_to, opted_out, opted_out_reason, source, source_ref, verified_at
    )
    select
      account_id, deal_id, email, name, side, roles, attendance, workstreams, timezone, timezone_source,
      active_from, active_to, opted_out, opted_out_reason, source, source_ref, verified_at
    from jsonb_to_recordset(${jsonText([...rows])}::jsonb) as r (
      account_id text, deal_id text, email text, name text, side text, roles jsonb, attendance jsonb,
      workstreams jsonb, timezone text, timezone_source text, active_from text, active_to text, opted_out boolean, opted_out_reason text, source text,
      source_ref text, verified_at timestamptz
    )
    on conflict (account_id, deal_id, email) do update set
      name = excluded.name, side = excluded.side, roles = excluded.roles, attendance = excluded.attendance,
      workstreams = excluded.workstreams, timezone = excluded.timezone, timezone_source = excluded.timezone_source,
      active_from = excluded.active_from, active_to = excluded.active_to,
      opted_out = excluded.opted_out, opted_out_reason = excluded.opted_out_reason,
      source = excluded.source, source_ref = excluded.source_ref, verified_at = excluded.verified_at, updated_at = now()
  `.execute(db);
}
