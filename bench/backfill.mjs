/**
 * A backfill of many historical deals against the sandbox, its clock sped up, while live deals close: is every deal asked
 * for exactly once, does SkipUp's limit hold, how much of it is used, and how long does a live deal wait?
 *
 *   node bench/backfill.mjs [--deals 10000] [--scale 4] [--live-every 12] [--database <url>] [--json]
 *
 * Every part is a process of its own: the sandbox (SkipUp and HubSpot), PostgreSQL, Temporal's dev server, `kickoff serve`,
 * `kickoff worker`, `kickoff backfill`. Time is the sandbox's own: with --scale 4 its minute passes in 15 s, and all that
 * the configuration says per minute is four times as much. Kickoffs have no steps; the sweep and the catching-up are off.
 *
 * What the processes need for a deal is real time: two seconds of the sandbox's are 500 ms at --scale 4, so a machine that
 * does other things at the same time needs a smaller one. Two free cores keep up with 4; 10,000 deals take 22 minutes then.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { MAIN } from '../scripts/checkout.mjs';
import { prepare } from '../scripts/prepare.mjs';

const USAGE =
  'node bench/backfill.mjs [--deals 10000] [--scale 4] [--live-every 12] [--database <url>] [--json]\n' +
  '  --scale        how many times as fast as the wall’s the sandbox’s clock runs\n' +
  '  --live-every   a live deal closes after so many seconds of the sandbox’s time\n' +
  '  --database     an empty PostgreSQL database; default: a server of this machine’s programs is started\n';

const { values } = parseArgs({
  options: {
    deals: { type: 'string', default: '10000' },
    scale: { type: 'string', default: '4' },
    'live-every': { type: 'string', default: '12' },
    database: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const DEALS = Number(values.deals);
const SCALE = Number(values.scale);
const LIVE_EVERY_SECONDS = Number(values['live-every']);
if (!(Number.isInteger(DEALS) && DEALS > 0 && SCALE > 0 && LIVE_EVERY_SECONDS > 0)) {
  process.stderr.write(USAGE);
  process.exit(2);
}

/** SkipUp's limit, and what is to be reached. */
const LIMIT = 120;
const LEAST_SHARE = 0.95;
const MOST_LIVE_MS = 2_000;

const MINUTE_MS = 60_000;
/** So long nothing may happen at SkipUp before it is given up, in real milliseconds. */
const STANDS_STILL_MS = 60_000;
const CLIENT_SECRET = 'bench-hubspot-client-secret';
const ACCESS_TOKEN = 'bench-hubspot-access-token';
const API_KEY = 'sk_bench_backfill';
const WEBHOOK_SECRET = 'whsec_bench_backfill';
const FIRST_DEAL = 1_000_000_000;
const FIRST_LIVE_DEAL = 9_000_000_000;
const DIST = join(dirname(MAIN), '..');

let shownAt = 0;

const code = await prepare();
if (code !== 0) process.exit(code);

const folder = mkdtempSync(join(tmpdir(), 'kickoff-bench-'));
chmodSync(folder, 0o755);
const ends = [];
let exitCode = 1;
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupted.abort(new Error(signal)));
try {
  const figures = await measure();
  const unmet = goalsUnmet(figures);
  report(figures, unmet);
  exitCode = unmet.length === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.stack : String(error)}\n`);
} finally {
  for (const end of ends.reverse()) await end();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(exitCode);

async function measure() {
  const database = values.database ?? (await startPostgres());
  const temporal = await startTemporal();
  const servePort = await freePort();
  const publicUrl = `http://127.0.0.1:${servePort}`;
  const calls = [];
  const sandbox = await startSandbox(publicUrl, calls);
  const config = join(folder, 'kickoff.config.yaml');
  writeFileSync(config, configuration(sandbox.ready));
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    DATABASE_URL: database,
    TEMPORAL_ADDRESS: temporal.address,
    KICKOFF_CONFIG: config,
    PUBLIC_URL: publicUrl,
    LOG_LEVEL: 'warn',
    SKIPUP_BASE_URL: sandbox.ready.apiBaseUrl,
    SKIPUP_API_KEY: API_KEY,
    SKIPUP_WEBHOOK_SECRETS: WEBHOOK_SECRET,
    HUBSPOT_CLIENT_SECRET: CLIENT_SECRET,
    HUBSPOT_ACCESS_TOKEN: ACCESS_TOKEN,
  };
  const serve = await startKickoff('serve', ['serve', '--port', String(servePort)], env);
  const worker = await startKickoff('worker', ['worker'], env);
  const control = caller(`${sandbox.ready.url}/_sandbox`);
  const api = caller(sandbox.ready.apiBaseUrl, API_KEY);
  const events = ['created', 'booked', 'cancelled', 'follow_up_sent'].map((name) => `meeting_request.${name}`);
  await api('POST', '/webhook_endpoints', { url: `${publicUrl}/webhooks/skipup`, events });
  await control('POST', '/crm/deals/bulk', {
    count: DEALS,
    firstId: String(FIRST_DEAL),
    closedFrom: '2025-01-01T00:00:00Z',
    closedTo: '2026-01-01T00:00:00Z',
  });

  const pids = { sandbox: sandbox.pid, temporal: temporal.pid, serve: serve.pid, worker: worker.pid };
  const cpuBefore = Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuMs(pid)]));
  const began = performance.now();
  const live = closeLiveDeals(control);
  const backfilled = await runBackfill(env);
  await until(() => requestsOf(calls).size >= DEALS + live.closed.length, 'every deal’s request', calls);
  const endedAt = performance.now();
  live.stop();
  await until(
    () => live.closed.every(({ dealId }) => requestsOf(calls).has(dealId)),
    'the last live deals’ requests',
    calls,
  );
  const cpu = Object.fromEntries(
    Object.entries(pids).map(([name, pid]) => [name, (cpuMs(pid) - cpuBefore[name]) / (endedAt - began)]),
  );
  return figuresOf({ calls, live: live.closed, backfilled, seconds: (endedAt - began) / 1000, cpu });
}

/** What SkipUp saw, counted. */
function figuresOf({ calls, live, backfilled, seconds, cpu }) {
  const requests = requestsOf(calls);
  const accepted = calls.filter(({ status }) => status !== 429).map(({ at }) => at);
  const minutes = perMinute(accepted);
  const latencies = live.map(({ dealId, closedAt }) => requests.get(dealId)[0] - closedAt);
  const historical = Array.from({ length: DEALS }, (_, nth) => requests.get(String(FIRST_DEAL + nth)) ?? []);
  return {
    deals: DEALS,
    scale: SCALE,
    seconds,
    apiMinutes: (accepted.at(-1) - accepted[0]) / MINUTE_MS,
    backfilled: {
      state: backfilled.state,
      started: backfilled.started,
      skipped: backfilled.skipped,
      failed: backfilled.failed,
    },
    withoutRequest: historical.filter((made) => made.length === 0).length,
    withSeveral: [...requests.values()].filter((made) => made.length > 1).length,
    tooMany: calls.filter(({ status }) => status === 429).length,
    callsPerMinute: quantile(minutes, 0.5),
    leastInMinute: minutes.length === 0 ? undefined : Math.min(...minutes),
    busiestMinute: busiest(accepted),
    fullMinutes: minutes.length,
    live: live.length,
    liveP50: quantile(latencies, 0.5),
    liveP95: quantile(latencies, 0.95),
    liveMost: Math.max(...latencies),
    cpu,
    node: process.version,
  };
}

function goalsUnmet(figures) {
  const { withoutRequest, withSeveral, tooMany, callsPerMinute, liveP95, backfilled } = figures;
  return [
    ...(withoutRequest === 0 && withSeveral === 0 ? [] : ['every deal exactly once']),
    ...(backfilled.failed === 0 ? [] : ['no deal fails']),
    ...(tooMany === 0 ? [] : ['no 429']),
    ...(callsPerMinute === undefined
      ? ['more than two whole minutes: take more --deals']
      : callsPerMinute >= LEAST_SHARE * LIMIT
        ? []
        : [`${LEAST_SHARE * 100} % of the limit`]),
    ...(liveP95 <= MOST_LIVE_MS ? [] : [`live deals within ${MOST_LIVE_MS} ms`]),
  ];
}

function report(figures, unmet) {
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ type: 'backfill', ...figures, unmet })}\n`);
    return;
  }
  const { scale, callsPerMinute, cpu } = figures;
  const both = (apiMs) => `${Math.round(apiMs)} ms (${Math.round(apiMs / scale)} ms real)`;
  const share = callsPerMinute === undefined ? '' : ` (${((callsPerMinute / LIMIT) * 100).toFixed(1)} % of ${LIMIT})`;
  const rows = [
    [
      `backfill of ${figures.deals} deals, clock ${scale} times as fast`,
      `${figures.seconds.toFixed(0)} s, ${figures.apiMinutes.toFixed(1)} API minutes`,
    ],
    [
      'started, skipped, failed',
      `${figures.backfilled.started}, ${total(figures.backfilled.skipped)}, ${figures.backfilled.failed}`,
    ],
    ['deals without a request, with several', `${figures.withoutRequest}, ${figures.withSeveral}`],
    ['answers 429', String(figures.tooMany)],
    [`calls per API minute, median of ${figures.fullMinutes}`, `${callsPerMinute ?? '–'}${share}`],
    ['calls in the emptiest minute', String(figures.leastInMinute ?? '–')],
    ['calls in the busiest minute, wherever it begins', String(figures.busiestMinute)],
    [`${figures.live} live deals, from close to request: p50`, both(figures.liveP50)],
    ['  p95, API time', both(figures.liveP95)],
    ['  slowest', both(figures.liveMost)],
    [
      'CPU: share of one core',
      Object.entries(cpu)
        .map(([name, used]) => `${name} ${used.toFixed(2)}`)
        .join(', '),
    ],
    ['goals', unmet.length === 0 ? 'met' : `NOT met: ${unmet.join('; ')}`],
  ];
  for (const [what, value] of rows) process.stdout.write(`${what.padEnd(56)} ${value}\n`);
}

/** What the product may do, at the sandbox's pace: everything per minute is as many times as much as its clock is faster. */
function configuration({ hubspotBaseUrl }) {
  // Of 120 calls the product uses 115.5 and keeps 4.5 free, whatever the scale: see database/turn-pace.ts.
  // Between two batches what is on its way lasts as long as it would at the wall’s pace.
  const requestsPerMinute = Math.floor(SCALE * 115.5 + 4.5);
  return [
    `crm: { hubspot: { baseUrl: '${hubspotBaseUrl}' } }`,
    `skipup: { requestsPerMinute: ${requestsPerMinute} }`,
    'sweep: { everyMinutes: 0 }',
    'catchUp: { everyMinutes: 0 }',
    `backfill: { perMinute: ${Math.ceil(SCALE * 150)}, inFlight: ${Math.ceil(SCALE * 15)} }`,
    'server: { host: 127.0.0.1 }',
    '',
  ].join('\n');
}

/** Live deals are put into the CRM and closed, one after another; HubSpot's signed webhook tells of each. */
function closeLiveDeals(control) {
  const closed = [];
  const ended = new AbortController();
  const closing = (async () => {
    for (let nth = 0; !ended.signal.aborted; nth += 1) {
      await sleep((LIVE_EVERY_SECONDS * 1000) / SCALE, undefined, { signal: ended.signal }).catch(() => undefined);
      if (ended.signal.aborted) return;
      const dealId = String(FIRST_LIVE_DEAL + nth);
      await control('PUT', `/crm/deals/${dealId}`, liveDeal(dealId));
      const { events } = await control('POST', `/crm/deals/${dealId}/close`, {});
      const event = events.find(({ propertyName }) => propertyName === 'dealstage');
      closed.push({ dealId, closedAt: event.occurredAt });
    }
  })();
  closing.catch((error) => interrupted.abort(error));
  return { closed, stop: () => ended.abort() };
}

function liveDeal(dealId) {
  return {
    properties: { dealname: `Live ${dealId}`, dealstage: 'contractsent', pipeline: 'default', amount: '10000' },
    owner: { id: '71001', email: 'jordan.lee@yourcompany.example', firstName: 'Jordan', lastName: 'Lee' },
    company: { id: `8${dealId}`, name: `Live company ${dealId}`, domain: `live-${dealId}.example` },
    contacts: [
      {
        id: `7${dealId}`,
        email: `robin@live-${dealId}.example`,
        firstName: 'Robin',
        lastName: 'Live',
        timezone: 'America/New_York',
        labels: ['Project lead'],
      },
    ],
  };
}

/** `kickoff backfill`, as a person would start it; its last progress is shown as a bar where there is a terminal. */
async function runBackfill(env) {
  const args = [
    'backfill',
    '--crm',
    'hubspot',
    '--closed-after',
    '2025-01-01',
    '--closed-before',
    '2026-01-01',
    '--json',
  ];
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
  ends.push(() => void child.kill('SIGTERM'));
  let result;
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line);
    if (said.type === 'progress') progress('backfilling', said.started ?? 0, DEALS);
    if (said.type === 'result') result = said;
    interrupted.signal.throwIfAborted();
  }
  progress('backfilling', DEALS, DEALS);
  if (result === undefined) throw new Error('kickoff backfill ended without a result');
  return result;
}

/** Every creation of a meeting request that SkipUp took, by deal: the sandbox's instants, in milliseconds. */
function requestsOf(calls) {
  const requests = new Map();
  for (const { dealId, at, status, replayed } of calls) {
    if (dealId === undefined || status !== 202 || replayed) continue;
    requests.set(dealId, [...(requests.get(dealId) ?? []), at]);
  }
  return requests;
}

/** How many calls there were in each whole minute, without the first and the last. */
function perMinute(instants) {
  const counts = [];
  for (const at of instants) {
    const minute = Math.floor((at - instants[0]) / MINUTE_MS);
    counts[minute] = (counts[minute] ?? 0) + 1;
  }
  return Array.from(counts, (count) => count ?? 0).slice(1, -1);
}

/** The most calls in any window of a minute. */
function busiest(instants) {
  let from = 0;
  let most = 0;
  for (let to = 0; to < instants.length; to += 1) {
    while (instants[to] - instants[from] >= MINUTE_MS) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

/** The sandbox in a process of its own that tells of each call to SkipUp's API in one line. */
async function startSandbox(publicUrl, calls) {
  const options = {
    clock: { anchor: new Date().toISOString(), scale: SCALE },
    seed: 'bench',
    apiKey: API_KEY,
    webhookSecret: WEBHOOK_SECRET,
    hubspot: { clientSecret: CLIENT_SECRET, accessToken: ACCESS_TOKEN, webhookUrl: `${publicUrl}/triggers/hubspot` },
    fixture: { everybody: { neverReplies: true } },
  };
  const script = `
    const { startSandbox } = await import(${JSON.stringify(pathToFileURL(join(DIST, 'sandbox', 'index.js')).href)});
    const { anchor, scale } = ${JSON.stringify(options.clock)};
    // The sandbox's own time to the millisecond: what its events say is whole seconds.
    const now = () => Date.parse(anchor) + (Date.now() - Date.parse(anchor)) * scale;
    const say = (document) => process.stdout.write(JSON.stringify(document) + '\\n');
    const sandbox = await startSandbox({
      ...${JSON.stringify(options)},
      onEvent: (event) => {
        if (event.type !== 'api' || !event.path.startsWith('/api/v1/')) return;
        const dealId = /^impl:([^:]+):/.exec(event.idempotencyKey ?? '')?.[1];
        say({ at: now(), status: event.status, replayed: event.replayed, dealId });
      },
    });
    say({ url: sandbox.url, apiBaseUrl: sandbox.apiBaseUrl, hubspotBaseUrl: sandbox.hubspotBaseUrl });
    process.once('SIGTERM', async () => {
      await sandbox.close();
      process.exit(0);
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  ends.push(() => ended(child));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done) throw new Error('the sandbox ended before it was ready');
  void (async () => {
    for await (const line of lines) calls.push(JSON.parse(line));
  })();
  return { pid: child.pid, ready: JSON.parse(first.value) };
}

async function startKickoff(what, args, env) {
  const child = spawn(process.execPath, [MAIN, ...args, '--json'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  ends.push(() => ended(child));
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    if (JSON.parse(line).type === 'ready') {
      child.stdout.resume();
      return { pid: child.pid };
    }
  }
  throw new Error(`kickoff ${what} ended before it was ready`);
}

async function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), 40_000);
  await closed;
  clearTimeout(patience);
}

async function startTemporal() {
  const { resolveTemporalServer, startDevServer } = await import(
    pathToFileURL(join(DIST, 'temporal', 'index.js')).href
  );
  const { loadConfig } = await import(pathToFileURL(join(DIST, 'config', 'index.js')).href);
  const { TEMPORAL_ADDRESS: _, ...env } = process.env;
  const say = ({ message }) => process.stderr.write(`${message}\n`);
  const { cacheDir } = loadConfig({ env: { KICKOFF_CACHE_DIR: env.KICKOFF_CACHE_DIR }, cwd: folder });
  const server = await resolveTemporalServer({ env, cacheDir, onProgress: say });
  const running = await startDevServer({ binary: server.path, logFile: join(folder, 'temporal.log') });
  ends.push(() => running.stop());
  return running;
}

/** A server of this machine's programs, in a folder that goes with it. @returns the URL of an empty database */
async function startPostgres() {
  const bin = [...(process.env.PATH ?? '').split(delimiter), ...debianFolders()].find((at) =>
    existsSync(join(at, 'initdb')),
  );
  if (bin === undefined)
    throw new Error('There is no PostgreSQL (initdb, postgres) here: install it, or give --database');
  const home = join(folder, 'postgres');
  const data = join(home, 'data');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  chmodSync(home, 0o755);
  const user = serverUser();
  if (user !== undefined) chownSync(data, user.uid, user.gid);
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'kickoff', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    {
      ...user,
      cwd: home,
      stdio: 'ignore',
    },
  );
  const port = await freePort();
  const keeper = fileURLToPath(new URL('../test/harness/postgres-keeper.mjs', import.meta.url));
  const ids = [String(user?.uid ?? '-'), String(user?.gid ?? '-')];
  const child = spawn(process.execPath, [keeper, join(bin, 'postgres'), home, String(port), ...ids], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  });
  ends.push(async () => {
    const closed = once(child, 'close');
    child.stdin.end();
    await closed;
  });
  const url = `postgres://kickoff@127.0.0.1:${port}/postgres`;
  for (let tries = 0; ; tries += 1) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.query('create database bench');
      return `postgres://kickoff@127.0.0.1:${port}/bench`;
    } catch (error) {
      if (tries > 300) throw error;
      await sleep(100);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** PostgreSQL does not run as root. */
function serverUser() {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const [, , uid, gid] = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody') ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

function debianFolders() {
  const root = '/usr/lib/postgresql';
  return existsSync(root) ? readdirSync(root).map((version) => join(root, version, 'bin')) : [];
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function caller(base, key) {
  return async (method, path, body) => {
    const answer = await fetch(`${base}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
}

async function until(holds, what, calls) {
  let seen = calls.length;
  let movedAt = performance.now();
  while (!holds()) {
    interrupted.signal.throwIfAborted();
    if (calls.length !== seen) movedAt = performance.now();
    seen = calls.length;
    if (performance.now() - movedAt > STANDS_STILL_MS) throw new Error(`waited in vain for ${what}`);
    await sleep(100);
  }
}

/** Of the process alone; 0 where the system does not tell. */
function cpuMs(pid) {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return 0;
  const fields = readFileSync(file, 'utf8').split(') ')[1].split(' ');
  // utime and stime, in hundredths of a second.
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function quantile(list, share) {
  return [...list].sort((a, b) => a - b)[Math.max(0, Math.ceil(list.length * share) - 1)];
}

function total(counts) {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function progress(what, done, of) {
  if (!process.stderr.isTTY) return;
  if (done < of && performance.now() - shownAt < 100) return;
  shownAt = performance.now();
  const WIDTH = 30;
  const full = Math.round((done / of) * WIDTH);
  process.stderr.write(`\r\x1b[K${what} ${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${done}/${of}`);
  if (done === of) process.stderr.write('\r\x1b[K');
}
