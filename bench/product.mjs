/**
 * The whole product for a benchmark, every part a process of its own as in production: PostgreSQL, Temporal's dev server,
 * the sandbox (SkipUp and HubSpot), `kickoff serve`, `kickoff worker`.
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
import pg from 'pg';
import { MAIN } from '../scripts/checkout.mjs';

export const CLIENT_SECRET = 'bench-hubspot-client-secret';
export const ACCESS_TOKEN = 'bench-hubspot-access-token';
export const API_KEY = 'sk_bench';
const WEBHOOK_SECRET = 'whsec_bench';
const DIST = join(dirname(MAIN), '..');

/** A folder and processes that are all gone at the end, whatever happened. */
export function openBench() {
  const folder = mkdtempSync(join(tmpdir(), 'kickoff-bench-'));
  chmodSync(folder, 0o755);
  const ends = [];
  return {
    folder,
    ends,
    async close() {
      for (const end of ends.reverse()) await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Starts everything.
 *
 * @param options.configuration lines of `kickoff.config.yaml`, made of what the sandbox says of itself
 * @param options.onCall told of each call to SkipUp's API: `{ at, status, replayed, dealId }`
 * @param options.scale how many times as fast as the wall's the sandbox's clock runs
 * @param options.database an empty PostgreSQL database; default: a server of this machine's programs
 * @param options.sandbox options of `startSandbox` besides
 */
export async function startProduct(bench, { configuration, onCall, scale = 1, database: given, sandbox: more = {} }) {
  const database = given ?? (await startPostgres(bench));
  const temporal = await startTemporal(bench);
  const servePort = await freePort();
  const publicUrl = `http://127.0.0.1:${servePort}`;
  const sandbox = await startSandbox(bench, publicUrl, { scale, onCall, ...more });
  const config = join(bench.folder, 'kickoff.config.yaml');
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
  const serve = await startKickoff(bench, 'serve', ['serve', '--port', String(servePort)], env);
  const worker = await startKickoff(bench, 'worker', ['worker'], env);
  const control = caller(`${sandbox.ready.url}/_sandbox`);
  const api = caller(sandbox.ready.apiBaseUrl, API_KEY);
  const events = ['created', 'booked', 'cancelled', 'follow_up_sent'].map((name) => `meeting_request.${name}`);
  await api('POST', '/webhook_endpoints', { url: `${publicUrl}/webhooks/skipup`, events });
  const pids = { sandbox: sandbox.pid, temporal: temporal.pid, serve: serve.pid, worker: worker.pid };
  return { env, publicUrl, database, control, api, pids, ready: sandbox.ready };
}

/** The sandbox in a process of its own that tells of each call to SkipUp's API in one line. */
async function startSandbox({ folder, ends }, publicUrl, { scale, onCall, ...more }) {
  const options = {
    clock: { anchor: new Date().toISOString(), scale },
    seed: 'bench',
    apiKey: API_KEY,
    webhookSecret: WEBHOOK_SECRET,
    hubspot: { clientSecret: CLIENT_SECRET, accessToken: ACCESS_TOKEN, webhookUrl: `${publicUrl}/triggers/hubspot` },
    fixture: { everybody: { neverReplies: true } },
    ...more,
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
    for await (const line of lines) onCall(JSON.parse(line));
  })();
  return { pid: child.pid, ready: JSON.parse(first.value) };
}

async function startKickoff({ folder, ends }, what, args, env) {
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

async function startTemporal({ folder, ends }) {
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
export async function startPostgres({ folder, ends }) {
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

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export function caller(base, key) {
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

/** @param share 0 to 1 */
export function quantile(list, share) {
  return [...list].sort((a, b) => a - b)[Math.max(0, Math.ceil(list.length * share) - 1)];
}
