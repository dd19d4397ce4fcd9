/**
 * How long it takes from HubSpot's webhook to the meeting request at SkipUp, side by side in one run with what a script
 * without any durability takes for the same calls, and with one row written to PostgreSQL.
 *
 *   node bench/event-to-request.mjs [--events 100] [--every 700] [--burst 20] [--database <url>] [--json]
 *
 * Every part is a process of its own. The events come one by one, farther apart than SkipUp's limit asks of two requests;
 * then a burst in one webhook, which that limit spreads out. Times are taken at the sender and at SkipUp, on one clock.
 */
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { prepare } from '../scripts/prepare.mjs';
import { ACCESS_TOKEN, API_KEY, CLIENT_SECRET, openBench, quantile, startProduct } from './product.mjs';

const USAGE =
  'node bench/event-to-request.mjs [--events 100] [--every 700] [--burst 20] [--database <url>] [--json]\n' +
  '  --every      milliseconds between two events\n' +
  '  --burst      so many events in one webhook at the end, at most 100\n' +
  '  --database   an empty PostgreSQL database; default: a server of this machine’s programs is started\n';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '100' },
    every: { type: 'string', default: '700' },
    burst: { type: 'string', default: '20' },
    database: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const [EVENTS, EVERY_MS, BURST] = [values.events, values.every, values.burst].map(Number);
if (![EVENTS, EVERY_MS, BURST].every((value) => Number.isInteger(value) && value > 0) || BURST > 100) {
  process.stderr.write(USAGE);
  process.exit(2);
}

const PATIENCE_MS = 120_000;
/** Events before the first that counts: connections are opened, code is compiled. */
const WARM_UP = 5;
const FIRST = { kickoff: 1_000_000_000, script: 2_000_000_000, burst: 3_000_000_000, warmUp: 4_000_000_000 };

const code = await prepare();
if (code !== 0) process.exit(code);

const bench = openBench();
let exitCode = 1;
try {
  report(await measure());
  exitCode = 0;
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.stack : String(error)}\n`);
} finally {
  await bench.close();
}
process.exit(exitCode);

async function measure() {
  /** When SkipUp had a deal's request, by the deal. */
  const arrivals = new Map();
  const product = await startProduct(bench, {
    configuration: ({ hubspotBaseUrl }) =>
      `crm: { hubspot: { baseUrl: '${hubspotBaseUrl}' } }\nsweep: { everyMinutes: 0 }\ncatchUp: { everyMinutes: 0 }\n`,
    onCall: ({ at, status, dealId }) => {
      if (status === 202 && dealId !== undefined) arrivals.set(dealId, at);
    },
    database: values.database,
  });
  const { control } = product;
  for (const [kind, firstId] of Object.entries(FIRST)) {
    const count = { burst: BURST, warmUp: 2 * WARM_UP }[kind] ?? EVENTS;
    const [closedFrom, closedTo] = ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'];
    await control('POST', '/crm/deals/bulk', { count, firstId: String(firstId), closedFrom, closedTo });
  }
  // The limit is what the last part measures; a script that breaks it would be refused.
  await control('PATCH', '/settings', { rateLimitPerMinute: 0 });

  const write = await insertions(product.database);
  const script = scripted(product.ready);
  const kickoff = (dealId) => tell(product.publicUrl, [dealId]);
  const taken = { insert: [], script: [], kickoff: [] };
  for (let nth = -WARM_UP; nth < EVENTS; nth += 1) {
    const counts = nth >= 0;
    const beganAt = performance.now();
    await write();
    const inserted = performance.now() - beganAt;
    const [byScript, byKickoff] = counts
      ? [FIRST.script + nth, FIRST.kickoff + nth]
      : [FIRST.warmUp + 2 * (nth + WARM_UP), FIRST.warmUp + 2 * (nth + WARM_UP) + 1];
    const scriptMs = await untilAtSkipUp(arrivals, byScript, script);
    const kickoffMs = await untilAtSkipUp(arrivals, byKickoff, kickoff);
    if (counts) {
      taken.insert.push(inserted);
      taken.script.push(scriptMs);
      taken.kickoff.push(kickoffMs);
      progress(nth + 1);
    }
    await sleep(EVERY_MS);
  }
  const burst = Array.from({ length: BURST }, (_, nth) => FIRST.burst + nth);
  const sentAt = Date.now();
  await tell(product.publicUrl, burst);
  const burstMs = [];
  for (const dealId of burst) burstMs.push((await arrivalOf(arrivals, dealId)) - sentAt);
  return { taken, burstMs };
}

async function untilAtSkipUp(arrivals, dealId, send) {
  const sentAt = Date.now();
  await send(dealId);
  return (await arrivalOf(arrivals, dealId)) - sentAt;
}

async function arrivalOf(arrivals, dealId) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const at = arrivals.get(String(dealId));
    if (at !== undefined) return at;
    if (Date.now() > deadline) throw new Error(`SkipUp has no request of deal ${dealId}`);
    await sleep(5);
  }
}

/** One webhook as HubSpot sends it, signed. */
async function tell(publicUrl, dealIds) {
  const url = `${publicUrl}/triggers/hubspot`;
  const events = dealIds.map((dealId) => ({
    eventId: dealId,
    subscriptionId: 12,
    portalId: 62_515,
    appId: 54_321,
    occurredAt: Date.now(),
    subscriptionType: 'deal.propertyChange',
    attemptNumber: 0,
    objectId: dealId,
    propertyName: 'dealstage',
    propertyValue: 'closedwon',
    changeSource: 'CRM_UI',
  }));
  const body = JSON.stringify(events);
  const timestamp = String(Date.now());
  const signature = createHmac('sha256', CLIENT_SECRET).update(`POST${url}${body}${timestamp}`).digest('base64');
  const headers = {
    'content-type': 'application/json',
    'x-hubspot-signature-v3': signature,
    'x-hubspot-request-timestamp': timestamp,
  };
  const answer = await fetch(url, { method: 'POST', headers, body });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`the receiver answered ${answer.status}`);
}

/** What a script would do: the calls that are needed, one after another, and nothing kept of them. */
function scripted({ hubspotBaseUrl, apiBaseUrl }) {
  const hubspot = json(`${hubspotBaseUrl}/crm`, ACCESS_TOKEN);
  const skipup = json(apiBaseUrl, API_KEY);
  const [start, end] = [2, 12].map((days) => new Date(Date.now() + days * 86_400_000).toISOString());
  return async (dealId) => {
    const deal = await hubspot(
      'GET',
      `/objects/2026-03/0-3/${dealId}?properties=dealname,hs_is_closed_won,hubspot_owner_id`,
    );
    const owner = await hubspot('GET', `/owners/2026-03/${deal.properties.hubspot_owner_id}`);
    const companies = await hubspot('GET', `/objects/2026-03/deals/${dealId}/associations/companies`);
    await hubspot('GET', `/objects/2026-03/companies/${companies.results[0].toObjectId}?properties=name`);
    const contacts = await hubspot('GET', `/objects/2026-03/deals/${dealId}/associations/contacts`);
    const { results } = await hubspot('POST', '/objects/2026-03/contacts/batch/read', {
      properties: ['email', 'firstname'],
      inputs: contacts.results.map(({ toObjectId }) => ({ id: toObjectId })),
    });
    const body = {
      organizer_email: owner.email,
      participants: results.map(({ properties }) => ({ email: properties.email, name: properties.firstname })),
      context: { title: deal.properties.dealname, timeframe: { start, end } },
    };
    await skipup('POST', '/meeting_requests', body, { 'idempotency-key': `impl:${dealId}:kickoff:script` });
  };
}

function json(base, token) {
  return async (method, path, body, more = {}) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...more };
    const answer = await fetch(`${base}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  };
}

/** One row as large as an event's, committed. */
async function insertions(database) {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  bench.ends.push(() => client.end());
  await client.query('create table bench_rows (id bigint generated always as identity primary key, payload jsonb)');
  const payload = JSON.stringify({ event: 'x'.repeat(300) });
  return () => client.query('insert into bench_rows (payload) values ($1)', [payload]);
}

function report({ taken, burstMs }) {
  const of = (list) => ({ p50: quantile(list, 0.5), p95: quantile(list, 0.95) });
  const figures = {
    events: EVENTS,
    insert: of(taken.insert),
    script: of(taken.script),
    kickoff: of(taken.kickoff),
    burst: BURST,
    burstLast: Math.max(...burstMs),
    node: process.version,
  };
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ type: 'event-to-request', ...figures })}\n`);
    return;
  }
  const times = ({ p50, p95 }) => `${p50.toFixed(1)} / ${p95.toFixed(1)} ms`;
  const ratio = (figures.kickoff.p50 / figures.script.p50).toFixed(1);
  const rows = [
    ['one INSERT into PostgreSQL, p50 / p95', times(figures.insert)],
    ['a script that keeps nothing: event → request', times(figures.script)],
    ['Kickoff: event → request', `${times(figures.kickoff)}, ${ratio} times the script’s`],
    [
      `${BURST} deals in one webhook: the last request after`,
      `${(figures.burstLast / 1000).toFixed(1)} s (SkipUp takes 120 a minute)`,
    ],
  ];
  for (const [what, value] of rows) process.stdout.write(`${what.padEnd(52)} ${value}\n`);
}

function progress(done) {
  if (!process.stderr.isTTY) return;
  const WIDTH = 30;
  const full = Math.round((done / EVENTS) * WIDTH);
  process.stderr.write(`\r\x1b[Kevents ${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${done}/${EVENTS}`);
  if (done === EVENTS) process.stderr.write('\r\x1b[K');
}
