/**
 * `kickoff registry import` of many people, timed as whoever types it waits for it, beside what the same rows cost a bare
 * batch of inserts: into PGlite and into a PostgreSQL server of this machine's programs.
 *
 *   node bench/registry-import.mjs [--people 50000] [--accounts 5000] [--rounds 1] [--database pglite|postgres] [--json]
 *
 * Each round has new databases; of several rounds the quickest of each figure is told. In one round: a page of the history
 * (which is what starting the command costs), the import into the empty registry, again with the same file (nothing changes),
 * with every tenth name changed, with every name changed, and three pages of the history. The bare batch writes the same rows in one
 * transaction with one JSON parameter per 2,000 of them into a table of the same columns and keys, by a process that has the
 * database open: no start, no history, no comparison, nothing checked.
 *
 * Seconds as they pass depend on what else the machine does. The CPU seconds beside them, of the command and of the
 * PostgreSQL server together, do so much less: on a busy machine compare those. They are higher than the seconds that pass where
 * the work is done by several threads (the compiler of WebAssembly, garbage collection) or by two processes.
 *
 * The project is built when its sources are newer than `dist/`; nothing is installed while `dist/` is fresh.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { isBuilt, MAIN, ROOT } from '../scripts/checkout.mjs';
import { prepare } from '../scripts/prepare.mjs';
import { openBench, startPostgres } from './product.mjs';

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '50000' },
    accounts: { type: 'string', default: '5000' },
    rounds: { type: 'string', default: '1' },
    database: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const PEOPLE = Number(values.people);
const ACCOUNTS = Number(values.accounts);
const ROUNDS = Number(values.rounds);
const DATABASES = values.database === undefined ? ['pglite', 'postgres'] : [values.database];
if (
  ![PEOPLE, ACCOUNTS, ROUNDS].every((count) => Number.isInteger(count) && count > 0) ||
  !DATABASES.every((name) => name === 'pglite' || name === 'postgres')
) {
  process.stderr.write(
    'node bench/registry-import.mjs [--people 50000] [--accounts 5000] [--rounds 1] [--database pglite|postgres] [--json]\n',
  );
  process.exit(2);
}
const CHUNK = 2000;
const ROLES = ['champion', 'project_lead', 'executive_sponsor', 'it_security', 'billing', 'integration_specialist'];
const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo'];

/** In the order in which they are done, and shown. */
const STEPS = {
  start: { title: 'starting: a page of the history', args: ['history', '--limit', '1'] },
  first: { title: 'import, nobody known', args: ['import', 'people.csv'] },
  again: { title: 'import, nothing changed', args: ['import', 'people.csv'] },
  tenth: { title: 'import, a tenth changed', args: ['import', 'tenth.csv'] },
  every: { title: 'import, everybody changed', args: ['import', 'every.csv'] },
  history: { title: 'history, 100 of all', args: ['history', '--limit', '100'] },
  ofAccount: { title: 'history of an account', args: ['history', '--account', 'account-1'] },
  ofPerson: { title: 'history of a person', args: ['history', '--email', 'person1@account-1.example'] },
};
const BARE = 'a bare batch of the same rows';
/** What the command has used is told by itself when it ends, in microseconds: nobody else can ask for it. */
const TELL_CPU = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from 'node:fs';
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    writeSync(3, String(user + system));
  });
`)}`;

const code = isBuilt() ? 0 : await prepare();
if (code !== 0) process.exit(code);

const figures = Object.fromEntries(DATABASES.map((name) => [name, {}]));
const bench = openBench();
try {
  writeFileSync(
    join(bench.folder, 'people.csv'),
    csv(() => ''),
  );
  writeFileSync(
    join(bench.folder, 'tenth.csv'),
    csv((index) => (index % 10 === 0 ? ' II' : '')),
  );
  writeFileSync(
    join(bench.folder, 'every.csv'),
    csv(() => ' III'),
  );
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const name of DATABASES) {
      say(`${name}, round ${round} of ${ROUNDS}`);
      for (const [step, figure] of Object.entries(await measure(await newDatabase(name, round)))) {
        const best = figures[name][step] ?? figure;
        figures[name][step] = {
          seconds: Math.min(best.seconds, figure.seconds),
          cpuSeconds: Math.min(best.cpuSeconds, figure.cpuSeconds),
        };
      }
    }
  }
} finally {
  await bench.close();
}
report();

async function newDatabase(name, round) {
  if (name === 'pglite') {
    return {
      env: { KICKOFF_DATA_DIR: join(bench.folder, `data-${round}`) },
      bare: { dataDir: join(bench.folder, `bare-${round}`) },
      server: undefined,
    };
  }
  // A server of its own: what it has used is counted by its processes.
  const own = { folder: join(bench.folder, `server-${round}`), ends: bench.ends };
  mkdirSync(own.folder, { mode: 0o755 });
  const url = await startPostgres(own);
  return { env: { DATABASE_URL: url }, bare: { url }, server: serverOf(join(own.folder, 'postgres', 'data')) };
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

async function measure({ env, bare, server }) {
  const measured = {};
  // The tables are made before: a registry is seldom imported into a database that is a second old.
  await timed(['history', '--limit', '1'], env, server);
  for (const [step, { title, args }] of Object.entries(STEPS)) {
    measured[step] = await timed(args, env, server);
    said(title, measured[step]);
  }
  measured.bare = await bareBatch(bare, server);
  said(BARE, measured.bare);
  return measured;
}

/** The command as a user runs it, its output and all. */
async function timed(args, env, server) {
  const before = serverCpu(server);
  const began = performance.now();
  const child = spawn(process.execPath, ['--import', TELL_CPU, MAIN, 'registry', ...args], {
    cwd: bench.folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  let used = '';
  child.stdio[3].setEncoding('utf8').on('data', (text) => {
    used += text;
  });
  const [exit] = await once(child, 'close');
  const seconds = (performance.now() - began) / 1000;
  if (exit !== 0) throw new Error(`kickoff registry ${args.join(' ')} ended with ${exit}`);
  return { seconds, cpuSeconds: Number(used) / 1e6 + (serverCpu(server) - before) };
}

/** The number of the server's first process, where Linux tells what processes have used. */
function serverOf(data) {
  if (process.platform !== 'linux') return undefined;
  return readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0];
}

/** What the server and its processes have used so far, ended ones too. @returns seconds; 0 where nobody can tell */
function serverCpu(server) {
  if (server === undefined) return 0;
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    let fields;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // After the name, which may hold anything: state, parent, …, utime, stime, cutime, cstime.
      fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    } catch {
      continue; // it has ended meanwhile
    }
    const times = fields.slice(11, 15).map(Number);
    if (pid === server) ticks += times[0] + times[1] + times[2] + times[3];
    else if (fields[1] === server) ticks += times[0] + times[1];
  }
  // USER_HZ is 100 on every Linux that Node runs on.
  return ticks / 100;
}

async function bareBatch(where, server) {
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
    const before = serverCpu(server);
    const cpu = process.cpuUsage();
    const began = performance.now();
    await database.db.transaction().execute(async (tx) => {
      for (let start = 0; start < rows.length; start += CHUNK) {
        await sql`insert into bare (account_id, email, name, roles, timezone)
          select * from jsonb_to_recordset(${JSON.stringify(rows.slice(start, start + CHUNK))}::jsonb)
            as r (account_id text, email text, name text, roles jsonb, timezone text)`.execute(tx);
      }
    });
    const seconds = (performance.now() - began) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    return { seconds, cpuSeconds: (user + system) / 1e6 + (serverCpu(server) - before) };
  } finally {
    await database.close();
  }
}

function report() {
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ people: PEOPLE, accounts: ACCOUNTS, rounds: ROUNDS, figures })}\n`);
    return;
  }
  const titles = { ...Object.fromEntries(Object.entries(STEPS).map(([step, { title }]) => [step, title])), bare: BARE };
  const width = Math.max(...Object.values(titles).map((title) => title.length));
  const of = ROUNDS === 1 ? '' : `, best of ${ROUNDS} rounds`;
  const lines = [`${PEOPLE} people of ${ACCOUNTS} accounts${of}: seconds, CPU seconds (each as times the bare batch)`];
  for (const [name, steps] of Object.entries(figures)) {
    lines.push('', name);
    for (const [step, title] of Object.entries(titles)) {
      const cell = (key) => `${steps[step][key].toFixed(1).padStart(6)} (${times(steps, step, key)})`;
      lines.push(`  ${title.padEnd(width)} ${cell('seconds')} ${cell('cpuSeconds')}`);
    }
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

function times(steps, step, key) {
  return (steps[step][key] / steps.bare[key]).toFixed(1).padStart(4);
}

function said(title, { seconds, cpuSeconds }) {
  say(`  ${title}: ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of CPU`);
}

function say(text) {
  process.stderr.write(`${text}\n`);
}
