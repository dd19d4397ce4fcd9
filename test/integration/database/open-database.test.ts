import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Database,
  DatabaseError,
  inboxCounts,
  insertInbox,
  inTransaction,
  migrate,
  openDatabase,
} from '../../../database/index.ts';
import { type Compiled, compile } from '../../harness/compiled.ts';
import { describePostgres, eachDatabase } from '../../harness/databases.ts';
import { copyPglite } from '../../harness/pglite.ts';

const MIGRATIONS = [
  '0001-initial',
  '0002-sweeps',
  '0003-inbox-sources',
  '0004-catch-ups',
  '0005-registry-changes',
  '0006-turns',
  '0007-pipelines',
  '0008-console',
];

async function failure(work: Promise<unknown>): Promise<DatabaseError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DatabaseError)) throw new Error(`expected a DatabaseError, got ${String(error)}`);
  return error;
}

const entry = (key: string) => ({ source: 'deal' as const, dedupeKey: key, eventType: 'deal', payload: {} });

eachDatabase('an open database', (open, kind) => {
  it('says what it is and answers', async () => {
    const database = await open();
    expect(database.kind).toBe(kind);
    await expect(database.ping()).resolves.toBeUndefined();
  });

  it('gives counts and bigints as numbers and instants as Date', async () => {
    const { db } = await open();
    const { rows } = await sql<{ n: unknown; big: unknown; at: unknown; none: unknown }>`
      select count(*) as n, 9007199254740991::int8 as big, now() as at, null::timestamptz as none from inbox
    `.execute(db);
    expect(rows[0]).toEqual({ n: 0, big: 9007199254740991, at: expect.any(Date), none: null });
  });

  it('keeps transactions whole, and apart from what runs beside them', async () => {
    const { db } = await open();
    const broken = inTransaction(db, async (tx) => {
      await insertInbox(tx, [entry('lost')]);
      throw new Error('changed my mind');
    });
    const beside = Promise.all(Array.from({ length: 10 }, (_, n) => insertInbox(db, [entry(`kept ${n}`)])));
    await expect(broken).rejects.toThrow('changed my mind');
    await beside;
    expect((await inboxCounts(db)).pending).toBe(10);
    const rows = await db.selectFrom('inbox').select('dedupe_key').where('dedupe_key', '=', 'lost').execute();
    expect(rows).toEqual([]);
  });

  it('joins a transaction that is already there', async () => {
    const { db } = await open();
    const broken = db.transaction().execute(async (tx) => {
      await inTransaction(tx, (same) => insertInbox(same, [entry('a')]));
      throw new Error('all of it');
    });
    await expect(broken).rejects.toThrow('all of it');
    expect((await inboxCounts(db)).pending).toBe(0);
  });

  it('goes on after a statement that failed', async () => {
    const { db } = await open();
    await expect(sql`select nonsense`.execute(db)).rejects.toThrow(/nonsense/);
    await expect(
      inTransaction(db, async (tx) => {
        await sql`select nonsense`.execute(tx);
      }),
    ).rejects.toThrow(/nonsense/);
    expect(await insertInbox(db, [entry('a')])).toMatchObject({ inserted: 1 });
  });

  it('may be closed twice', async () => {
    const database = await open({ empty: true });
    await database.close();
    await expect(database.close()).resolves.toBeUndefined();
    await expect(database.ping()).rejects.toThrow();
  });
});

eachDatabase('migrate', (open) => {
  it('makes every table and says so, once', async () => {
    const database = await open({ empty: true });
    expect(await migrate(database)).toEqual(MIGRATIONS);
    expect(await migrate(database)).toEqual([]);
    const tables = (await database.db.introspection.getTables()).map((table) => table.name).sort();
    expect(tables).toEqual([
      'accounts',
      'audit_log',
      'catch_ups',
      'console_accounts',
      'console_links',
      'console_sessions',
      'console_sign_ins',
      'deal_merges',
      'inbox',
      'kickoffs',
      'meeting_requests',
      'opt_outs',
      'recoveries',
      'skipup_members',
      'stakeholder_changes',
      'stakeholders',
      'steps',
      'sweeps',
      'turns',
    ]);
  });

  it('refuses a database that a newer version has made, and leaves it as it is', async () => {
    const database = await open();
    await sql`insert into kysely_migration (name, timestamp) values ('9999-from-the-future', '2030-01-01T00:00:00Z')`.execute(
      database.db,
    );
    try {
      const error = await failure(migrate(database));
      expect(error).toMatchObject({ code: 'migration_failed' });
      expect(error.message).toContain('newer or a different version');
    } finally {
      await sql`delete from kysely_migration where name like '9999%'`.execute(database.db);
    }
  });

  it('changes nothing when it fails half way', async () => {
    const database = await open({ empty: true });
    await sql`create table steps (id int)`.execute(database.db);
    const error = await failure(migrate(database));
    expect(error).toMatchObject({ code: 'migration_failed' });
    expect(error.message).toMatch(/0001-initial failed, nothing was changed: .*"?steps"? already exists/);
    expect(error.message).not.toContain('\n');
    const tables = (await database.db.introspection.getTables()).map((table) => table.name);
    expect(tables).toEqual(['steps']);
    await sql`drop table steps`.execute(database.db);
    expect(await migrate(database)).toEqual(MIGRATIONS);
  });
});

describePostgres('several processes', (cluster) => {
  it('migrate an empty database at once, and one of them does it', async () => {
    const url = await cluster().newDatabase({ empty: true });
    const databases = await Promise.all([1, 2, 3, 4].map(() => openDatabase({ url })));
    try {
      const applied = await Promise.all(databases.map((database) => migrate(database)));
      expect(applied.flat()).toEqual(MIGRATIONS);
      for (const database of databases) expect(await inboxCounts(database.db)).toMatchObject({ pending: 0 });
    } finally {
      await Promise.all(databases.map((database) => database.close()));
    }
  });

  it('are told what the search needs where their user may not create it', async () => {
    const url = await cluster().newDatabase({ empty: true });
    const owner = await openDatabase({ url });
    const clerk = new URL(url);
    clerk.username = `clerk_${clerk.pathname.replaceAll(/\W/g, '')}`;
    await sql`create role ${sql.id(clerk.username)} login`.execute(owner.db);
    await sql`grant create on schema public to ${sql.id(clerk.username)}`.execute(owner.db);
    const database = await openDatabase({ url: clerk.href });
    try {
      const error = await failure(migrate(database));
      expect(error).toMatchObject({ code: 'migration_failed' });
      expect(error.message).toMatch(/pg_trgm, nothing was changed: permission denied .*create extension pg_trgm/);
      expect(error.message).not.toContain('\n');
      await sql`create extension pg_trgm`.execute(owner.db);
      expect(await migrate(database)).toEqual(MIGRATIONS);
    } finally {
      await Promise.all([owner.close(), database.close()]);
    }
  });

  it('share the rows of the inbox without taking one twice', async () => {
    const url = await cluster().newDatabase();
    const { claimInbox } = await import('../../../database/index.ts');
    const [one, two] = await Promise.all([openDatabase({ url }), openDatabase({ url })]);
    try {
      await insertInbox(
        one.db,
        Array.from({ length: 200 }, (_, n) => entry(`k${n}`)),
      );
      const drain = async ({ db }: Database) => {
        const ids: number[] = [];
        for (;;) {
          const rows = await claimInbox(db, { limit: 5, leaseMs: 60_000 });
          if (rows.length === 0) return ids;
          ids.push(...rows.map((row) => row.id));
        }
      };
      const taken = await Promise.all([drain(one), drain(two), drain(one), drain(two)]);
      expect(taken.flat()).toHaveLength(200);
      expect(new Set(taken.flat()).size).toBe(200);
      expect(taken.filter((ids) => ids.length > 0).length).toBeGreaterThan(1);
    } finally {
      await Promise.all([one.close(), two.close()]);
    }
  });

  it('are seen under their name, and a statement that hangs is ended', async () => {
    const database = await openDatabase({ url: await cluster().newDatabase() });
    try {
      const { rows } = await sql<{ name: string; limit: string }>`
        select current_setting('application_name') as name, current_setting('statement_timeout') as limit
      `.execute(database.db);
      expect(rows[0]).toEqual({ name: 'kickoff', limit: '30s' });
      await migrate(database);
      const after = await Promise.all(
        Array.from({ length: 5 }, () =>
          sql<{ limit: string }>`select current_setting('statement_timeout') as limit`.execute(database.db),
        ),
      );
      expect(after.map((result) => result.rows[0]?.limit)).toEqual(Array.from({ length: 5 }, () => '30s'));
    } finally {
      await database.close();
    }
  });

  it('survive the server’s ending their idle connections', async () => {
    const url = await cluster().newDatabase();
    const warnings: string[] = [];
    const database = await openDatabase({ url, logger: { warn: (_fields, message) => warnings.push(message) } });
    const other = await openDatabase({ url });
    try {
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()`.execute(
        other.db,
      );
      await expect.poll(() => warnings).toEqual(['idle database connection lost']);
      await expect(database.ping()).resolves.toBeUndefined();
    } finally {
      await Promise.all([database.close(), other.close()]);
    }
  });

  it('are told in one line what the server refuses', async () => {
    const url = new URL(cluster().url);
    url.pathname = '/nowhere';
    url.password = 'hunter2';
    const error = await failure(openDatabase({ url: url.href }));
    expect(error).toMatchObject({ code: 'refused' });
    expect(error.message).toBe(`PostgreSQL at ${url.host} refused the connection: database "nowhere" does not exist`);
  });
});

describe('openDatabase', () => {
  it('says in one line, without the password, which server does not answer', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    server.close();
    await once(server, 'close');
    const error = await failure(openDatabase({ url: `postgres://kickoff:hunter2@127.0.0.1:${port}/kickoff` }));
    expect(error).toMatchObject({ code: 'unreachable' });
    expect(error.message).toContain(`127.0.0.1:${port}`);
    expect(error.message).not.toMatch(/hunter2|\n/);
  });

  it('gives up on a server that takes connections and says nothing', async () => {
    const server = createServer(() => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const error = await failure(openDatabase({ url: `postgres://127.0.0.1:${port}/kickoff` }));
    server.close();
    expect(error).toMatchObject({ code: 'unreachable' });
  });

  it.each([
    ['no URL at all: hunter2', 'DATABASE_URL is not a URL'],
    ['mysql://root:hunter2@localhost/x', 'must start with postgres://'],
  ])('refuses %s', async (url, message) => {
    const error = await failure(openDatabase({ url }));
    expect(error).toMatchObject({ code: 'configuration' });
    expect(error.message).toContain(message);
    expect(JSON.stringify(error) + error.message + String(error.cause)).not.toContain('hunter2');
  });
});

describe('the embedded database in a folder', () => {
  let compiled: Compiled;
  let root: string;
  const opened: Database[] = [];
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    compiled = await compile('database/index.ts');
  });
  afterAll(async () => {
    await compiled.remove();
  });
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kickoff-pglite-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await Promise.all(opened.splice(0).map((database) => database.close()));
    await rm(root, { recursive: true, force: true });
  });

  async function existing(): Promise<string> {
    const dataDir = join(root, 'database');
    await copyPglite(dataDir);
    return dataDir;
  }

  async function openAt(dataDir: string): Promise<Database> {
    const database = await openDatabase({ dataDir });
    opened.push(database);
    return database;
  }

  /** Another process that holds the folder, writes a row in each turn, and says so. */
  async function holder(dataDir: string): Promise<ChildProcess> {
    const program = `
      const { openDatabase, migrate, insertInbox } = await import(${JSON.stringify(compiled.url)});
      const database = await openDatabase({ dataDir: ${JSON.stringify(dataDir)} });
      await migrate(database);
      for (let n = 0; ; n++) {
        await insertInbox(database.db, [{ source: 'deal', dedupeKey: String(n), eventType: 'deal', payload: {} }]);
        process.stdout.write(n + '\\n');
      }
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    if (child.stdout !== null) await once(child.stdout, 'data');
    return child;
  }

  it('is made with its parents, and keeps its rows when it is opened again', async () => {
    const dataDir = join(root, 'a', 'b', 'database');
    const first = await openAt(dataDir);
    await migrate(first);
    await insertInbox(first.db, [entry('kept')]);
    await first.close();
    const second = await openAt(dataDir);
    expect(await migrate(second)).toEqual([]);
    expect(await inboxCounts(second.db)).toMatchObject({ pending: 1 });
    await second.close();
    expect(await readdir(join(root, 'a', 'b'))).toEqual(['database']);
  });

  it('is held by one process: the other is told which, and what to do', async () => {
    const dataDir = await existing();
    const child = await holder(dataDir);
    const error = await failure(openDatabase({ dataDir }));
    expect(error).toMatchObject({ code: 'in_use' });
    expect(error.message).toContain(`in use by process ${child.pid}`);
    expect(error.message).toContain('stop that process, use another folder, or set DATABASE_URL');
    expect(error.message).not.toContain('\n');
  });

  it('survives a process that is killed in the middle of writing, and what it said it wrote is there', async () => {
    const dataDir = await existing();
    const child = await holder(dataDir);
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await expect.poll(() => said.split('\n').length, { timeout: 20_000 }).toBeGreaterThan(50);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const last = Number(said.trimEnd().split('\n').at(-1));
    const database = await openAt(dataDir);
    expect((await inboxCounts(database.db)).pending).toBeGreaterThanOrEqual(last + 1);
    expect(await insertInbox(database.db, [entry('after')])).toMatchObject({ inserted: 1 });
  });

  it('is not opened twice by one process either', async () => {
    const dataDir = await existing();
    await openAt(dataDir);
    const error = await failure(openDatabase({ dataDir }));
    expect(error).toMatchObject({ code: 'in_use' });
    expect(error.message).toContain('in use by this process already');
  });

  it('is taken over from a process that is gone', async () => {
    const dataDir = await existing();
    await writeFile(`${dataDir}.lock`, JSON.stringify({ pid: 2 ** 22 + 1, started: '', token: 'x' }));
    const database = await openAt(dataDir);
    expect(await inboxCounts(database.db)).toMatchObject({ pending: 0 });
  });

  it('is made again when making it was interrupted', async () => {
    const dataDir = join(root, 'database');
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'PG_VERSION'), '18\n');
    await writeFile(`${dataDir}.unfinished`, '');
    const database = await openAt(dataDir);
    await expect(database.ping()).resolves.toBeUndefined();
    expect(existsSync(`${dataDir}.unfinished`)).toBe(false);
  });

  it('says in one line when the folder holds something else, and lets go of it', async () => {
    const dataDir = join(root, 'database');
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'PG_VERSION'), 'nonsense\n');
    const error = await failure(openDatabase({ dataDir }));
    expect(error).toMatchObject({ code: 'configuration' });
    expect(error.message).toContain(`the embedded database in ${dataDir} cannot be opened`);
    expect(error.message).not.toContain('\n');
    expect(existsSync(`${dataDir}.lock`)).toBe(false);
  });
});
