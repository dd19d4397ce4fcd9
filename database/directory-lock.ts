import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { DatabaseError } from './errors.ts';

const holderSchema = z.object({
  pid: z.number().int().positive(),
  /** When that process started, in the kernel's own ticks: a pid is used again, above all in containers. Empty where it cannot be known. */
  started: z.string(),
  token: z.string(),
});
type Holder = z.infer<typeof holderSchema>;

/** Tokens of the locks that this very process holds. */
const ours = new Set<string>();

/** A lock file is filled right after it is made; an empty one older than this was left by a crash in between. */
const FILLING_MS = 1_000;
const POLL_MS = 20;
const GUARD_MS = 5_000;

/**
 * Makes this process the only one that uses a folder, by the file `<folder>.lock` beside it. The lock of a process that
 * is gone is taken over. It tells processes of one machine (or one container) apart, no more.
 *
 * @throws {DatabaseError} `in_use`, naming the process that holds it
 */
export async function lockDirectory(folder: string): Promise<{ release(): Promise<void> }> {
  const path = `${folder}.lock`;
  await mkdir(dirname(path), { recursive: true });
  const holder: Holder = { pid: process.pid, started: startOf(process.pid) ?? '', token: randomUUID() };
  const text = JSON.stringify(holder);
  while (!(await createExclusively(path, text))) {
    const found = await readLock(path);
    if (found === undefined) continue;
    if (found.holder !== undefined && isAlive(found.holder)) throw inUse(folder, found.holder.pid);
    await removeStale(path, found.text);
  }
  ours.add(holder.token);
  return {
    release: async () => {
      if (!ours.delete(holder.token)) return;
      const found = await readLock(path);
      if (found?.text === text) await rm(path, { force: true });
    },
  };
}

function inUse(folder: string, pid: number): DatabaseError {
  const shown = relative(process.cwd(), folder);
  const name = shown === '' || shown.startsWith('..') ? folder : shown;
  const who = pid === process.pid ? 'this process already' : `process ${pid}`;
  return new DatabaseError(
    'in_use',
    `the database in ${name} is in use by ${who}: stop that process, use another folder, or set DATABASE_URL to share one database`,
  );
}

async function createExclusively(path: string, text: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** @returns undefined when the lock has just gone; no holder when what is in it names nobody. */
async function readLock(path: string): Promise<{ text: string; holder: Holder | undefined } | undefined> {
  for (let waited = 0; ; waited += POLL_MS) {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
    if (text !== '' || waited >= FILLING_MS) return { text, holder: parseHolder(text) };
    await delay(POLL_MS);
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return undefined; // half written by a process that is gone
  }
}

/**
 * Several processes may find the same stale lock, and the slower must not remove what the faster has made in its place:
 * one at a time, under a guard file, looks again and then removes. Whoever does not get the guard comes round again.
 */
async function removeStale(path: string, staleText: string): Promise<void> {
  const guard = `${path}.takeover`;
  if (!(await createExclusively(guard, ''))) {
    await removeAbandonedGuard(guard);
    await delay(POLL_MS);
    return;
  }
  try {
    const found = await readLock(path);
    if (found?.text === staleText) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

/** It is held for a few milliseconds; one that is older was left by a crash. */
async function removeAbandonedGuard(guard: string): Promise<void> {
  try {
    const { mtimeMs } = await stat(guard);
    if (Date.now() - mtimeMs > GUARD_MS) await rm(guard, { force: true });
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

function isAlive(holder: Holder): boolean {
  if (holder.pid === process.pid) return ours.has(holder.token);
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    // EPERM: it runs, and belongs to somebody else.
  }
  const started = startOf(holder.pid);
  return started === undefined || holder.started === '' || started === holder.started;
}

/** Field 22 of /proc/<pid>/stat with the machine's boot id; undefined where there is no /proc. */
function startOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may hold spaces.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return ticks === undefined ? undefined : `${boot}:${ticks}`;
  } catch {
    return undefined;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
