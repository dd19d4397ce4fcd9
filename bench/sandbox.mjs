/**
 * How long the sandbox takes to start, and what it takes to hold many meeting requests: their conversations run to the
 * end, their webhooks delivered to an endpoint, the state file on. Everything goes over HTTP, as an outsider's calls do.
 *
 *   node bench/sandbox.mjs [--requests 10000] [--days 10] [--json] [--main <compiled cli/main.js>]
 *
 * Memory is the resident set of the whole `kickoff sandbox` process, looked at every 50 ms.
 */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { Agent, createServer, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { MAIN } from '../scripts/checkout.mjs';
import { prepare } from '../scripts/prepare.mjs';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000' },
    days: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
    main: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(
    'node bench/sandbox.mjs [--requests 10000] [--days 10] [--json] [--main <compiled cli/main.js>]\n',
  );
  process.exit(0);
}
const REQUESTS = Number(values.requests);
const DAYS = Number(values.days);
if (!(Number.isInteger(REQUESTS) && REQUESTS > 0 && Number.isInteger(DAYS) && DAYS > 0)) {
  process.stderr.write('--requests and --days are whole numbers above 0\n');
  process.exit(2);
}
/** What the sandbox is held to. */
const MOST_MEGABYTES = 300;
const MOST_START_MS = 1000;

const STARTS = 5;
const CONCURRENCY = 32;
const STEP_HOURS = 6;
const MEMORY_EVERY_MS = 50;
const MAIN_FILE = values.main === undefined ? MAIN : resolve(values.main);

let shownAt = 0;
let starts = 0;
const EVENTS = [
  'meeting_request.created',
  'meeting_request.booked',
  'meeting_request.cancelled',
  'meeting_request.paused',
  'meeting_request.resumed',
  'meeting_request.organizer_changed',
  'meeting_request.follow_up_sent',
  'member.deactivated',
];

if (values.main === undefined) {
  const code = await prepare();
  if (code !== 0) process.exit(code);
}

const folder = mkdtempSync(join(tmpdir(), 'kickoff-bench-'));
const ends = [];
let code = 1;
try {
  const figures = await measure();
  report(figures);
  code = figures.peakMegabytes <= MOST_MEGABYTES && figures.startMs <= MOST_START_MS ? 0 : 1;
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.stack : String(error)}\n`);
} finally {
  for (const end of ends.reverse()) await end();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(code);

async function measure() {
  const stateFile = join(folder, 'sandbox.state');
  const startMs = median(await times(STARTS, 'starting the command', commandStart));
  const inProcessMs = median(await times(STARTS, 'starting in-process', inProcessStart));

  const hooks = await receiver();
  const sandbox = await start(['--state', stateFile, '--seed', 'bench']);
  const idleMegabytes = megabytes(sandbox.pid);
  const memory = watchMemory(sandbox.pid);
  const api = client(`${sandbox.ready.sandbox}/api/v1`, sandbox.ready.apiKey);
  const control = client(`${sandbox.ready.sandbox}/_sandbox`);
  await control('POST', '/clock', { frozen: true });
  await control('PATCH', '/settings', { rateLimitPerMinute: 0 });
  await api('POST', '/webhook_endpoints', { url: hooks.url, events: EVENTS });
  const began = new Date((await control('GET', '/clock')).now);

  const createMs = await timed(() =>
    each(REQUESTS, 'creating requests', (n) =>
      api('POST', '/meeting_requests', meetingRequest(n, began), { 'idempotency-key': `impl:${n}:kickoff:bench` }),
    ),
  );
  const createPeak = memory.highest();
  const steps = (DAYS * 24) / STEP_HOURS;
  const advanceMs = await timed(() =>
    each(steps, `advancing ${DAYS} days`, () => control('POST', '/clock', { advance: `${STEP_HOURS}h` }), 1),
  );
  const advancePeak = memory.highest();
  const listMs = await timed(() => listAll(api));
  const booked = await countBooked(api);
  const listPeak = memory.highest();
  const peakMegabytes = Math.max(createPeak, advancePeak, listPeak);
  const endMegabytes = megabytes(sandbox.pid);
  memory.stop();
  const stopMs = await timed(() => sandbox.stop());
  const stateMegabytes = statSync(stateFile).size / 2 ** 20;
  const again = await start(['--state', stateFile]);
  const againMegabytes = megabytes(again.pid);
  await again.stop();
  return {
    startMs,
    inProcessMs,
    idleMegabytes,
    requests: REQUESTS,
    createMs,
    createPeak,
    days: DAYS,
    advanceMs,
    advancePeak,
    booked,
    webhooks: hooks.count(),
    listMs,
    listPeak,
    peakMegabytes,
    endMegabytes,
    stopMs,
    stateMegabytes,
    restartMs: again.ms,
    againMegabytes,
    node: process.version,
  };
}

function report(figures) {
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ type: 'sandbox', ...figures })}\n`);
    return;
  }
  const ms = (value) => (value < 10_000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`);
  const mb = (value) => `${Math.round(value)} MB`;
  const rows = [
    ['kickoff sandbox: process start to its ready line', ms(figures.startMs)],
    ['startSandbox(): import and start, in-process', ms(figures.inProcessMs)],
    ['memory before the first request', mb(figures.idleMegabytes)],
    [`creating ${figures.requests} requests`, `${ms(figures.createMs)}, at most ${mb(figures.createPeak)}`],
    [`advancing ${figures.days} days`, `${ms(figures.advanceMs)}, at most ${mb(figures.advancePeak)}`],
    ['of the requests booked', String(figures.booked)],
    ['webhooks received', String(figures.webhooks)],
    ['paging through all requests', `${ms(figures.listMs)}, at most ${mb(figures.listPeak)}`],
    ['memory, highest', mb(figures.peakMegabytes)],
    ['memory at the end', mb(figures.endMegabytes)],
    ['state file', mb(figures.stateMegabytes)],
    ['stopping, with the last write', ms(figures.stopMs)],
    ['starting again from the state file', `${ms(figures.restartMs)}, ${mb(figures.againMegabytes)}`],
  ];
  for (const [what, value] of rows) process.stdout.write(`${what.padEnd(52)} ${value}\n`);
}

/** Four people in three zones, as in SkipUp's kickoff guide; other people for each request. */
function meetingRequest(n, began) {
  const day = (days) => new Date(began.getTime() + days * 86_400_000).toISOString();
  const person = (name, timezone) => ({
    email: `${name.toLowerCase()}@customer-${n}.example`,
    name: `${name} Doe`,
    timezone,
  });
  return {
    organizer_email: 'jordan.lee@yourcompany.example',
    organizer_name: 'Jordan Lee',
    organizer_timezone: 'America/New_York',
    participants: [
      person('Jamie', 'America/New_York'),
      person('Pat', 'America/Chicago'),
      person('Alex', 'America/Los_Angeles'),
      person('Taylor', 'America/Chicago'),
    ],
    include_introduction: true,
    context: {
      title: `Implementation kickoff: Customer ${n} + YourCompany`,
      purpose: 'Kick off the implementation with all stakeholders',
      description: `Customer ${n} signed a 12-month enterprise contract.`,
      duration_minutes: 60,
      timeframe: { start: day(1), end: day(14) },
    },
  };
}

async function commandStart() {
  const sandbox = await start([]);
  await sandbox.stop();
  return sandbox.ms;
}

async function inProcessStart() {
  const face = pathToFileURL(join(dirname(MAIN_FILE), '..', 'sandbox', 'index.js')).href;
  const script = `
    const began = performance.now();
    const { startSandbox } = await import(${JSON.stringify(face)});
    const sandbox = await startSandbox();
    process.stdout.write(String(performance.now() - began));
    await sandbox.close();`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }));
}

/**
 * Starts `kickoff sandbox --json` and waits for its ready line. Its events go to a file: a reader that is slower than the
 * sandbox would be measured, not the sandbox.
 */
async function start(args) {
  starts += 1;
  const output = join(folder, `output-${starts}.ndjson`);
  const file = openSync(output, 'w');
  const began = performance.now();
  const child = spawn(process.execPath, [MAIN_FILE, 'sandbox', '--json', '--port', '0', ...args], {
    cwd: folder,
    stdio: ['ignore', file, 'inherit'],
  });
  closeSync(file);
  let ended = false;
  const closed = new Promise((done) => child.once('close', done)).finally(() => {
    ended = true;
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await closed;
    rmSync(output, { force: true });
  };
  ends.push(stop);
  for (;;) {
    const [line, rest] = readFileSync(output, 'utf8').split('\n', 2);
    if (rest !== undefined) return { ms: performance.now() - began, pid: child.pid, ready: JSON.parse(line), stop };
    if (ended) throw new Error('kickoff sandbox ended before it was ready');
    await sleep(2);
  }
}

function client(base, key) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  return (method, path, body, headers = {}) =>
    new Promise((done, fail) => {
      const sent = body === undefined ? undefined : JSON.stringify(body);
      const call = httpRequest(
        `${base}${path}`,
        {
          method,
          agent,
          headers: {
            ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
            ...(sent === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }),
            ...headers,
          },
        },
        async (answer) => {
          let text = '';
          for await (const chunk of answer.setEncoding('utf8')) text += chunk;
          if (answer.statusCode >= 300) fail(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
          else done(text === '' ? undefined : JSON.parse(text));
        },
      );
      call.once('error', fail);
      call.end(sent);
    });
}

async function receiver() {
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    request.resume().once('end', () => response.writeHead(200).end());
  });
  // Longer than any pause of the sandbox: a connection that ends under a delivery would count as a failure.
  server.keepAliveTimeout = 600_000;
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  ends.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${server.address().port}/`, count: () => count };
}

async function listAll(api, filter = '') {
  let seen = 0;
  for (let cursor = ''; ; ) {
    const { data, meta } = await api('GET', `/meeting_requests?limit=100${filter}${cursor}`);
    seen += data.length;
    if (!meta.has_more) return seen;
    cursor = `&cursor=${meta.next_cursor}`;
  }
}

function countBooked(api) {
  return listAll(api, '&status=booked');
}

function megabytes(pid) {
  if (process.platform === 'linux') {
    const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes) / 1024;
  }
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024;
}

function watchMemory(pid) {
  let highest = 0;
  const look = () => {
    highest = Math.max(highest, megabytes(pid));
  };
  const timer = setInterval(look, MEMORY_EVERY_MS);
  return {
    /** Since it was last asked for. */
    highest: () => {
      look();
      const found = highest;
      highest = 0;
      return found;
    },
    stop: () => clearInterval(timer),
  };
}

/** Does `work` for 0 to n − 1, several at a time, under a progress bar. */
async function each(n, what, work, concurrency = CONCURRENCY) {
  let next = 0;
  let done = 0;
  const worker = async () => {
    while (next < n) {
      const mine = next;
      next += 1;
      await work(mine);
      done += 1;
      progress(what, done, n);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, n) }, worker));
}

async function times(n, what, work) {
  const taken = [];
  await each(n, what, async () => taken.push(await work()), 1);
  return taken;
}

function progress(what, done, n) {
  if (!process.stderr.isTTY) return;
  if (done < n && performance.now() - shownAt < 100) return;
  shownAt = performance.now();
  const WIDTH = 30;
  const full = Math.round((done / n) * WIDTH);
  process.stderr.write(`\r\x1b[K${what.padEnd(24)} ${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${done}/${n}`);
  if (done === n) process.stderr.write('\r\x1b[K');
}

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function median(list) {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
}
