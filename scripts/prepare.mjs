/** Brings a checkout to where it can run: the dependencies of the lockfile, and a build of these sources. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { INSTALLED, INSTALLING, isBuilt, isInstalled, lockfileHash, ROOT, wrongNode } from './checkout.mjs';
import { runChild } from './child.mjs';

const say = (text) => process.stderr.write(`${text}\n`);

/**
 * Everything is said on standard error: standard output belongs to the command.
 *
 * @returns {Promise<number>} 0, or the exit code to end with
 */
export async function prepare() {
  const wrong = wrongNode();
  if (wrong !== undefined) {
    say(wrong);
    return 1;
  }
  const installed = isInstalled() ? 0 : await timed(installing(), install);
  if (installed !== 0) return installed;
  return isBuilt() ? 0 : await timed('Building', build);
}

function installing() {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  return `Installing dependencies (npm install, ${Object.keys(packages).length - 1} packages, about 500 MB; half a minute)`;
}

async function install() {
  if (existsSync(INSTALLING)) rmSync(join(ROOT, 'node_modules'), { recursive: true, force: true });
  mkdirSync(join(ROOT, 'node_modules'), { recursive: true });
  writeFileSync(INSTALLING, '');
  rmSync(INSTALLED, { force: true });
  // Not `npm ci`: it refuses a lockfile that does not name the optional packages of every platform. With --no-save the
  // lockfile counts just as much and is not written.
  const code = await npm(['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']);
  if (code !== 0) return code;
  writeFileSync(INSTALLED, lockfileHash());
  rmSync(INSTALLING, { force: true });
  return 0;
}

function npm(args) {
  const cli = process.env.npm_execpath;
  // `npm run` tells where it is; by itself, `node scripts/run.mjs` looks on PATH.
  if (cli !== undefined && /npm-cli\.js$/.test(cli) && existsSync(cli)) {
    return runChild(process.execPath, [cli, ...args], { patienceMs: 1000 });
  }
  return runChild(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, { patienceMs: 1000 });
}

function build() {
  return runChild(process.execPath, [join(ROOT, 'scripts', 'build.mjs')]);
}

async function timed(what, run) {
  say(`${what} …`);
  const began = performance.now();
  const code = await run();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  // An interruption needs no comment.
  if (code === 0) say(`${what.split(' (')[0]}: done in ${seconds} s`);
  else if (code < 128) say(`${what.split(' (')[0]}: failed`);
  return code;
}
