import { type Migration, sql } from 'kysely';

const STATEMENTS = [
  // Which CRMs there are is the program's to say; a new one needs no migration.
  sql`alter table inbox drop constraint inbox_source_check`,
  sql`alter table inbox add constraint inbox_source_check check (source <> '')`,
];

export const inboxSources: Migration = {
  async up(db) {
    for (const statement of STATEMENTS) await statement.execute(db);
  },
};
