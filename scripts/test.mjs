/**
 * `npm test`: brings the checkout up to date, makes sure of a Temporal server with its progress shown, and runs the tests.
 * What is given after `--` goes to Vitest.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './checkout.mjs';
import { endWithNpm, runChild } from './child.mjs';
import { prepare } from './prepare.mjs';

const args = process.argv.slice(2);
const unitOnly = /--project[= ]unit\b/.test(args.join(' '));

endWithNpm();
const prepared = await prepare();
if (prepared !== 0) process.exit(prepared);
if (!unitOnly) await getTemporal();
const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
process.exit(await runChild(process.execPath, [vitest, 'run', ...args], { stdout: 'inherit' }));

/** Here rather than in the tests' set-up, because it can take minutes and a person wants to see why. */
async function getTemporal() {
  const load = (room) => import(pathToFileURL(join(ROOT, 'dist', room, 'index.js')).href);
  const [{ loadConfig }, { resolveTemporalServer, TemporalError }] = await Promise.all([
    load('config'),
    load('temporal'),
  ]);
  const controller = new AbortController();
  const abort = () => controller.abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, abort);
  try {
    const { cacheDir } = loadConfig({ env: process.env, cwd: ROOT });
    await resolveTemporalServer({ env: process.env, cacheDir, signal: controller.signal, onProgress: progress() });
  } catch (error) {
    if (controller.signal.aborted) process.exit(130);
    if (!(error instanceof TemporalError)) throw error;
    process.stderr.write(`${error.message}\nThe tests that need one are skipped.\n`);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, abort);
  }
}

/** One line that is rewritten on a terminal; elsewhere a line for each tenth. */
function progress() {
  let said = '';
  return ({ message, done, total }) => {
    const share = done === undefined ? '' : ` ${done} of about ${total}`;
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\x1b[K${message}${share}${done === total && done !== undefined ? '\n' : ''}`);
      return;
    }
    const step = done === undefined ? message : `${message} ${Math.floor((done * 10) / total) * 10} %`;
    if (step !== said && !step.includes(': fetching ')) process.stderr.write(`${step}\n`);
    said = step;
  };
}
