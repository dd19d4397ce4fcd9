import { type Migration, sql } from 'kysely';

const STATEMENTS = [
  // How far each CRM has been looked through for deals that were won and told nobody.
  sql`create table catch_ups (
    crm text primary key,
    since timestamptz not null,
    checkpoint timestamptz not null,
    window_until timestamptz,
    cursor text,
    looked_at timestamptz,
    findings jsonb not null,
    problem text
  )`,
  // Since when the deal is not won any more.
  sql`alter table kickoffs add column deal_lost_at timestamptz`,
  // What a backfill has under way: few rows at any time.
  sql`create index kickoffs_on_their_way on kickoffs ((origin->>'kind')) where phase in ('resolving', 'requesting')`,
];

export const catchUps: Migration = {
  async up(db) {
    for (const statement of STATEMENTS) await statement.execute(db);
  },
};
