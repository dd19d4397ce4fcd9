/**
 * What the recorded kickoffs and recoveries have cost: history events, and billable actions as Temporal Cloud counts them.
 * They were recorded on real parts: Temporal's server, the worker, the database, SkipUp's and the CRM's sandbox. The project
 * must be built.
 *
 * node bench/history-cost.mjs [<name> …]   every history, or those of these names
 *   --figures   only what the documentation speaks of, in its words
 *   --anew      records them first (`npm run record-histories`)
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ROOT } from '../scripts/checkout.mjs';

const FIGURES = {
  'three-steps': 'a kickoff with 3 onboarding steps',
  'ten-steps': 'a kickoff with 10 onboarding steps',
  'lead-booked-by-itself': 'a lead that booked by itself, as somebody told',
  'lead-recovered-at-once': 'a lead recovered, with two statuses',
  'lead-recovered': 'a lead recovered, with three statuses and a changed window',
  'lead-booked-elsewhere': 'a lead that booked elsewhere while SkipUp was writing',
};

const { values, positionals } = parseArgs({
  options: { figures: { type: 'boolean', default: false }, anew: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const wanted = values.figures ? Object.keys(FIGURES) : positionals;
if (values.anew) {
  const recorder = join(ROOT, 'scripts', 'record-histories.mjs');
  const { status } = spawnSync(process.execPath, [recorder, ...wanted], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) process.exit(1);
}
const { costOf } = await import(pathToFileURL(join(ROOT, 'dist', 'cli', 'cost.js')).href);
const folder = join(ROOT, 'test', 'replay', 'histories');
const known = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -'.json'.length));
const names = wanted.length === 0 ? known : wanted;
const titleOf = (name) => (values.figures ? FIGURES[name] : name);
const width = Math.max(0, ...names.map((name) => titleOf(name).length));
for (const name of names) {
  const { events, actions } = costOf(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')));
  process.stdout.write(
    `${titleOf(name).padEnd(width)}  ${String(events).padStart(4)} events  ${String(actions).padStart(3)} actions\n`,
  );
}
