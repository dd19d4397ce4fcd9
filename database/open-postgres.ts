import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { Database, DatabaseLogger } from './database.ts';
import { DatabaseError } from './errors.ts';
import type { Schema } from './schema.ts';

/** Connections per process. A server takes 100 by default: enough for ten processes and a person with psql. */
const POOL_SIZE = 10;
const CONNECT_TIMEOUT_MS = 5_000;
/** No statement of ours takes a second; one that takes this long holds locks that others wait for. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** A process that stops in the middle of a transaction must not keep its rows locked. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;
const PING_TIMEOUT_MS = 5_000;

/** @throws {DatabaseError} `configuration`, `unreachable` or `refused` */
export async function openPostgres(url: string, logger?: DatabaseLogger): Promise<Database> {
  const where = hostAndPort(url);
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, Number);
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    application_name: 'kickoff',
    keepAlive: true,
    types,
  });
  // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', (error) => logger?.warn({ err: error, server: where }, 'idle database connection lost'));
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });

  const ping = async () => {
    try {
      await withLimit(sql`select 1`.execute(db), PING_TIMEOUT_MS);
    } catch (error) {
      throw connectionError(error, where);
    }
  };
  try {
    await ping();
  } catch (error) {
    await db.destroy();
    throw error;
  }
  let closing: Promise<void> | undefined;
  return {
    db,
    kind: 'postgres',
    ping,
    close: () => {
      closing ??= db.destroy();
      return closing;
    },
  };
}

/** @returns `host:port` for messages: of a URL with a password in it nothing else may be shown. */
function hostAndPort(url: string): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    // The cause would hold the URL.
    throw new DatabaseError(
      'configuration',
      'DATABASE_URL is not a URL: write postgres://user:password@host:5432/database',
    );
  }
  if (parsed.protocol !== 'postgres:' && parsed.protocol !== 'postgresql:') {
    throw new DatabaseError(
      'configuration',
      `DATABASE_URL must start with postgres:// or postgresql://, not ${parsed.protocol}//`,
    );
  }
  const host = parsed.hostname || parsed.searchParams.get('host') || 'localhost';
  return `${host}:${parsed.port || '5432'}`;
}

/** SQLSTATE classes and codes of a server that answers and says no: 28 authorisation, 3D no such database, 42501 no right. */
const REFUSALS = /^(28|3D|42501)/;

function connectionError(error: unknown, where: string): DatabaseError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = error instanceof Error && error.message !== '' ? error.message : code || String(error);
  if (REFUSALS.test(code)) {
    return new DatabaseError('refused', `PostgreSQL at ${where} refused the connection: ${reason}`, { cause: error });
  }
  return new DatabaseError(
    'unreachable',
    `PostgreSQL at ${where} does not answer (${reason}): check that it runs and that DATABASE_URL names it`,
    { cause: error },
  );
}

async function withLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
