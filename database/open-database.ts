import type { Database, DatabaseLogger } from './database.ts';
import { openPglite } from './open-pglite.ts';
import { openPostgres } from './open-postgres.ts';

export interface OpenDatabaseOptions {
  /** `postgres://…`; takes precedence over `dataDir`. */
  url?: string | undefined;
  /** The embedded database's folder, made when it is not there. Without `url` and `dataDir` everything is in memory. */
  dataDir?: string | undefined;
  logger?: DatabaseLogger | undefined;
}

/**
 * Opens PostgreSQL by its URL, else PGlite in a folder or in memory, and makes sure that it answers.
 * The tables are another matter: `migrate`.
 *
 * @throws {DatabaseError} `in_use` when another process holds the folder; `unreachable`, `refused` or `configuration`
 * when the server or the folder cannot be used.
 */
export async function openDatabase(options: OpenDatabaseOptions = {}): Promise<Database> {
  if (options.url !== undefined && options.url !== '') return await openPostgres(options.url, options.logger);
  return await openPglite(options.dataDir, options.logger);
}
