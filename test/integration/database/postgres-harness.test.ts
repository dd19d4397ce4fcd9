import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inboxCounts, openDatabase } from '../../../database/index.ts';
import { type Compiled, compile } from '../../harness/compiled.ts';
import { describePostgres } from '../../harness/databases.ts';

async function folderOf(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    return rows[0]?.data_directory ?? '';
  } finally {
    await client.end();
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  // A server that goes down says so on the open connection as well.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

describePostgres('the PostgreSQL of a test run', (cluster) => {
  it('gives databases with all tables, apart from one another', async () => {
    const [one, two] = await Promise.all([cluster().newDatabase(), cluster().newDatabase()]);
    expect(one).not.toBe(two);
    const database = await openDatabase({ url: one });
    expect(await inboxCounts(database.db)).toMatchObject({ pending: 0 });
    await database.close();
  });

  describe('started by a process', () => {
    let compiled: Compiled;
    let child: ChildProcess;

    beforeAll(async () => {
      compiled = await compile('test/harness/postgres.ts');
      const keeper = fileURLToPath(new URL('../../harness/postgres-keeper.mjs', import.meta.url));
      await copyFile(keeper, fileURLToPath(new URL('postgres-keeper.mjs', compiled.url)));
    });
    afterAll(async () => {
      child.kill('SIGKILL');
      await compiled.remove();
    });

    it('is gone, folder and all, when that process is killed', async () => {
      const program = `
        const { startPostgres } = await import(${JSON.stringify(compiled.url)});
        const cluster = await startPostgres();
        console.log(cluster.url);
        setInterval(() => undefined, 1000);
      `;
      child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
      if (child.stdout === null) throw new Error('no output');
      const [said]: unknown[] = await once(child.stdout, 'data');
      const url = String(said).trim();
      const folder = await folderOf(url);
      expect(existsSync(folder) && (await answers(url))).toBe(true);
      child.kill('SIGKILL');
      await expect.poll(() => answers(url), { timeout: 20_000 }).toBe(false);
      await expect.poll(() => existsSync(folder), { timeout: 20_000 }).toBe(false);
    });

    it('lets a process end that never stopped it', async () => {
      const program = `
        const { startPostgres } = await import(${JSON.stringify(compiled.url)});
        console.log((await startPostgres()).url);
      `;
      child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
      if (child.stdout === null) throw new Error('no output');
      const [[said], [code]] = await Promise.all([once(child.stdout, 'data'), once(child, 'exit')]);
      expect(code).toBe(0);
      await expect.poll(() => answers(String(said).trim()), { timeout: 20_000 }).toBe(false);
    });
  });
});
