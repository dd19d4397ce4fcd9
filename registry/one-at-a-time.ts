import { type Kysely, sql } from 'kysely';
import { inTransaction, type Schema } from '../database/index.ts';

/** Whoever changes what they have read takes turns, so that what they say of it is true; readers are not held up. */
export async function oneAtATime<T>(db: Kysely<Schema>, work: (tx: Kysely<Schema>) => Promise<T>): Promise<T> {
  return await inTransaction(db, async (tx) => {
    await sql`lock table stakeholders in share row exclusive mode`.execute(tx);
    return await work(tx);
  });
}
