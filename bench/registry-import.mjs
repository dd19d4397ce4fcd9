/**
 * `kickoff registry import` of many people, timed as whoever types it waits for it, beside what the same rows cost a bare
 * batch of inserts: into PGlite and into a PostgreSQL server of this machine's programs.
 *
 *   node bench/registry-import.mjs [--people 50000] [--accounts 5000] [--json]
 *
 * Each database is new. The command is run three times: into the empty registry, again with the same file (nothing
 * changes), and with every tenth name changed. The bare batch writes the same rows in one transaction with one JSON parameter
 * per 2,000 of them into a table of the same columns and keys, with no history, no comparison and nothing checked.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { MAIN, ROOT } from '../scripts/checkout.mjs';
import { prepare } from '../scripts/prepare.mjs';
import { openBench, startPostgres } from './product.mjs';

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '50000' },
    accounts: { type: 'string', default: '5000' },
    json: { type: 'boolean', default: false },
  },
});
const PEOPLE = Number(values.people);
const ACCOUNTS = Number(values.accounts);
if (!(Number.isInteger(PEOPLE) && PEOPLE > 0 && Number.isInteger(ACCOUNTS) && ACCOUNTS > 0)) {
  process.stderr.write('node bench/registry-import.mjs [--people 50000] [--accounts 5000] [--json]\n');
  process.exit(2);
}
const CHUNK = 2000;
const ROLES = ['champion', 'project_lead', 'executive_sponsor', 'it_security', 'billing', 'integration_specialist'];
const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo'];

const code = await prepare();
if (code !== 0) process.exit(code);

const bench = openBench();
try {
  const file = join(bench.folder, 'people.csv');
  const changed = join(bench.folder, 'changed.csv');
  writeFileSync(
    file,
    csv(() => ''),
  );
  writeFileSync(
    changed,
    csv((index) => (index % 10 === 0 ? ' II' : '')),
  );
  const figures = {};
  say('PGlite: starting');
  figures.pglite = await measure({ KICKOFF_DATA_DIR: join(bench.folder, 'data') }, file, changed, () =>
    bareBatch({ dataDir: join(bench.folder, 'bare') }),
  );
  say('PostgreSQL: starting');
  const url = await startPostgres(bench);
  figures.postgres = await measure({ DATABASE_URL: url }, file, changed, () => bareBatch({ url }));
  report(figures);
} finally {
  await bench.close();
}

function person(index) {
  const account = `account-${index % ACCOUNTS}`;
  return {
    account_id: account,
    email: `person${index}@${account}.example`,
    name: `Person Number ${index}`,
    roles: [ROLES[index % ROLES.length]],
    timezone: ZONES[index % ZONES.length],
  };
}

function csv(suffix) {
  const lines = Array.from({ length: PEOPLE }, (_, index) => {
    const { account_id: account, email, name, roles, timezone } = person(index);
    return `${account},${email},${name}${suffix(index)},customer,${roles.join(';')},${timezone},DE`;
  });
  return `account_id,email,name,side,roles,timezone,account_country\n${lines.join('\n')}\n`;
}

async function measure(env, file, changed, bare) {
  // The tables are made before: a registry is seldom imported into a database that is a second old.
  await timed(['registry', 'history', '--limit', '1'], env, 'making the tables');
  return {
    first: await timed(['registry', 'import', file], env, `importing ${PEOPLE} people`),
    again: await timed(['registry', 'import', file], env, 'importing the same file again'),
    tenth: await timed(['registry', 'import', changed], env, 'importing with every tenth name changed'),
    bare: await bare(),
  };
}

/** The command as a user runs it, its output and all. @returns seconds */
async function timed(args, env, what) {
  say(`  ${what} …`);
  const began = performance.now();
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: bench.folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [exit] = await once(child, 'exit');
  if (exit !== 0) throw new Error(`kickoff ${args.join(' ')} ended with ${exit}`);
  const seconds = (performance.now() - began) / 1000;
  say(`  ${what}: ${seconds.toFixed(1)} s`);
  return seconds;
}

async function bareBatch(where) {
  const dist = (room) => import(pathToFileURL(join(ROOT, 'dist', room, 'index.js')).href);
  const { openDatabase } = await dist('database');
  const { sql } = await import('kysely');
  const database = await openDatabase(where);
  try {
    await sql`create table bare (
      id bigint generated always as identity primary key, account_id text not null, email text not null, name text,
      roles jsonb not null, timezone text, created_at timestamptz not null default now(), unique (account_id, email)
    )`.execute(database.db);
    const rows = Array.from({ length: PEOPLE }, (_, index) => person(index));
    const began = performance.now();
    await database.db.transaction().execute(async (tx) => {
      for (let start = 0; start < rows.length; start += CHUNK) {
        await sql`insert into bare (account_id, email, name, roles, timezone)
          select * from jsonb_to_recordset(${JSON.stringify(rows.slice(start, start + CHUNK))}::jsonb)
            as r (account_id text, email text, name text, roles jsonb, timezone text)`.execute(tx);
      }
    });
    const seconds = (performance.now() - began) / 1000;
    say(`  a bare batch of the same rows: ${seconds.toFixed(1)} s`);
    return seconds;
  } finally {
    await database.close();
  }
}

function report(figures) {
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ people: PEOPLE, accounts: ACCOUNTS, seconds: figures })}\n`);
    return;
  }
  const names = { first: 'first import', again: 'same again', tenth: 'a tenth changed', bare: 'bare batch' };
  process.stdout.write(`${PEOPLE} people of ${ACCOUNTS} accounts, seconds (times the bare batch)\n`);
  for (const [database, times] of Object.entries(figures)) {
    const cells = Object.entries(times).map(
      ([key, seconds]) => `${names[key]} ${seconds.toFixed(1)} (${(seconds / times.bare).toFixed(1)})`,
    );
    process.stdout.write(`${database.padEnd(9)} ${cells.join(' · ')}\n`);
  }
}

function say(text) {
  process.stderr.write(`${text}\n`);
}
