import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { type Database, openDatabase } from '../../database/index.ts';
import { openPglite } from './pglite.ts';
import { findPostgres, POSTGRES_URL_VARIABLE, type PostgresCluster, sharedOrOwnPostgres } from './postgres.ts';

/** Gives a database with all tables (or none) that no other test sees; it is closed after the test. */
export type OpenTestDatabase = (options?: { empty?: boolean }) => Promise<Database>;

/** Where a part that cannot be had is a failure rather than a skip. */
const partsAreRequired = process.env.CI === 'true' || process.env.KICKOFF_REQUIRE_REAL_PARTS === '1';

/** One for all tests of a file; this module is loaded anew for each file. */
let embedded: Database | undefined;
afterAll(async () => {
  await embedded?.close();
});

/** The file's embedded database, with all tables and nothing in them. It is closed after the file's tests, not by them. */
export async function openEmptied(): Promise<Database> {
  // Opening one takes a second; emptying it takes none.
  if (embedded === undefined) embedded = await openPglite();
  else await emptyTables(embedded);
  return embedded;
}

/** Runs the same tests on PGlite and on PostgreSQL. */
export function eachDatabase(name: string, tests: (open: OpenTestDatabase, kind: Database['kind']) => void): void {
  describe(`${name} (PGlite)`, () => {
    const others: Database[] = [];
    afterEach(async () => {
      await Promise.all(others.splice(0).map((database) => database.close()));
    });
    tests(async ({ empty = false } = {}) => {
      if (empty) {
        const database = await openDatabase();
        others.push(database);
        return database;
      }
      return await openEmptied();
    }, 'pglite');
  });
  describePostgres(name, (cluster) => {
    const opened: Database[] = [];
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((database) => database.close()));
    });
    tests(async (options) => {
      const database = await openDatabase({ url: await cluster().newDatabase(options) });
      opened.push(database);
      return database;
    }, 'postgres');
  });
}

/** Runs tests that only a real server can be asked. Where there is none they are skipped with the reason, or fail in CI. */
export function describePostgres(name: string, tests: (cluster: () => PostgresCluster) => void): void {
  if (missing !== undefined && !partsAreRequired) {
    describe.skip(`${name} (PostgreSQL; skipped: ${missing})`, () => tests(noCluster));
    return;
  }
  describe(`${name} (PostgreSQL)`, () => {
    if (missing !== undefined) {
      it('has its server', () => {
        throw new Error(missing);
      });
      return;
    }
    let cluster: PostgresCluster | undefined;
    beforeAll(async () => {
      cluster = await sharedOrOwnPostgres();
    });
    afterAll(async () => {
      await cluster?.stop();
    });
    tests(() => cluster ?? noCluster());
  });
}

/** Leaves a database as a new one is. */
export async function emptyTables({ db }: Database): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select quote_ident(tablename) as name from pg_tables where schemaname = 'public' and tablename not like 'kysely%'
  `.execute(db);
  // The audit log lets nobody empty it.
  await sql`set session_replication_role = replica`.execute(db);
  await sql`truncate ${sql.raw(rows.map(({ name }) => name).join(', '))} restart identity`.execute(db);
  await sql`reset session_replication_role`.execute(db);
}

function noCluster(): PostgresCluster {
  throw new Error('the server is there only while tests run');
}

async function whyMissing(): Promise<string | undefined> {
  if ((process.env[POSTGRES_URL_VARIABLE] ?? '') !== '') return undefined;
  const found = await findPostgres();
  return 'missing' in found ? found.missing : undefined;
}

const missing = await whyMissing();
