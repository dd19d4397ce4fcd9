import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { migrate, openDatabase } from '../../database/index.ts';

const run = promisify(execFile);
const KEEPER = fileURLToPath(new URL('./postgres-keeper.mjs', import.meta.url));
const USER = 'kickoff';
const TEMPLATE = 'kickoff_template';
const START_LIMIT_MS = 60_000;
const START_ATTEMPTS = 3;
const POLL_MS = 50;

/** Where a run's own server is told to the test files; set by whoever started it. */
export const POSTGRES_URL_VARIABLE = 'KICKOFF_TEST_POSTGRES_URL';

/** A PostgreSQL server for tests. */
export interface PostgresCluster {
  /** Of its maintenance database; nothing of ours is in it. */
  readonly url: string;
  /** Makes a database with all tables, or with none. @returns its URL */
  newDatabase(options?: { empty?: boolean }): Promise<string>;
  /** Ends the server and removes its folder; a server that another started is left alone. */
  stop(): Promise<void>;
}

/** @returns the folder with `initdb` and `postgres`, or the reason why there is none. */
export async function findPostgres(): Promise<{ bin: string } | { missing: string }> {
  const onPath = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of [...onPath, ...debianFolders(), ...(await pgConfigFolder())]) {
    if (isExecutable(join(folder, 'initdb')) && isExecutable(join(folder, 'postgres'))) {
      return { bin: dirname(realpathSync(join(folder, 'postgres'))) };
    }
  }
  return { missing: 'no PostgreSQL server programs (initdb, postgres) on this machine: install postgresql' };
}

/**
 * Starts a PostgreSQL server of the machine's own programs on a free port of 127.0.0.1, in a temporary folder. It ends
 * with this process, also when that is killed.
 *
 * @throws when there are no programs or the server does not come up; its log is in the message
 */
export async function startPostgres(): Promise<PostgresCluster> {
  const found = await findPostgres();
  if ('missing' in found) throw new Error(found.missing);
  for (let attempt = 1; ; attempt++) {
    const folder = await mkdtemp(join(tmpdir(), 'kickoff-postgres-'));
    try {
      return await startIn(folder, found.bin);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      // Somebody else may take the free port before the server does.
      if (attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function startIn(folder: string, bin: string): Promise<PostgresCluster> {
  const owner = serverUser();
  const data = join(folder, 'data');
  await mkdir(data, { mode: 0o700 });
  await chmod(folder, 0o755);
  if (owner !== undefined) await chown(data, owner.uid, owner.gid);
  await run(join(bin, 'initdb'), ['-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'], {
    ...owner,
    cwd: folder,
  });
  const port = await freePort();
  const keeper = spawn(
    process.execPath,
    [KEEPER, join(bin, 'postgres'), folder, String(port), String(owner?.uid ?? '-'), String(owner?.gid ?? '-')],
    // Its own group: Ctrl-C must not end the server while tests still close their connections.
    { stdio: ['pipe', 'pipe', 'inherit'], detached: true },
  );
  keeper.unref();
  const url = `postgres://${USER}@127.0.0.1:${port}/postgres`;
  try {
    await untilReady(url, keeper, folder);
  } catch (error) {
    await end(keeper);
    throw error;
  }
  unrefStreams(keeper);
  return { ...connectPostgres(url), stop: () => end(keeper) };
}

/** The same over a server that is already running. */
export function connectPostgres(url: string): PostgresCluster {
  let template: Promise<void> | undefined;
  return {
    url,
    newDatabase: async ({ empty = false } = {}) => {
      template ??= makeTemplate(url);
      await template;
      const name = `test_${randomUUID().replaceAll('-', '')}`;
      await admin(url, `create database ${name} template ${empty ? 'template0' : TEMPLATE}`);
      return databaseUrl(url, name);
    },
    stop: async () => undefined,
  };
}

/** The run's server when there is one (see `POSTGRES_URL_VARIABLE`), else one of our own. */
export async function sharedOrOwnPostgres(): Promise<PostgresCluster> {
  const url = process.env[POSTGRES_URL_VARIABLE];
  return url === undefined || url === '' ? await startPostgres() : connectPostgres(url);
}

/** Migrating once and copying is ten times faster than migrating each. Several test files may do it at once: the first rename wins. */
async function makeTemplate(url: string): Promise<void> {
  const exists = await admin(url, `select 1 from pg_database where datname = '${TEMPLATE}'`);
  if (exists.rowCount !== 0) return;
  const name = `template_${randomUUID().replaceAll('-', '')}`;
  await admin(url, `create database ${name} template template0`);
  const database = await openDatabase({ url: databaseUrl(url, name) });
  try {
    await migrate(database);
  } finally {
    await database.close();
  }
  try {
    await admin(url, `alter database ${name} rename to ${TEMPLATE}`);
  } catch (error) {
    const duplicate = error instanceof Error && 'code' in error && error.code === '42P04';
    if (!duplicate) throw error;
    await admin(url, `drop database ${name}`);
  }
}

async function admin(url: string, statement: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(statement);
  } finally {
    await client.end();
  }
}

function databaseUrl(url: string, name: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${name}`;
  return parsed.href;
}

async function untilReady(url: string, keeper: ChildProcess, folder: string): Promise<void> {
  let said = '';
  keeper.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      await admin(url, 'select 1');
      return;
    } catch (error) {
      if (said !== '' || Date.now() > deadline) {
        const log = await readFile(join(folder, 'server.log'), 'utf8').catch(() => '');
        throw new Error(`PostgreSQL did not start: ${said.trim()} ${log.slice(-2000)}`, { cause: error });
      }
    }
    await delay(POLL_MS);
  }
}

async function end(keeper: ChildProcess): Promise<void> {
  if (keeper.exitCode !== null || keeper.signalCode !== null) return;
  keeper.ref();
  const exited = once(keeper, 'exit');
  keeper.stdin?.end();
  await exited;
}

/** Open pipes would keep the test process alive. */
function unrefStreams(keeper: ChildProcess): void {
  for (const stream of [keeper.stdin, keeper.stdout]) {
    if (stream !== null && 'unref' in stream && typeof stream.unref === 'function') stream.unref();
  }
}

/** PostgreSQL refuses to run as root: then as `postgres` or `nobody`. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find(([user]) => user === name) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a user "postgres" nor "nobody" to run it as');
}

/** Debian and its kin keep the server's programs off PATH; the newest version first. */
function debianFolders(): string[] {
  const root = '/usr/lib/postgresql';
  try {
    return readdirSync(root)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(root, version, 'bin'));
  } catch {
    return []; // not Debian
  }
}

async function pgConfigFolder(): Promise<string[]> {
  try {
    const { stdout } = await run('pg_config', ['--bindir']);
    return [stdout.trim()];
  } catch {
    return []; // not installed
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
