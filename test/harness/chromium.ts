import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Names a Chromium or Chrome that is not on PATH. */
export const CHROMIUM_VARIABLE = 'KICKOFF_CHROMIUM';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The browser for the tests: the one that the environment names, else the first on PATH. */
export function findChromium(env: Record<string, string | undefined>): string | undefined {
  const named = env[CHROMIUM_VARIABLE];
  if (named !== undefined && named !== '') return isProgram(named) ? named : undefined;
  const folders = [...(env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/bin'];
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
