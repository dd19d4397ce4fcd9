/** Runs a program for a script: in the same terminal, ended with it, its words on standard error. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { ROOT } from './checkout.mjs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** npm and a terminal both pass a Ctrl-C on: what comes so soon after the first is the same one. */
const ECHO_MS = 500;
/** A program that has not ended by itself so long after the signal is ended. */
const PATIENCE_MS = 10_000;

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: Record<string, string | undefined>, stdout?: 'inherit' | 'stderr', patienceMs?: number }} [options]
 * @returns {Promise<number>} its exit code, or 128 + the signal's number when it or we were interrupted
 */
export function runChild(command, args, { env = process.env, stdout = 'stderr', patienceMs = PATIENCE_MS } = {}) {
  const child = spawn(command, args, {
    cwd: ROOT,
    env,
    stdio: ['inherit', stdout === 'stderr' ? 2 : 'inherit', 'inherit'],
    shell: process.platform === 'win32' && command.endsWith('.cmd'),
  });
  let interrupted;
  let patience;
  const handlers = SIGNALS.map((signal) => {
    const handler = () => {
      if (interrupted !== undefined) return;
      interrupted = signal;
      // From a terminal it has the signal already, from `kill` it has not; twice does no harm to what runs here.
      child.kill(signal);
      patience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    };
    process.on(signal, handler);
    return { signal, handler };
  });
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(patience);
      for (const { signal, handler } of handlers) process.off(signal, handler);
    };
    child.once('error', (error) => {
      done();
      reject(error);
    });
    child.once('close', (code, signal) => {
      done();
      const by = interrupted ?? signal;
      resolve(by === undefined || by === null ? (code ?? 1) : 128 + (constants.signals[by] ?? 0));
    });
  });
}

/**
 * `npm run` passes a Ctrl-C on that the terminal has already delivered. Swallows the second of the two, so that a program
 * that takes a second Ctrl-C for "at once" is not misled.
 */
export function swallowEchoes(target = process) {
  const emit = target.emit.bind(target);
  const last = new Map();
  target.emit = (event, ...args) => {
    if (SIGNALS.includes(event)) {
      const now = performance.now();
      const before = last.get(event);
      last.set(event, now);
      if (before !== undefined && now - before < ECHO_MS) return true;
    }
    return emit(event, ...args);
  };
}

/**
 * A SIGTERM to `npm run` ends npm and its shell and leaves the program behind. Run by npm, we end when npm has.
 */
export function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 250);
  watch.unref();
}
