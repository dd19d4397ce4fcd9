import Fastify from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../database/index.ts';
import { ListenError, listen, TRIGGER_ERRORS } from '../../../triggers/index.ts';
import { openPglite } from '../../harness/pglite.ts';
import {
  BOOKED,
  DEAL_SECRET,
  dealEvent,
  HUBSPOT_SECRET,
  hubspotWebhook,
  receivers,
  SKIPUP_SECRET,
  STAGE_CHANGE,
  send,
  skipupWebhook,
  talk,
} from './stack.ts';

let database: Database;
beforeAll(async () => {
  database = await openPglite();
});
afterAll(async () => database.close());
beforeEach(async () => {
  await database.db.deleteFrom('inbox').execute();
});

const old = new Date(Date.now() - 7_260_000);
const early = new Date(Date.now() + 400_000);
const plain = (body: string): RequestInit => ({ body, headers: { 'content-type': 'application/json' } });
const withHeaders = (init: RequestInit, headers: Record<string, string>): RequestInit => ({
  ...init,
  headers: { ...Object.fromEntries(new Headers(init.headers)), ...headers },
});

describe('a request that is not acceptable changes nothing', () => {
  it.each([
    ['an unsigned SkipUp webhook', '/webhooks/skipup', plain(JSON.stringify(BOOKED)), 401, 'missing_signature'],
    ['a SkipUp webhook without a body', '/webhooks/skipup', {}, 401, 'missing_signature'],
    [
      'a garbled signature',
      '/webhooks/skipup',
      withHeaders(plain('{}'), { 'x-webhook-signature': 'v1' }),
      401,
      'malformed_signature',
    ],
    ['another secret', '/webhooks/skipup', skipupWebhook(BOOKED, new Date(), 'other'), 401, 'no_match'],
    ['a stale SkipUp webhook', '/webhooks/skipup', skipupWebhook(BOOKED, old), 401, 'timestamp_too_old'],
    ['a SkipUp webhook of the future', '/webhooks/skipup', skipupWebhook(BOOKED, early), 401, 'timestamp_in_future'],
    ['a signed body that is not JSON', '/webhooks/skipup', skipupWebhook('{"event":'), 400, 'malformed_body'],
    ['a signed body without an event', '/webhooks/skipup', skipupWebhook('[]'), 400, 'malformed_body'],
    ['an unsigned HubSpot batch', '/triggers/hubspot', plain(JSON.stringify([STAGE_CHANGE])), 401, 'missing_signature'],
    [
      'a HubSpot batch with another secret',
      '/triggers/hubspot',
      hubspotWebhook([STAGE_CHANGE], Date.now(), 'x'),
      401,
      'no_match',
    ],
    [
      'a stale HubSpot batch',
      '/triggers/hubspot',
      hubspotWebhook([STAGE_CHANGE], Date.now() - 300_500),
      401,
      'timestamp_too_old',
    ],
    ['a HubSpot batch sent elsewhere', '/triggers/hubspot?x=1', hubspotWebhook([STAGE_CHANGE]), 401, 'no_match'],
    [
      'a batch with one broken event',
      '/triggers/hubspot',
      hubspotWebhook([STAGE_CHANGE, { ...STAGE_CHANGE, objectId: {} }]),
      400,
      'malformed_body',
    ],
    ['an unsigned deal', '/triggers/deal', plain('{"dealId":"1"}'), 401, 'missing_signature'],
    [
      'a deal with a wrong token',
      '/triggers/deal',
      withHeaders(plain('{"dealId":"1"}'), { authorization: 'Bearer no' }),
      401,
      'no_match',
    ],
    ['a deal without id', '/triggers/deal', dealEvent({ deal: { name: 'x' } }), 400, 'malformed_body'],
    ['a path that does not exist', '/triggers/sap', plain('{}'), 404, 'unknown_route'],
    ['a broken path', '/%zz', plain('{}'), 400, 'malformed_request'],
  ])('%s: %s', async (_what, path, init, status, type) => {
    const server = await receivers(database);
    const answer = await send(server.url + path, init);
    expect(answer).toMatchObject({ status, body: { error: { type, message: expect.stringMatching(/\w{3,}.*\.$/) } } });
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await server.inbox()).toEqual([]);
    expect(server.wakes()).toBe(0);
    expect(server.events).toMatchObject([{ type: 'refused', code: type, status }]);
    expect(await server.metrics.metrics()).toMatch(new RegExp(`kickoff_requests_refused_total.*code="${type}"\\} 1`));
  });

  it('a body of one byte too many is refused at once, and one of exactly the limit is not', async () => {
    const server = await receivers(database);
    const atLimit = skipupWebhook(
      JSON.stringify({ ...BOOKED, note: '' }).replace('""', `"${'x'.repeat(262_144 - 136)}"`),
    );
    const length = String(atLimit.body).length;
    const padded = (size: number) => skipupWebhook(String(atLimit.body).replace('xx', 'x'.repeat(2 + size - length)));
    expect((await send(`${server.url}/webhooks/skipup`, padded(262_144))).status).toBe(200);
    const refused = await send(`${server.url}/webhooks/skipup`, padded(262_145));
    expect(refused).toMatchObject({ status: 413, body: { error: { type: 'body_too_large' } } });
    expect(await server.inbox()).toHaveLength(1);
  });

  it('an oversized body that hides its length is cut off where it passes the limit', async () => {
    const server = await receivers(database, { limits: { bodyBytes: 1_000 } });
    const chunk = `3e8\r\n${'x'.repeat(1000)}\r\n`;
    const head = 'POST /webhooks/skipup HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    const answer = await talk(server.port, `${head}${chunk}${chunk}0\r\n\r\n`);
    expect(answer).toContain('HTTP/1.1 413');
    expect(answer).toContain('"body_too_large"');
    expect(await server.inbox()).toEqual([]);
  });

  it.each([
    ['whose body never comes', 'POST /webhooks/skipup HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{"a'],
    ['whose headers never end', 'POST /webhooks/skipup HTTP/1.1\r\nHost: x\r\n'],
  ])('a request %s is cut with 408', async (_what, bytes) => {
    const server = await receivers(database, { limits: { requestMs: 200 } });
    const answer = await talk(server.port, bytes);
    expect(answer).toContain('HTTP/1.1 408 Request Timeout');
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ error: { type: 'request_timeout' } });
    expect(server.events).toMatchObject([{ type: 'refused', code: 'request_timeout', status: 408 }]);
    expect(await server.inbox()).toEqual([]);
  });

  it.each([
    ['not HTTP at all', 'HELO there\r\n\r\n', 400, 'malformed_request'],
    [
      'headers beyond all measure',
      `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    [
      'two lengths',
      'POST /triggers/deal HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      400,
      'malformed_request',
    ],
  ])('%s is answered as JSON', async (_what, bytes, status, type) => {
    const server = await receivers(database);
    const answer = await talk(server.port, bytes);
    expect(answer).toContain(`HTTP/1.1 ${status}`);
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ error: { type } });
  });

  it('a known path asked in another way says which way', async () => {
    const server = await receivers(database);
    const answer = await send(`${server.url}/webhooks/skipup`, { method: 'GET' });
    expect(answer).toMatchObject({ status: 405, body: { error: { type: 'method_not_allowed' } } });
    expect(answer.headers.get('allow')).toBe('POST');
    expect((await send(`${server.url}/healthz`, { method: 'DELETE' })).headers.get('allow')).toBe('GET');
  });

  it('a receiver for which nothing is configured answers 503 and names the variables', async () => {
    const server = await receivers(database, {
      crms: {},
      skipup: { secrets: [], tolerance: { pastSeconds: 1, futureSeconds: 1 } },
    });
    for (const [path, init, variable] of [
      ['/webhooks/skipup', skipupWebhook(BOOKED), 'SKIPUP_WEBHOOK_SECRETS'],
      ['/triggers/hubspot', hubspotWebhook([STAGE_CHANGE]), 'HUBSPOT_CLIENT_SECRET'],
      ['/triggers/deal', dealEvent({ dealId: '1' }), 'DEAL_TRIGGER_SECRETS'],
    ] as const) {
      const answer = await send(server.url + path, init);
      expect(answer).toMatchObject({
        status: 503,
        body: { error: { type: 'configuration', message: expect.stringContaining(variable) } },
      });
      expect(answer.headers.get('retry-after')).not.toBeNull();
    }
  });

  it('no secret, signature or body reaches the log', async () => {
    const server = await receivers(database);
    const stale = skipupWebhook({ ...BOOKED, note: 'private words' }, old);
    await send(`${server.url}/webhooks/skipup`, stale);
    await send(`${server.url}/triggers/hubspot`, hubspotWebhook('private words'));
    await send(`${server.url}/triggers/deal`, dealEvent({ dealId: 1, note: 'private words' }));
    const logged = server.logged();
    expect(logged).toContain('timestamp_too_old');
    const signature = new Headers(stale.headers).get('x-webhook-signature') ?? 'none';
    for (const secret of [SKIPUP_SECRET, HUBSPOT_SECRET, DEAL_SECRET, signature, 'private words']) {
      expect(logged).not.toContain(secret);
    }
  });
});

describe('what a request is said to be does not matter', () => {
  it.each(['text/plain', 'application/xml', 'application/json; charset=latin1', 'application/x-www-form-urlencoded'])(
    'the raw bytes are verified under the content type %s',
    async (type) => {
      const server = await receivers(database);
      const init = withHeaders(skipupWebhook(BOOKED), { 'content-type': type });
      expect((await send(`${server.url}/webhooks/skipup`, init)).status).toBe(200);
    },
  );

  it('an unreadable content type is answered 415', async () => {
    const server = await receivers(database);
    const init = withHeaders(skipupWebhook(BOOKED), { 'content-type': 'nonsense' });
    expect(await send(`${server.url}/webhooks/skipup`, init)).toMatchObject({
      status: 415,
      body: { error: { type: 'unsupported_media_type' } },
    });
  });

  it('white space and order in the body count: the signature is over the bytes', async () => {
    const server = await receivers(database);
    const spaced = `{ "status":"booked",\n "event": "meeting_request.booked", "id":"mr_1", "timestamp":"2026-11-20T16:00:00Z"}\n`;
    expect((await send(`${server.url}/webhooks/skipup`, skipupWebhook(spaced))).status).toBe(200);
  });
});

describe('health', () => {
  it('is alive whatever happens, and ready when database and Temporal answer', async () => {
    const server = await receivers(database);
    expect(await send(`${server.url}/healthz`, { method: 'GET' })).toMatchObject({
      status: 200,
      body: { status: 'ok' },
    });
    expect(await send(`${server.url}/readyz`, { method: 'GET' })).toMatchObject({
      status: 200,
      body: { status: 'ok', checks: { database: { status: 'ok' }, temporal: { status: 'ok' } } },
    });
  });

  it('names what is not ready', async () => {
    const gone = await openPglite();
    const server = await receivers(gone, {
      isTemporalReachable: async () => {
        throw new Error('connection refused\n    at somewhere');
      },
    });
    await gone.ping();
    await gone.close();
    const { status, body } = await send(`${server.url}/readyz`, { method: 'GET' });
    expect(status).toBe(503);
    expect(body).toMatchObject({
      status: 'error',
      checks: { database: { status: 'error' }, temporal: { status: 'error', message: 'connection refused' } },
    });
    expect((await send(`${server.url}/healthz`, { method: 'GET' })).status).toBe(200);
    const metrics = await send(`${server.url}/metrics`, { method: 'GET' });
    expect(metrics.status).toBe(200);
    expect(metrics.body).toContain('# HELP kickoff_inbox_rows');
  });

  it('has bare headers: no banner, no caching, no sniffing', async () => {
    const server = await receivers(database);
    const { headers } = await send(`${server.url}/healthz`, { method: 'GET' });
    expect(headers.get('server')).toBeNull();
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('the server', () => {
  it('serves plugins beside the receivers, with bodies of their own kind', async () => {
    const server = await receivers(database, {
      plugins: [
        async (app) => {
          app.get('/', async (_request, reply) => reply.type('text/html').send('<p>console</p>'));
          app.post('/echo', async (request) => ({ got: request.body }));
        },
      ],
    });
    expect((await send(`${server.url}/`, { method: 'GET' })).body).toBe('<p>console</p>');
    expect((await send(`${server.url}/echo`, plain('{"a":1}'))).body).toEqual({ got: { a: 1 } });
    expect(await send(`${server.url}/echo`, plain('{"a"'))).toMatchObject({
      status: 400,
      body: { error: { type: 'malformed_request' } },
    });
  });

  it('says in one line that its port is in use', async () => {
    const server = await receivers(database);
    const second = Fastify();
    const failure = await listen(second, { port: server.port }).catch((error: unknown) => error);
    await second.close();
    expect(failure).toBeInstanceOf(ListenError);
    expect(failure).toMatchObject({ code: 'port_in_use', message: expect.stringMatching(/^[^\n]*in use[^\n]*$/) });
  });

  it('has a status for every error that it can give', () => {
    expect(Object.values(TRIGGER_ERRORS).every((status) => status >= 400 && status < 600)).toBe(true);
  });
});
