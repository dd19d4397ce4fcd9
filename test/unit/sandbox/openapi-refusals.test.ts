import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { allOperations } from '../../../sandbox/openapi/operations.ts';
import { answerBreach } from '../../harness/contract.ts';
import type { Running } from './running.ts';
import { acmeRequest, created, endWithTest, force, newKey, running, subscribe } from './running.ts';
import { exchange } from './wire.ts';

/** One operation of each method and path, on things that are there. */
async function prepared() {
  const sandbox = await running({ settings: { rateLimitPerMinute: 0 } });
  const request = await created(sandbox);
  const endpoint = await subscribe(sandbox, 'http://127.0.0.1:9/');
  const routeOf = ({ method, path }: { method: string; path: string }) =>
    `${method} ${path.replace('{id}', path.startsWith('/meeting') ? request.id : endpoint.id)}`;
  return { sandbox, request, endpoint, routeOf };
}

const routes = allOperations.map((operation) => ({ operation, name: `${operation.method} ${operation.path}` }));
const taking = routes.filter(({ operation }) => operation.method !== 'GET');
const JSON_HEADERS = { 'content-type': 'application/json' };

describe('what is not listed is refused with SkipUp’s error', () => {
  it.each(routes)('$name, in the query', async ({ operation }) => {
    const { sandbox, routeOf } = await prepared();
    for (const query of ['x=1', '__proto__=1', 'constructor=1', 'toString', 'Limit=5', 'limit[]=1', '=1']) {
      const { status, error } = await sandbox.api(`${routeOf(operation)}?${query}`);
      expect([query, status, error.type]).toEqual([query, 422, 'validation_error']);
      expect(error.message).toContain('Unknown parameter');
    }
  });

  it.each(taking)('$name, in the body', async ({ operation }) => {
    const { sandbox, routeOf } = await prepared();
    const sample: object = operation.samples[0]?.body ?? {};
    for (const name of ['x', '__proto__', 'constructor', 'hasOwnProperty', 'Notify', '']) {
      const raw = `{${JSON.stringify(name)}:{"a":1},${JSON.stringify(sample).slice(1)}`.replace(',}', '}');
      const { status, error } = await sandbox.api(routeOf(operation), { raw });
      expect([name, status, error.type]).toEqual([name, 422, 'validation_error']);
    }
  });

  it('within a participant, a context, a timeframe and a header', async () => {
    const { sandbox } = await prepared();
    const [first] = acmeRequest().participants;
    const { context } = acmeRequest();
    for (const changes of [
      { participants: [{ ...first, role: 'sponsor' }] },
      { context: { ...context, agenda: 'x' } },
      { context: { ...context, timeframe: { ...context.timeframe, zone: 'UTC' } } },
    ]) {
      const { status, error } = await sandbox.api('POST /meeting_requests', { body: acmeRequest(changes) });
      expect([status, error.type]).toEqual([422, 'validation_error']);
      expect(error.message).toContain('Unknown parameter: ');
    }
    const body = { url: 'https://example.com/', events: ['meeting_request.booked'] };
    const headers = [{ key: 'X-A', value: 'a', secret: true }];
    const answer = await sandbox.api('POST /webhook_endpoints', { body: { ...body, headers } });
    expect(answer.error.message).toBe('Unknown parameter: headers.0.secret');
  });

  it('names every unknown parameter in one answer', async () => {
    const { sandbox, request } = await prepared();
    const { error } = await sandbox.api(`POST /meeting_requests/${request.id}/cancel`, { body: { a: 1, b: 2 } });
    expect(error.message).toBe('Unknown parameter: a; Unknown parameter: b');
  });

  it.each(routes)('$name, when a parameter is given twice', async ({ operation }) => {
    const { sandbox, routeOf } = await prepared();
    for (const query of ['limit=5&limit=5', 'status=active&status=active', 'cursor=a&cursor=b']) {
      const { status, error } = await sandbox.api(`${routeOf(operation)}?${query}`);
      expect([query, status, error.type]).toEqual([query, 422, 'validation_error']);
    }
  });

  it('changes nothing by any of it', async () => {
    const { sandbox, request, routeOf } = await prepared();
    for (const { operation } of taking) await sandbox.api(`${routeOf(operation)}?x=1`, { raw: '{}' });
    expect((await sandbox.api('GET /meeting_requests')).list).toMatchObject([{ id: request.id, status: 'active' }]);
    expect((await sandbox.api('GET /webhook_endpoints')).list).toHaveLength(1);
  });
});

describe('a query that cannot be meant', () => {
  it.each([
    'limit=0',
    'limit=101',
    'limit=-1',
    'limit=1.5',
    'limit=1e2',
    'limit=0x10',
    'limit=99999999999999999999',
    'limit=',
    'limit=%20',
    'limit=NaN',
    'cursor=',
    'cursor=%00',
    'cursor=bm9uc2Vuc2U',
    `cursor=${'a'.repeat(2049)}`,
    `cursor=${Buffer.from('meeting_requests:99999999999999999999').toString('base64url')}`,
    `cursor=${Buffer.from('webhook_endpoints:1').toString('base64url')}`,
    `cursor=!${Buffer.from('meeting_requests:1').toString('base64url')}`,
    'status=Active',
    'status=constructor',
    'organizer_email=nobody',
    'participant_email=a%0d%0ab@c.example',
    'created_after=yesterday',
    'created_after=2026-02-30',
    'created_before=2026-02-10T25:00:00Z',
    'created_before=2026-02-10T10:00:00',
  ])('“%s” is refused', async (query) => {
    const { sandbox } = await prepared();
    const { status, error } = await sandbox.api(`GET /meeting_requests?${query}`);
    expect(status).toBe(422);
    expect(['validation_error', 'invalid_request']).toContain(error.type);
  });

  it('too long for HTTP is refused with 431', async () => {
    const { sandbox } = await prepared();
    const { status, error } = await sandbox.api(`GET /meeting_requests?cursor=${'a'.repeat(20_000)}`);
    expect([status, error.type]).toEqual([431, 'invalid_request']);
  });
});

describe('an id that cannot be one', () => {
  it.each([
    '__proto__',
    'constructor',
    '..%2f..',
    '%00',
    '%0d%0aX:%20y',
    '%E0%A4%A',
    '%ff',
    'mr_x%20y',
    'a'.repeat(255),
    'a'.repeat(301),
    'a'.repeat(5000),
    '😀',
  ])('“%s” is not found', async (id) => {
    const { sandbox } = await prepared();
    for (const route of [`GET /meeting_requests/${id}`, `POST /webhook_endpoints/${id}/test`]) {
      const { status, error } = await sandbox.api(route);
      expect([status, error.type]).toEqual([404, 'not_found']);
    }
  });
});

/** Sends bytes that `fetch` would not, and holds the answer to the contract. */
async function raw(sandbox: Running, route: string, headers: Record<string, string>, body: Buffer | string) {
  const [method = '', path = ''] = route.split(' ');
  const bytes = Buffer.from(body);
  const key = { authorization: `Bearer ${sandbox.apiKey}`, 'content-length': String(bytes.length) };
  const wire = exchange(sandbox.apiBaseUrl, route, { ...key, ...headers }, bytes);
  await wire.end;
  const [first = '', ...lines] = wire.head().split('\r\n');
  const status = Number(first.split(' ')[1]);
  const answered = new Headers(
    lines.map((line): [string, string] => [line.split(': ', 1)[0] ?? '', line.split(': ')[1] ?? '']),
  );
  const breach = answerBreach({ method, path: `/api/v1${path}`, status, headers: answered, text: wire.body() });
  if (breach !== undefined) throw new Error(breach);
  const { error } = JSON.parse(wire.body());
  return { status, error };
}

describe('a body that cannot be read', () => {
  const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  const BODIES: [string, Buffer | string][] = [
    ['broken off', '{"organizer_email": "a'],
    ['with a comma too many', '{"notify": true,}'],
    ['in single quotes', "{'notify': true}"],
    ['of two values', '{} {}'],
    ['with a number that is none', '{"notify": NaN}'],
    ['that is not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ['in UTF-16', Buffer.from('{"notify": true}', 'utf16le')],
    ['with half a character', Buffer.from([0x22, 0xe2, 0x82, 0x22])],
    ['nested 101 deep', nested(101)],
    ['nested 100,000 deep', nested(100_000)],
    ['nested 20,000 deep in an unknown field', `{"x":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`],
  ];
  it.each(BODIES)('%s is refused with 422 invalid_request', async (_name, body) => {
    const { sandbox, routeOf } = await prepared();
    for (const { operation } of taking) {
      const { status, error } = await raw(sandbox, routeOf(operation), JSON_HEADERS, body);
      expect([status, error.type]).toEqual([422, 'invalid_request']);
    }
    // What was refused is in the journal, and the journal can still be read.
    expect((await sandbox.control('GET /journal')).status).toBe(200);
  });

  it.each(['null', '[]', '[{}]', '0', '""', '"{}"', 'true'])('%s instead of an object is refused', async (body) => {
    const { sandbox, routeOf } = await prepared();
    for (const { operation } of taking) {
      const { status, error } = await sandbox.api(routeOf(operation), { raw: body });
      expect([operation.id, status, error.type]).toEqual([operation.id, 422, 'validation_error']);
    }
  });

  it.each(['1e400', '-1', '0', '1.5', '1441', '9007199254740993', '"60"', 'true', '[60]', '{}'])(
    '%s minutes are refused',
    async (minutes) => {
      const { sandbox, request } = await prepared();
      const body = `{"duration_minutes": ${minutes}}`;
      const { status, error } = await sandbox.api(`POST /meeting_requests/${request.id}/context`, { raw: body });
      expect([status, error.type]).toEqual([422, 'validation_error']);
    },
  );

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'json',
    'garbage;;',
    '',
  ])('declared as “%s” is refused with 415', async (type) => {
    const { sandbox, routeOf } = await prepared();
    for (const { operation } of taking) {
      const { status, error } = await raw(sandbox, routeOf(operation), { 'content-type': type }, '{"notify":true}');
      expect([status, error.type]).toEqual([415, 'invalid_request']);
    }
  });

  it.each(['application/json', 'Application/JSON; charset=UTF-8', 'application/vnd.api+json'])(
    'declared as “%s” is read',
    async (type) => {
      const { sandbox, request } = await prepared();
      const { status } = await sandbox.api(`POST /meeting_requests/${request.id}/cancel`, {
        raw: '{"notify":true}',
        headers: { 'content-type': type },
      });
      expect(status).toBe(200);
    },
  );

  it('that a GET brings along is refused', async () => {
    const { sandbox, routeOf } = await prepared();
    for (const { operation } of routes.filter((route) => route.operation.method === 'GET')) {
      const { status, error } = await raw(sandbox, routeOf(operation), JSON_HEADERS, '{"limit":1}');
      expect([operation.id, status, error.type]).toEqual([operation.id, 422, 'invalid_request']);
    }
  });

  it('over 256 KB is refused with 413, and an empty one is as good as none', async () => {
    const { sandbox, routeOf, request } = await prepared();
    for (const { operation } of taking) {
      const large = await sandbox.api(routeOf(operation), { raw: ' '.repeat(300_000) });
      expect([large.status, large.error.type]).toEqual([413, 'invalid_request']);
    }
    const empty = await sandbox.api(`POST /meeting_requests/${request.id}/pause`, { raw: '', headers: JSON_HEADERS });
    expect(empty.status).toBe(200);
  });
});

describe('a method that a path does not have', () => {
  it.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    '%s is answered with 404 and the methods that there are',
    async (method) => {
      const { sandbox, request } = await prepared();
      for (const [path, allow] of [
        ['/meeting_requests', 'POST, GET, HEAD'],
        [`/meeting_requests/${request.id}`, 'GET, HEAD'],
        [`/meeting_requests/${request.id}/cancel`, 'POST'],
        ['/workspace_members', 'GET, HEAD'],
      ]) {
        const answer = await fetch(`${sandbox.apiBaseUrl}${path}`, { method });
        expect([answer.status, answer.headers.get('allow')]).toEqual([404, allow]);
        expect(await answer.json()).toMatchObject({ error: { type: 'not_found' } });
      }
    },
  );

  it.each(['TRACE', 'PROPFIND', 'BREW'])(
    '%s, which HTTP or Fastify hardly knows, gets no 5xx either',
    async (method) => {
      const { sandbox } = await prepared();
      const wire = exchange(sandbox.apiBaseUrl, `${method} /meeting_requests`);
      await wire.end;
      expect(wire.head()).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(JSON.parse(wire.body())).toMatchObject({ error: { message: expect.stringMatching(/./) } });
    },
  );

  it('is HEAD on none that has GET', async () => {
    const { sandbox } = await prepared();
    const { status, text } = await sandbox.api('HEAD /meeting_requests');
    expect([status, text]).toEqual([200, '']);
  });
});

describe('refusals come in one order', () => {
  it('key, calls, scope, query, id, body', async () => {
    const sandbox = await running({ settings: { rateLimitPerMinute: 6 } });
    const key = await newKey(sandbox, ['meeting_requests.read', 'members.read']);
    const bad = { raw: 'nonsense', headers: JSON_HEADERS };
    const call = (route: string, given: string) => sandbox.api(route, { ...bad, key: given });
    expect((await call('POST /meeting_requests/mr_x/context?x=1', 'sk_unknown')).status).toBe(401);
    expect((await call('POST /meeting_requests/mr_x/context?x=1', key)).status).toBe(403);
    const unknown = await call('POST /meeting_requests/mr_x/context?x=1', sandbox.apiKey);
    expect([unknown.status, unknown.error.type]).toEqual([422, 'validation_error']);
    expect((await call('POST /meeting_requests/mr_x/context', sandbox.apiKey)).status).toBe(404);
    const request = await created(sandbox);
    await force(sandbox, request.id, 'booked');
    const unreadable = await call(`POST /meeting_requests/${request.id}/context`, sandbox.apiKey);
    expect([unreadable.status, unreadable.error.message]).toEqual([422, 'The body is not valid JSON.']);
    for (let n = 0; n < 2; n += 1) await sandbox.api('GET /workspace_members');
    expect((await call('POST /meeting_requests/mr_x/context?x=1', sandbox.apiKey)).status).toBe(429);
  });
});

it('what is no HTTP is answered in the same words', async () => {
  const { sandbox } = await prepared();
  const socket = connect(Number(new URL(sandbox.url).port), '127.0.0.1');
  endWithTest(async () => socket.destroy());
  socket.end('this is not HTTP\r\n\r\n');
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  const [head = '', body = ''] = Buffer.concat(chunks).toString('utf8').split('\r\n\r\n');
  expect(head).toMatch(/^HTTP\/1\.1 400 /);
  expect(JSON.parse(body)).toEqual({ error: { type: 'invalid_request', message: 'This is not HTTP/1.1.' } });
});
