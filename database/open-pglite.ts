import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { PGlite, types } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { Kysely, sql } from 'kysely';
import { createPglite } from './create-pglite.ts';
import type { Database, DatabaseLogger } from './database.ts';
import { lockDirectory } from './directory-lock.ts';
import { DatabaseError } from './errors.ts';
import { PgliteDialect } from './pglite-dialect.ts';
import type { Schema } from './schema.ts';

/**
 * PGlite in a folder that this process then holds, or in memory.
 *
 * @throws {DatabaseError} `in_use`, `configuration`
 */
export async function openPglite(dataDir: string | undefined, logger?: DatabaseLogger): Promise<Database> {
  if (dataDir === undefined) return database(await start(undefined), async () => undefined);
  const folder = resolve(dataDir);
  const lock = await lockDirectory(folder);
  try {
    return database(await startInFolder(folder, logger), () => lock.release());
  } catch (error) {
    await lock.release();
    if (error instanceof DatabaseError) throw error;
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new DatabaseError(
      'configuration',
      `the embedded database in ${folder} cannot be opened (${reason}): move the folder away to start anew, or set DATABASE_URL`,
      { cause: error },
    );
  }
}

/**
 * Making a new database takes seconds and is not atomic: a mark beside the folder lasts until it is done, so that a
 * folder which a crash left half made is made again rather than opened.
 */
async function startInFolder(folder: string, logger: DatabaseLogger | undefined): Promise<PGlite> {
  const mark = `${folder}.unfinished`;
  if (existsSync(mark)) {
    logger?.warn({ folder }, 'embedded database was left half made; making it again');
    await rm(folder, { recursive: true, force: true });
  }
  if (existsSync(`${folder}/PG_VERSION`)) return await analyzed(await start(folder));
  await mkdir(dirname(folder), { recursive: true });
  await writeFile(mark, '');
  await createPglite(folder);
  await rm(mark, { force: true });
  return await start(folder);
}

/** From so many bytes on a wrong plan is felt. */
const LARGE_TABLE = 8_000_000;

/**
 * PGlite has no autovacuum: without this the planner would never know what is in the tables. Searches among 20,000 kickoffs
 * take up to a hundred times as long then.
 */
async function analyzed(pglite: PGlite): Promise<PGlite> {
  const { rows } = await pglite.query(
    `select from pg_stat_user_tables where pg_relation_size(relid) > ${LARGE_TABLE} limit 1`,
  );
  if (rows.length > 0) await pglite.exec('analyze');
  return pglite;
}

async function start(folder: string | undefined): Promise<PGlite> {
  return await PGlite.create({
    ...(folder === undefined ? {} : { dataDir: folder }),
    extensions: { pg_trgm },
    parsers: { [types.INT8]: Number },
    // PostgreSQL's 128 MB of buffers would be most of what `dev` takes; ours is a small database in the page cache.
    startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB'],
  });
}

function database(pglite: PGlite, release: () => Promise<void>): Database {
  const close = async () => {
    try {
      await db.destroy();
      // Not the driver's to do: Kysely never asks a driver that has not been used.
      await pglite.close();
    } finally {
      await release();
    }
  };
  const db = new Kysely<Schema>({ dialect: new PgliteDialect(pglite) });
  let closing: Promise<void> | undefined;
  return {
    db,
    kind: 'pglite',
    ping: async () => {
      await sql`select 1`.execute(db);
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
