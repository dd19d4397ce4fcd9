import { type Migration, sql } from 'kysely';

export const turns: Migration = {
  async up(db) {
    // From when on the next call may be made, for each limit that all processes share.
    await sql`create table turns (name text primary key, next_at timestamptz not null)`.execute(db);
  },
};
