import { mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { TemporalError } from './errors.ts';

/** The holder touches its file that often; nobody touched it for {@link STALE_MS}: the holder is gone. */
const BEAT_MS = 5000;
const STALE_MS = 30_000;
const LOOK_MS = 250;

export interface LockOptions {
  signal?: AbortSignal | undefined;
  /** Called once when another process has the lock. */
  onWait?: ((holder: string) => void) | undefined;
}

/**
 * Runs `work` while no other process of this user does the same: two demonstrations started at once build one server.
 * A lock whose holder was killed is taken over.
 *
 * @throws TemporalError `aborted` while it waits
 */
export async function withLock<T>(path: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const mark = `${process.pid}@${hostname()}`;
  let told = false;
  while (!(await take(path, mark))) {
    const holder = await readFile(path, 'utf8').catch(ignoreMissing);
    if (!told && holder !== undefined) {
      told = true;
      options.onWait?.(holder);
    }
    if (await isStale(path, holder)) await setAside(path, mark);
    else await pause(LOOK_MS, options.signal);
  }
  const beat = setInterval(() => {
    const now = new Date();
    // A missing file means that somebody thought us dead; the rename at the end of `work` is atomic all the same.
    utimes(path, now, now).catch(ignoreMissing);
  }, BEAT_MS);
  beat.unref();
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(path, { force: true });
  }
}

async function take(path: string, mark: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(mark);
    await file.close();
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(path: string, holder: string | undefined): Promise<boolean> {
  const stats = await stat(path).catch(ignoreMissing);
  if (stats === undefined || holder === undefined) return false;
  if (Date.now() - stats.mtimeMs > STALE_MS) return true;
  const [pid, host] = holder.split('@');
  return host === hostname() && /^\d+$/.test(pid ?? '') && !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

/** By renaming, so that of several processes that find it stale one removes it. */
async function setAside(path: string, mark: string): Promise<void> {
  const aside = `${path}.${mark}.stale`;
  await rename(path, aside).catch(ignoreMissing);
  await rm(aside, { force: true });
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(new TemporalError('aborted', 'ended while another process prepared the Temporal server'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
  return undefined;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
