import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export type Line = { type: string } & Record<string, unknown>;

/** A `kickoff` command in a process of its own, with `--json`. */
export interface RunningCommand {
  process: ChildProcess;
  lines: Line[];
  stderr(): string;
  /** Waits for a line of the type. */
  line(type: string, timeoutMs?: number): Promise<Line>;
  /** Sends the signal and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
  /** Settles with the exit code. */
  exited: Promise<number | null>;
}

const running = new Set<ChildProcess>();

/** Starts `kickoff <args> --json`. Ended with the test by `endCommands`. */
export function startCommand(
  args: string[],
  options: { env?: Record<string, string | undefined>; cwd?: string } = {},
): RunningCommand {
  const { CI: _ci, LOG_LEVEL: _level, ...env } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args, '--json'], {
    cwd: options.cwd,
    env: { ...env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const lines: Line[] = [];
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  createInterface({ input: child.stdout }).on('line', (text) => lines.push(JSON.parse(text)));
  const exited = once(child, 'exit').then(([code]: (number | null)[]) => {
    running.delete(child);
    return code ?? null;
  });
  return {
    process: child,
    lines,
    stderr: () => stderr,
    exited,
    line: async (type, timeoutMs = 60_000) =>
      await vi.waitFor(
        () => {
          const found = lines.find((line) => line.type === type);
          if (found !== undefined) return found;
          throw new Error(`no line of type ${type} from kickoff ${args.join(' ')}; so far ${lines.length}\n${stderr}`);
        },
        { timeout: timeoutMs, interval: 50 },
      ),
    async end(signal = 'SIGINT') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return await exited;
    },
  };
}

/** Ends whatever a failed test has left. */
export async function endCommands(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }),
  );
}

/** Whether something listens on a port of this machine. */
export function isListening(address: string): Promise<boolean> {
  const { hostname, port } = new URL(address.includes('://') ? address : `tcp://${address}`);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
