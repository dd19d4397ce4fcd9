/**
 * How long the console's overview, list and search take at the server, over HTTP, with 100,000 kickoffs: beside the same
 * with 100, and beside a bare `select 1` of the same server, on PostgreSQL (of this machine's programs) and on PGlite.
 *
 *   node bench/console.mjs [--kickoffs 100000] [--requests 40] [--database postgres|pglite] [--json]
 *
 * Three servers' requests take turns, one at a time, so that what else the machine does is in all of them. Each kind of page
 * is asked for a few times before it is measured. Temporal is one that answers at once: what the overview asks it is no
 * matter of how many kickoffs there are.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { Agent, request } from 'undici';
import { isBuilt } from '../scripts/checkout.mjs';
import { prepare } from '../scripts/prepare.mjs';
import { SEARCHES } from './console-seed.mjs';
import { openBench, quantile, startPostgres } from './product.mjs';

const { values } = parseArgs({
  options: {
    kickoffs: { type: 'string', default: '100000' },
    requests: { type: 'string', default: '40' },
    database: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const MANY = Number(values.kickoffs);
const REQUESTS = Number(values.requests);
const KINDS = values.database === undefined ? ['postgres', 'pglite'] : [values.database];
if (
  ![MANY, REQUESTS].every((count) => Number.isInteger(count) && count >= 10) ||
  !KINDS.every((kind) => kind === 'postgres' || kind === 'pglite')
) {
  process.stderr.write(
    'node bench/console.mjs [--kickoffs 100000] [--requests 40] [--database postgres|pglite] [--json]\n',
  );
  process.exit(2);
}
const FEW = 100;
/** What list and search are held to, milliseconds. */
const MOST_MS = 100;
const WARM = 3;

const token = randomBytes(32).toString('base64url');
const agent = new Agent({ keepAliveTimeout: 60_000 });
const search = (q) => `/kickoffs?${new URLSearchParams({ q })}`;
/** @returns the pages, by what they are called; those marked `isHeld` are lists and searches */
const pagesOf = ({ deep, dealId, requestId }) => ({
  overview: { path: '/' },
  'list, newest': { path: '/kickoffs', isHeld: true },
  'list, from the middle': { path: `/kickoffs?before=${encodeURIComponent(deep)}`, isHeld: true },
  'list, back from there': { path: `/kickoffs?after=${encodeURIComponent(deep)}`, isHeld: true },
  'filter: a phase': { path: '/kickoffs?phase=paused', isHeld: true },
  'filter: phases, most of all': { path: '/kickoffs?phase=done&phase=cancelled', isHeld: true },
  'filter: needs a person': { path: '/kickoffs?needs=person', isHeld: true },
  'filter: an account': { path: '/kickoffs?account=a-77', isHeld: true },
  'filter: an organizer': { path: '/kickoffs?organizer=cs7%40vendor.example', isHeld: true },
  'filter: a month': { path: '/kickoffs?from=2025-06-01&to=2025-06-30', isHeld: true },
  'search: a deal’s id': { path: search(dealId), isHeld: true },
  'search: a request’s id': { path: search(requestId), isHeld: true },
  'search: an account': { path: search(SEARCHES.account), isHeld: true },
  'search: an address': { path: search(SEARCHES.person), isHeld: true },
  'search: a name': { path: search(SEARCHES.name), isHeld: true },
  'search: a common word': { path: search(SEARCHES.commonWord), isHeld: true },
  'search: a word of old ones only': { path: search(SEARCHES.oldWord), isHeld: true },
  'search: two letters': { path: search(SEARCHES.twoLetters), isHeld: true },
  'search: two letters, no hit': { path: search(SEARCHES.twoLettersNoHit), isHeld: true },
  'search: no hit': { path: search(SEARCHES.noHit), isHeld: true },
  'search: no hit, of common parts': { path: search(SEARCHES.noHitOfCommonParts), isHeld: true },
  'search and phase': { path: `${search(SEARCHES.commonWord)}&phase=paused`, isHeld: true },
});

const code = isBuilt() ? 0 : await prepare();
if (code !== 0) process.exit(code);

const bench = openBench();
const report = [];
try {
  for (const kind of KINDS) {
    const places = await databasesOf(kind);
    const many = await serve(`${kind}, ${MANY} kickoffs`, { where: places[0], kickoffs: MANY, token });
    const few = await serve(`${kind}, ${FEW} kickoffs`, { where: places[1], kickoffs: FEW, token });
    const named = Object.keys(pagesOf(many));
    for (const [index, name] of named.entries()) {
      progress(`${kind}: ${name}`, index, named.length);
      report.push({ kind, name, ...(await measure(pagesOf(many)[name], many.url, pagesOf(few)[name], few.url)) });
    }
    progress(kind, named.length, named.length);
    await many.end();
    await few.end();
  }
} finally {
  await agent.close();
  await bench.close();
}
tell();

/** @returns where the many are, and the few */
async function databasesOf(kind) {
  if (kind === 'pglite') return ['many', 'few'].map((name) => ({ dataDir: join(bench.folder, name) }));
  const url = await startPostgres(bench);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('create database few');
  await client.end();
  return [{ url }, { url: url.replace(/\/[^/]+$/, '/few') }];
}

async function serve(what, options) {
  const script = fileURLToPath(new URL('./console-server.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    await closed;
  };
  bench.ends.push(end);
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line);
    if (said.type === 'seeded') progress(`seeding ${what}`, said.done, options.kickoffs);
    else return { ...said, end };
  }
  throw new Error(`the server of ${what} ended before it was ready`);
}

/** The two pages and the bare statement take turns. @returns milliseconds */
async function measure(many, manyUrl, few, fewUrl) {
  const taken = { many: [], few: [], bare: [] };
  for (let round = -WARM; round < REQUESTS; round += 1) {
    const times = {
      many: await timed(`${manyUrl}${many.path}`),
      few: await timed(`${fewUrl}${few.path}`),
      bare: await timed(`${manyUrl}/bench/select-1`),
    };
    for (const [name, ms] of Object.entries(times)) if (round >= 0) taken[name].push(ms);
  }
  const of = (list) => ({ p50: quantile(list, 0.5), p95: quantile(list, 0.95) });
  return { isHeld: many.isHeld === true, many: of(taken.many), few: of(taken.few), bare: of(taken.bare) };
}

async function timed(url) {
  const began = performance.now();
  const { statusCode, body } = await request(url, {
    dispatcher: agent,
    headers: { cookie: `kickoff_session=${token}` },
  });
  const text = await body.text();
  const ms = performance.now() - began;
  if (statusCode !== 200) throw new Error(`${url}: ${statusCode} ${text.slice(0, 500)}`);
  return ms;
}

function tell() {
  const held = report.filter(({ isHeld }) => isHeld);
  const slow = held.filter(({ many }) => many.p95 >= MOST_MS);
  if (values.json) {
    process.stdout.write(
      `${JSON.stringify({ kickoffs: MANY, requests: REQUESTS, isKept: slow.length === 0, report })}\n`,
    );
    return;
  }
  const ms = (value) => value.toFixed(1).padStart(8);
  for (const kind of KINDS) {
    process.stdout.write(
      `\n${kind}, milliseconds            ${MANY} kickoffs      ${FEW} kickoffs       select 1     ratios of p50\n`,
    );
    process.stdout.write(`${' '.repeat(34)}p50     p95     p50     p95     p50     p95    to ${FEW}   to select 1\n`);
    for (const { name, many, few, bare } of report.filter((line) => line.kind === kind)) {
      const times = [many.p50, many.p95, few.p50, few.p95, bare.p50, bare.p95].map(ms).join('');
      const ratios = `${(many.p50 / few.p50).toFixed(1).padStart(8)}${(many.p50 / bare.p50).toFixed(1).padStart(12)}`;
      process.stdout.write(`${name.padEnd(32)}${times}${ratios}\n`);
    }
  }
  const [load] = loadavg();
  if (load > availableParallelism()) {
    process.stdout.write(
      `\nThe machine was busy (load ${load.toFixed(1)}, ${availableParallelism()} processors): the ratios say more than the milliseconds.\n`,
    );
  }
  const names = slow.map(({ kind, name, many }) => `${kind}, ${name} (${many.p95.toFixed(0)} ms)`);
  process.stdout.write(
    slow.length === 0
      ? `\nEvery list and search took less than ${MOST_MS} ms in 95 of 100.\n`
      : `\nNot below ${MOST_MS} ms in 95 of 100: ${names.join('; ')}.\n`,
  );
}

function progress(what, done, n) {
  if (!process.stderr.isTTY) return;
  const WIDTH = 30;
  const full = Math.round((done / n) * WIDTH);
  process.stderr.write(`\r\x1b[K${what.padEnd(44)} ${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${done}/${n}`);
  if (done === n) process.stderr.write('\r\x1b[K');
}
