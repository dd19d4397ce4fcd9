/**
 * What the recorded kickoffs and recoveries have cost: history events, and billable actions as Temporal Cloud counts them.
 * The project must be built.
 *
 * node bench/history-cost.mjs [<name> …]   only the histories of these names
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../scripts/checkout.mjs';

const { costOf } = await import(pathToFileURL(join(ROOT, 'dist', 'cli', 'cost.js')).href);
const folder = join(ROOT, 'test', 'replay', 'histories');
const wanted = process.argv.slice(2);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -'.json'.length))
  .filter((name) => wanted.length === 0 || wanted.includes(name));
const width = Math.max(0, ...names.map((name) => name.length));
for (const name of names) {
  const { events, actions } = costOf(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')));
  process.stdout.write(
    `${name.padEnd(width)}  ${String(events).padStart(4)} events  ${String(actions).padStart(3)} actions\n`,
  );
}
