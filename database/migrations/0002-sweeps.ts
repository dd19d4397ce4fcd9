import { type Migration, sql } from 'kysely';

const STATEMENTS = [
  // What each part of the last sweep found: one row a part, written over by the next sweep.
  sql`create table sweeps (
    part text primary key,
    swept_at timestamptz not null,
    succeeded_at timestamptz,
    findings jsonb not null,
    problem text
  )`,
  // As of when `organizer_email` is known, in SkipUp's time; null: since the request was made.
  sql`alter table meeting_requests add column organizer_at timestamptz`,
];

export const sweeps: Migration = {
  async up(db) {
    for (const statement of STATEMENTS) await statement.execute(db);
  },
};
