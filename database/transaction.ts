import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/**
 * Runs `work` in a transaction, joining the one that `db` already is.
 *
 * Inside `work` use only the handle it is given: on PGlite there is one connection, and waiting for `db` itself would never end.
 */
export async function inTransaction<T>(db: Kysely<Schema>, work: (tx: Kysely<Schema>) => Promise<T>): Promise<T> {
  return db.isTransaction ? await work(db) : await db.transaction().execute(work);
}
