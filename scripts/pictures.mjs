/**
 * Takes the pictures of the console that stand in the README: brings up everything that `kickoff dev` brings up, in a folder
 * of its own and on free ports, lets made-up deals close and their kickoffs go their ways, signs in by a one-time link in
 * Chromium, and writes docs/images/console-*.png. It ends by itself, after some three minutes.
 *
 *   npm run pictures [-- --out <folder>] [-- --keep]
 *
 * --out    elsewhere than in docs/images
 * --keep   leaves everything up at the end, to look around; Ctrl-C ends it
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './checkout.mjs';
import { findChromium } from './chromium.mjs';
import { prepare } from './prepare.mjs';

const { values: options } = parseArgs({
  options: { out: { type: 'string' }, keep: { type: 'boolean', default: false } },
});
const executablePath = findChromium();
if (executablePath === undefined) {
  process.stderr.write(
    'There is no Chromium on PATH: install one (apt install chromium), or name it in KICKOFF_CHROMIUM.\n',
  );
  process.exit(1);
}
const code = await prepare();
if (code !== 0) process.exit(code);

// What they import is there only now.
const { load } = await import('./pictures/load.mjs');
const { letPastHappen, letPresentHappen } = await import('./pictures/run.mjs');
const { moveTimes } = await import('./pictures/move-times.mjs');
const { MOST_BYTES, shoot } = await import('./pictures/shoot.mjs');
const { PICTURES } = await import('./pictures/pages.mjs');
const { newSignInLink } = await load('console/index.js');
const { createOutput } = await load('cli/output.js');
const { createProgress } = await load('cli/progress.js');

const output = createOutput(false);
const progress = createProgress(output);
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => ending.abort(new Error('interrupted')));
const { signal } = ending;
const folder = resolve(options.out ?? join(ROOT, 'docs', 'images'));
mkdirSync(folder, { recursive: true });
const dataDir = mkdtempSync(join(tmpdir(), 'kickoff-pictures-'));
try {
  const past = await letPastHappen({ dataDir, progress, signal });
  const { stack, teardown, readings, play } = await letPresentHappen({ dataDir, progress, signal });
  try {
    const { db } = stack.services.database;
    await progress.stage('Times of the run, in place of the wall’s', () => moveTimes(db, [past, readings]));
    await progress.stage('Sweep and catching up', () => play.sweepAndCatchUp());
    const { url: link } = await newSignInLink(db, {
      name: 'ada',
      role: 'operator',
      publicUrl: stack.serveUrl,
      now: new Date(),
    });
    const taken = await progress.stage('Pictures', (say) =>
      shoot({ executablePath, link, folder, pictures: PICTURES, timezone: 'America/New_York', say }),
    );
    for (const { file, bytes } of taken) output.emit({ type: 'picture' }, `  ${file} · ${Math.round(bytes / 1000)} kB`);
    const large = taken.filter(({ bytes }) => bytes > MOST_BYTES);
    if (large.length > 0) throw new Error(`over ${MOST_BYTES / 1000} kB: ${large.map(({ name }) => name).join(', ')}`);
    if (options.keep) {
      output.emit({ type: 'kept' }, `The console, for one sign-in: ${stack.consoleLink}\nCtrl-C ends it.`);
      await new Promise((done) => signal.addEventListener('abort', done, { once: true }));
    }
  } finally {
    await teardown.run();
  }
} catch (error) {
  if (!signal.aborted) process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = signal.aborted ? 130 : 1;
} finally {
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
}
