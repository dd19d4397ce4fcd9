/**
 * What the scripts know about this checkout: whether the dependencies are the lockfile's, and whether the build is newer
 * than the sources. No dependency but Node, because nothing is installed yet when it is needed.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const ROOMS = [
  'activities',
  'cli',
  'config',
  'console',
  'crm',
  'database',
  'registry',
  'sandbox',
  'skipup',
  'temporal',
  'triggers',
  'worker',
  'workflows',
];
export const MAIN = join(ROOT, 'dist', 'cli', 'main.js');
export const BUILT = join(ROOT, 'dist', '.built');
export const INSTALLED = join(ROOT, 'node_modules', '.kickoff-installed');
/** There while npm installs. An interrupted npm leaves half packages behind and does not mend them the next time. */
export const INSTALLING = join(ROOT, 'node_modules', '.kickoff-installing');

const LOCKFILE = join(ROOT, 'package-lock.json');
const BUILD_INPUTS = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/build.mjs'];

/** One line for somebody with another Node, before anything fails in a way that nobody understands. */
export function wrongNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  if ((major === 20 && minor >= 20) || major >= 24) return undefined;
  return `Kickoff needs Node 20.20 or a newer 20, or 24 and newer; this is ${version}. See https://nodejs.org/en/download`;
}

export function lockfileHash() {
  return createHash('sha256').update(readFileSync(LOCKFILE)).digest('hex');
}

/** A checkout that somebody installed by hand counts when npm's own record is not older than the lockfile. */
export function isInstalled() {
  if (existsSync(INSTALLING)) return false;
  if (existsSync(INSTALLED)) return readFileSync(INSTALLED, 'utf8') === lockfileHash();
  const record = join(ROOT, 'node_modules', '.package-lock.json');
  return existsSync(record) && statSync(record).mtimeMs >= statSync(LOCKFILE).mtimeMs;
}

/** Folders count too: a file that was taken away shows in its folder's time. */
export function isBuilt() {
  if (!existsSync(BUILT) || !existsSync(MAIN)) return false;
  const built = statSync(BUILT).mtimeMs;
  if (BUILD_INPUTS.some((name) => statSync(join(ROOT, name)).mtimeMs > built)) return false;
  return !ROOMS.some((room) => changedSince(join(ROOT, room), built));
}

function changedSince(folder, time) {
  if (!existsSync(folder)) return false;
  if (statSync(folder).mtimeMs > time) return true;
  return readdirSync(folder, { withFileTypes: true }).some((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? changedSince(path, time) : statSync(path).mtimeMs > time;
  });
}
