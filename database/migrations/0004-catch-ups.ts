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
  // Which deals have become others: a CRM may tell of it only once.
  sql`create table deal_merges (
    crm text not null,
    merged_id text not null,
    deal_id text not null,
    recorded_at timestamptz not null default now(),
    primary key (crm, merged_id)
  )`,
  sql`create index deal_merges_by_deal on deal_merges (crm, deal_id)`,
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
