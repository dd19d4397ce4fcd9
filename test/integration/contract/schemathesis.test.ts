import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Sandbox } from '../../../sandbox/index.ts';
import { startSandbox } from '../../../sandbox/index.ts';
import { findSchemathesis } from '../../harness/schemathesis.ts';

const KEY = 'sk_sandbox_contract';
const OPERATIONS = 16;
/** Longer than any run: under a clock that stands still such a delivery is listed and never made. */
const NEVER_MS = 10 * 365 * 86_400_000;

const found = await findSchemathesis();
const missing = 'missing' in found ? ` (skipped: ${found.missing})` : '';

describe.skipIf('missing' in found)(`requests generated from the contract${missing}`, { timeout: 300_000 }, () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({
      apiKey: KEY,
      seed: 'contract',
      clock: { frozenAt: '2026-02-10T14:00:00Z' },
      settings: { rateLimitPerMinute: 0, idempotencyConflict: 'replay' },
    });
    const fault = { fault: 'webhook_delay', delayMs: NEVER_MS };
    await send(`${sandbox.url}/_sandbox/faults`, 'POST', fault);
  });
  afterAll(() => sandbox.close());

  const runIt = async (config: string, options: string[]) => {
    if ('missing' in found) throw new Error(found.missing);
    return await found.run(`${sandbox.url}/openapi.json`, config, ['-H', `Authorization: Bearer ${KEY}`, ...options]);
  };

  it('of every kind, valid and not, get no 5xx and no answer outside the document', async () => {
    const ids = await inhabitants(sandbox, 30);
    const { exitCode, findings, report } = await runIt(hostile(ids), []);
    expect(findings).toBe('');
    expect(exitCode).toBe(0);
    expect(report.operations).toMatchObject({ total: OPERATIONS, tested: OPERATIONS });
    expect(Object.values(report.phases).map(({ status }) => status)).toEqual(Array(4).fill('success'));
    expect(report.errors).toEqual([]);
    expect(report.test_cases.generated).toBeGreaterThan(2000);
    expect(report.test_cases.with_failures).toBe(0);
  });

  it('that the document calls valid are accepted', async () => {
    const ids = await inhabitants(sandbox, 5);
    const { exitCode, findings, report } = await runIt(friendly(ids), ['--max-examples', '40', '--mode', 'positive']);
    expect(findings).toBe('');
    expect(exitCode).toBe(0);
    expect(report.test_cases.generated).toBeGreaterThan(300);
    const rejected = Object.values(report.valid_rates).flatMap((phases) => Object.values(phases));
    expect(rejected.filter((phase) => phase.rejected > 0)).toEqual([]);
  });
});

interface Ids {
  requests: string[];
  endpoints: string[];
  /** A cursor of each list. */
  cursors: { requests: string; endpoints: string; members: string; deliveries: string };
}

/** Somebody has used the sandbox before: without that every id would be unknown. */
async function inhabitants(sandbox: Sandbox, count: number): Promise<Ids> {
  const requests: string[] = [];
  const endpoints: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const participants = { participant_emails: [`person${n}@acme-corp.example`] };
    requests.push(await created(sandbox, '/meeting_requests', { organizer_email: sandbox.organizer, ...participants }));
    const url = `https://example.com/hooks/${n}`;
    endpoints.push(await created(sandbox, '/webhook_endpoints', { url, events: ['meeting_request.created'] }));
  }
  const [endpoint = ''] = endpoints;
  for (let n = 0; n < 2; n += 1) await send(`${sandbox.apiBaseUrl}/webhook_endpoints/${endpoint}/test`, 'POST');
  const cursorOf = async (path: string) => {
    const { meta } = z
      .object({ meta: z.object({ next_cursor: z.string() }) })
      .parse(await send(`${sandbox.apiBaseUrl}${path}?limit=1`, 'GET'));
    return meta.next_cursor;
  };
  const cursors = {
    requests: await cursorOf('/meeting_requests'),
    endpoints: await cursorOf('/webhook_endpoints'),
    members: await cursorOf('/workspace_members'),
    deliveries: await cursorOf(`/webhook_endpoints/${endpoint}/deliveries`),
  };
  return { requests, endpoints, cursors };
}

async function created(sandbox: Sandbox, path: string, body: object): Promise<string> {
  const answer = await send(`${sandbox.apiBaseUrl}${path}`, 'POST', body);
  return z.object({ data: z.object({ id: z.string() }) }).parse(answer).data.id;
}

async function send(url: string, method: string, body?: object): Promise<unknown> {
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(url, { method, headers, ...sent });
  if (!answer.ok) throw new Error(await answer.text());
  return await answer.json();
}

/** TOML writes texts and lists as JSON does. */
const dictionary = (name: string, values: readonly string[]) =>
  `[dictionaries.${name}]\nvalues = ${JSON.stringify(values)}\n`;
const from = (name: string, probability = 1) => `{ dictionary = "${name}", probability = ${probability} }`;

/** The same every time; one worker, because Python 3.11 cannot parse its own source in two threads at once. */
const COMMON = `
seed = 20260210
workers = 1
request-timeout = 20
[generation]
deterministic = true
database = "none"
`;

/** Everything, on things that are there as often as on things that are not. */
function hostile({ requests, endpoints }: Ids): string {
  return `${COMMON}
max-examples = 60
# One call after another along the document's links.
[phases.stateful]
max-steps = 8
inference.algorithms = []
[phases.stateful.generation]
mode = "positive"
max-examples = 80
[checks]
# The API says 404 where others say 405: the document has the reason.
unsupported_method.enabled = false
# The other run's.
positive_data_acceptance.enabled = false
negative_data_rejection.expected-statuses = [401, 403, 404, 413, 415, 422, 429, 431]
${dictionary('requests', requests)}
${dictionary('endpoints', endpoints)}
${dictionary('members', ['jordan.lee@yourcompany.example', 'morgan.diaz@yourcompany.example'])}
[parameters]
"body.organizer_email" = ${from('members', 0.7)}
"body.new_organizer_email" = ${from('members', 0.7)}
[[operations]]
include-path-regex = "^/meeting_requests/"
parameters = { "path.id" = ${from('requests', 0.7)} }
[[operations]]
include-path-regex = "^/webhook_endpoints/"
parameters = { "path.id" = ${from('endpoints', 0.7)} }
`;
}

/**
 * Only what the document calls valid, with values for what JSON Schema cannot say: who is a member, which zones there are,
 * which ids and cursors were given, that a timeframe ends after it starts. What depends on the state (cancel, pause, resume)
 * and what would take the others' endpoints away (delete) is left out.
 */
function friendly({ requests, endpoints, cursors }: Ids): string {
  const lists = { listMeetingRequests: 'requests', listWebhookEndpoints: 'endpoints', listWorkspaceMembers: 'members' };
  return `${COMMON}
[phases]
examples.enabled = false
coverage.enabled = false
stateful.enabled = false
[checks]
unsupported_method.enabled = false
positive_data_acceptance.expected-statuses = ["2xx"]
${dictionary('requests', requests)}
${dictionary('endpoints', endpoints.slice(0, 1))}
${dictionary('members', ['jordan.lee@yourcompany.example', 'morgan.diaz@yourcompany.example'])}
${dictionary('addresses', ['pat@acme-corp.example', "o'neil+kickoff@ACME-corp.example", 'ßtraße@пример.example', 'İ@x.example'])}
${dictionary('zones', ['America/New_York', 'Europe/Berlin', 'UTC'])}
${dictionary('starts', ['2026-02-12T00:00:00Z', '2026-02-12T00:00:00.5+01:00'])}
${dictionary('ends', ['2026-02-20T23:59:59Z', '2027-02-20T23:59:59-05:00'])}
${dictionary('urls', ['https://example.com/hooks', 'http://127.0.0.1:9/'])}
${dictionary('headers', ['X-Route', 'Authorization'])}
${Object.entries(cursors)
  .map(([list, cursor]) => dictionary(`${list}_cursors`, [cursor]))
  .join('')}
[parameters]
"body.organizer_email" = ${from('members')}
"body.new_organizer_email" = ${from('members')}
"body.participant_emails[*]" = ${from('addresses')}
"body.participants[*].email" = ${from('addresses')}
"query.organizer_email" = ${from('addresses')}
"query.participant_email" = ${from('addresses')}
"query.email" = ${from('addresses')}
"body.organizer_timezone" = ${from('zones')}
"body.participants[*].timezone" = ${from('zones')}
"body.timeframe.start" = ${from('starts')}
"body.timeframe.end" = ${from('ends')}
"body.context.timeframe.start" = ${from('starts')}
"body.context.timeframe.end" = ${from('ends')}
"body.url" = ${from('urls')}
"body.headers[*].key" = ${from('headers')}
${Object.entries(lists)
  .map(
    ([id, list]) => `[[operations]]
include-operation-id = "${id}"
parameters = { "query.cursor" = ${from(`${list}_cursors`)} }
`,
  )
  .join('')}
[[operations]]
include-path-regex = "^/meeting_requests/"
parameters = { "path.id" = ${from('requests')} }
[[operations]]
include-path-regex = "^/webhook_endpoints/"
parameters = { "path.id" = ${from('endpoints')}, "query.cursor" = ${from('deliveries_cursors')} }
[[operations]]
include-operation-id = ["cancelMeetingRequest", "pauseMeetingRequest", "resumeMeetingRequest", "deleteWebhookEndpoint"]
enabled = false
`;
}
