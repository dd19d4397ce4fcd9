import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { type Database, migrate, openDatabase } from '../../database/index.ts';
import { findPostgres, POSTGRES_URL_VARIABLE, type PostgresCluster, sharedOrOwnPostgres } from './postgres.ts';

/** Gives a database with all tables (or none) that no other test sees; it is closed after the test. */
export type OpenTestDatabase = (options?: { empty?: boolean }) => Promise<Database>;

/** Where a part that cannot be had is a failure rather than a skip. */
const partsAreRequired = process.env.CI === 'true' || process.env.KICKOFF_REQUIRE_REAL_PARTS === '1';

/** Runs the same tests on PGlite and on PostgreSQL. */
export function eachDatabase(name: string, tests: (open: OpenTestDatabase, kind: Database['kind']) => void): void {
  describe(`${name} (PGlite)`, () => {
    let shared: Database | undefined;
    const others: Database[] = [];
    afterEach(async () => {
      await Promise.all(others.splice(0).map((database) => database.close()));
    });
    afterAll(async () => {
      await shared?.close();
    });
    tests(async ({ empty = false } = {}) => {
      if (empty) {
        const database = await openDatabase();
        others.push(database);
        return database;
      }
      // Opening one takes a second; emptying it takes none.
      if (shared === undefined) {
        shared = await openDatabase();
        await migrate(shared);
      } else {
        await sql`truncate inbox, steps, meeting_requests, kickoffs, recoveries, stakeholders, accounts, stakeholder_changes, sweeps, catch_ups, deal_merges restart identity`.execute(
          shared.db,
        );
      }
      return shared;
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

function noCluster(): PostgresCluster {
  throw new Error('the server is there only while tests run');
}

async function whyMissing(): Promise<string | undefined> {
  if ((process.env[POSTGRES_URL_VARIABLE] ?? '') !== '') return undefined;
  const found = await findPostgres();
  return 'missing' in found ? found.missing : undefined;
}

const missing = await whyMissing();
