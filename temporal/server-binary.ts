import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { reasonOf } from './errors.ts';
import { runProgram } from './run-program.ts';

/** The Temporal CLI is one binary; `temporal server start-dev` is the server. */
export const BINARY_NAME = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
/** The binary is 200 MB; its first start after a reboot reads it from disk. */
const VERSION_MS = 20_000;

/**
 * Asks a binary for its version, to find out whether it is one that runs here.
 *
 * @returns the version line, or why it cannot be used
 */
export async function checkBinary(
  path: string,
  env: Record<string, string | undefined>,
  signal?: AbortSignal,
): Promise<{ version: string } | { reason: string }> {
  const result = await runProgram(path, ['--version'], { env, timeoutMs: VERSION_MS, signal });
  const version = result.lines.find((line) => /^temporal version /i.test(line));
  if (result.code === 0 && version !== undefined) return { version: version.trim() };
  if (result.late) return { reason: `${path} --version did not end within ${VERSION_MS / 1000} s` };
  const said = result.lines.at(-1);
  return {
    reason: `${path} --version ${said === undefined ? 'said nothing' : `said “${reasonOf(said).slice(0, 200)}”`}`,
  };
}

/** The program's path when it is in one of the folders of `PATH`. */
export async function findOnPath(name: string, env: Record<string, string | undefined>): Promise<string | undefined> {
  for (const folder of (env.PATH ?? '').split(delimiter).filter((entry) => entry !== '')) {
    const path = join(folder, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

export async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
