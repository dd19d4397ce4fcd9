import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockDirectory } from '../../../database/directory-lock.ts';

let root: string;
let folder: string;
let lockFile: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kickoff-lock-'));
  folder = join(root, 'database');
  lockFile = `${folder}.lock`;
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

it('names its holder in the file, and leaves nothing when it is released', async () => {
  const lock = await lockDirectory(folder);
  expect(JSON.parse(await readFile(lockFile, 'utf8'))).toMatchObject({ pid: process.pid });
  await lock.release();
  await lock.release();
  expect(await readdir(root)).toEqual([]);
});

it('is refused while another process lives that holds it, and can be had when that has gone', async () => {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(other, 'spawn');
  await writeFile(lockFile, JSON.stringify({ pid: other.pid, started: '', token: 'x' }));
  await expect(lockDirectory(folder)).rejects.toMatchObject({
    code: 'in_use',
    message: expect.stringContaining(`in use by process ${other.pid}`),
  });
  other.kill('SIGKILL');
  await once(other, 'exit');
  const lock = await lockDirectory(folder);
  await lock.release();
});

it('is refused to the process that has it already', async () => {
  const lock = await lockDirectory(folder);
  await expect(lockDirectory(folder)).rejects.toMatchObject({ code: 'in_use' });
  await lock.release();
  const again = await lockDirectory(folder);
  await again.release();
});

it.each([
  ['a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, started: '', token: 'x' })],
  ['an earlier process with our own number', JSON.stringify({ pid: process.pid, started: 'before:1', token: 'x' })],
  [
    'an earlier process whose number is used again',
    JSON.stringify({ pid: process.ppid, started: 'before:1', token: 'x' }),
  ],
  ['nobody: empty', ''],
  ['nobody: no JSON', 'nonsense'],
  ['nobody: no lock', '{"pid":"12"}'],
])('is taken over from %s', async (_who, text) => {
  await writeFile(lockFile, text);
  const lock = await lockDirectory(folder);
  expect(JSON.parse(await readFile(lockFile, 'utf8'))).toMatchObject({ pid: process.pid });
  await lock.release();
  expect(existsSync(lockFile)).toBe(false);
});

it('goes to one of ten who find the same stale file', async () => {
  for (let round = 0; round < 20; round++) {
    await writeFile(lockFile, JSON.stringify({ pid: 2 ** 22 + 1, started: '', token: 'x' }));
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => lockDirectory(folder)));
    const locks = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(locks).toHaveLength(1);
    await Promise.all(locks.map((lock) => lock.release()));
    expect(await readdir(root)).toEqual([]);
  }
});

it('is taken over also when a crash has left the guard of an earlier take-over', async () => {
  await writeFile(lockFile, 'nonsense');
  await writeFile(`${lockFile}.takeover`, '');
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(`${lockFile}.takeover`, longAgo, longAgo);
  const lock = await lockDirectory(folder);
  await lock.release();
  expect(await readdir(root)).toEqual([]);
});

it('does not remove a lock that another has taken meanwhile', async () => {
  const lock = await lockDirectory(folder);
  await writeFile(lockFile, 'another');
  await lock.release();
  expect(await readFile(lockFile, 'utf8')).toBe('another');
});
