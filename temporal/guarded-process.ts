import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';

/**
 * What the shell does before it becomes the program: it leaves a guard behind that reads from a pipe which only we hold.
 * When we are gone, however we ended, the read returns and the guard ends the program and everything that it started:
 * SIGTERM first, SIGKILL after ten seconds. It costs one sleeping `sh`.
 *
 * Guard and program are one process group, so `$$` cannot come to name another process while the guard is there.
 */
const GUARD = `
( trap '' TERM INT HUP
  read -r _ <&3
  kill -TERM $$ 2>/dev/null
  n=0
  while [ $n -lt 100 ] && kill -0 $$ 2>/dev/null; do sleep 0.1; n=$((n + 1)); done
  kill -s KILL -- -$$ 2>/dev/null
) >/dev/null 2>&1 </dev/null &
exec 3<&-
exec "$@"
`;

/** How long a program may take to end after SIGTERM, in milliseconds, unless told otherwise. */
const STOP_MS = 10_000;

export interface GuardedProcess {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when the program, what it started and its guard are gone and its output is read. Never rejects. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; error?: Error }>;
  /** SIGTERM, SIGKILL when that does not help in `graceMs`; returns when {@link ended} has settled. */
  stop(graceMs?: number): Promise<void>;
}

export interface GuardedOptions {
  env: Record<string, string | undefined>;
  cwd?: string;
}

/**
 * Starts a program that ends with us, even when we are killed with SIGKILL, and that Ctrl-C in our terminal does not
 * reach: it has its own session and process group. It does not keep our event loop alive.
 *
 * On Windows there is no `sh`: the program is started plainly and ends with `stop()` only.
 */
export function startGuarded(command: string, args: readonly string[], options: GuardedOptions): GuardedProcess {
  const posix = process.platform !== 'win32';
  const env = Object.fromEntries(Object.entries(options.env).filter(([, value]) => value !== undefined));
  const child = posix
    ? spawn('/bin/sh', ['-c', GUARD, 'sh', command, ...args], {
        env,
        cwd: options.cwd,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      })
    : spawn(command, args, { env, cwd: options.cwd, windowsHide: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const leash = child.stdio[3];
  child.unref();
  for (const stream of [child.stdout, child.stderr, leash]) unref(stream);

  const ended = new Promise<Awaited<GuardedProcess['ended']>>((settle) => {
    child.once('error', (error) => settle({ code: null, signal: null, error }));
    // Tells the guard, which ends what the program left behind and then itself: only then its end of the pipe closes, and
    // only then comes `close`.
    child.once('exit', () => release(leash));
    child.once('close', (code, signal) => settle({ code, signal }));
  });
  return {
    pid: child.pid ?? -1,
    stdout: present(child.stdout),
    stderr: present(child.stderr),
    ended,
    stop: (graceMs = STOP_MS) => stop(child, ended, graceMs),
  };
}

async function stop(child: ChildProcess, ended: Promise<unknown>, graceMs: number): Promise<void> {
  if (child.pid === undefined) return;
  child.ref();
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  if (!(await within(ended, graceMs))) {
    killGroup(child.pid);
    await ended;
  }
}

function release(leash: ChildProcess['stdio'][3]): void {
  if (leash instanceof Socket) {
    leash.resume();
    leash.end();
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch (error) {
    // It ended meanwhile.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const inTime = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}

function unref(stream: unknown): void {
  if (typeof stream === 'object' && stream !== null && 'unref' in stream && typeof stream.unref === 'function') {
    stream.unref();
  }
}

function present(stream: Readable | null): Readable {
  if (stream === null) throw new TypeError('the child was started without pipes');
  return stream;
}
