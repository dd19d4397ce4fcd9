import { type Migration, sql } from 'kysely';

const STATEMENTS = [
  // What is known of an account itself. Accounts that nobody has said anything about have no row.
  sql`create table accounts (
    id text primary key,
    name text,
    country text,
    timezone text,
    updated_at timestamptz not null default now()
  )`,
  // Every change of the registry, for ever. An empty email is a change of the account itself.
  sql`create table stakeholder_changes (
    id bigint generated always as identity primary key,
    account_id text not null,
    deal_id text not null default '',
    email text not null default '',
    change text not null check (change in ('added', 'changed', 'ended', 'opted_out', 'opted_in')),
    before jsonb,
    after jsonb,
    changed_by text not null,
    source text not null,
    changed_at timestamptz not null default now()
  )`,
  sql`create index stakeholder_changes_account on stakeholder_changes (account_id, id desc)`,
  sql`create index stakeholder_changes_email on stakeholder_changes (email, id desc)`,
];

export const registryChanges: Migration = {
  async up(db) {
    for (const statement of STATEMENTS) await statement.execute(db);
  },
};
