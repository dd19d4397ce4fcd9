import { Migrator, sql } from 'kysely';
import type { Database } from './database.ts';
import { DatabaseError } from './errors.ts';
import { migrations } from './migrations/index.ts';

/**
 * Brings the tables up to date. Any number of processes may call it at once: they take turns under an advisory lock, and
 * all migrations of one call are applied together or not at all.
 *
 * @returns the names of the migrations that this call applied; empty when there was nothing to do.
 * @throws {DatabaseError} `migration_failed`
 */
export async function migrate(database: Database): Promise<string[]> {
  return await database.db.connection().execute(async (connection) => {
    // Waiting for another process's migration takes as long as it takes.
    await sql`set statement_timeout = 0`.execute(connection);
    try {
      const migrator = new Migrator({ db: connection, provider: { getMigrations: async () => migrations } });
      const { error, results } = await migrator.migrateToLatest();
      if (error !== undefined) {
        const failed = results?.find((result) => result.status === 'Error')?.migrationName;
        throw migrationFailed(error, failed);
      }
      return (results ?? []).map((result) => result.migrationName);
    } finally {
      await sql`reset statement_timeout`.execute(connection);
    }
  });
}

/**
 * What PostgreSQL says of an extension: it is not installed beside the server (`58P01`, `0A000`), or this user may not create
 * it (`42501`). The console's search needs pg_trgm.
 */
const WITHOUT_EXTENSION = /extension "pg_trgm"|gin_trgm_ops/;

function migrationFailed(error: unknown, name: string | undefined): DatabaseError {
  const reason = error instanceof Error ? error.message : String(error);
  if (WITHOUT_EXTENSION.test(reason)) {
    return new DatabaseError(
      'migration_failed',
      `the search needs PostgreSQL’s extension pg_trgm, nothing was changed: ${reason.split('\n')[0]}. It comes with PostgreSQL (Debian: in postgresql, Red Hat: postgresql-contrib); have the database’s owner or an administrator run “create extension pg_trgm” in this database`,
      { cause: error },
    );
  }
  if (/previously executed migration|to be at index/.test(reason)) {
    return new DatabaseError(
      'migration_failed',
      'the database was made by a newer or a different version of Kickoff: run that version, or give this one a database of its own',
      { cause: error },
    );
  }
  return new DatabaseError(
    'migration_failed',
    `migration ${name ?? 'set-up'} failed, nothing was changed: ${reason.split('\n')[0]}`,
    { cause: error },
  );
}
