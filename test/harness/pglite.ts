import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, migrate, openDatabase } from '../../database/index.ts';
import { realParts } from './real-parts.ts';

/** Makes the database that `copyPglite` copies: making one computes for seconds. @param folder not yet there */
export async function makePglite(folder: string): Promise<void> {
  const database = await openDatabase({ dataDir: folder });
  try {
    await migrate(database);
  } finally {
    await database.close();
  }
}

/** Puts an embedded database with all tables, and nothing in them, into a folder. @param folder not yet there */
export async function copyPglite(folder: string): Promise<void> {
  await cp(realParts().pglite, folder, { recursive: true });
}

/** Opens an embedded database of one's own, with all tables. Closing it removes it. */
export async function openPglite(): Promise<Database> {
  const folder = await mkdtemp(join(tmpdir(), 'kickoff-pglite-'));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    await copyPglite(join(folder, 'database'));
    const database = await openDatabase({ dataDir: join(folder, 'database') });
    return { ...database, close: () => database.close().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}
