/**
 * SkipUp's webhooks reference, its objects and calls, row by row against the sandbox: raw over HTTP with what the
 * reference's curl samples send, and through the client.
 *
 * | section of the reference       | tests                                   |
 * |--------------------------------|-----------------------------------------|
 * | endpoint object: table         | the endpoint object                     |
 * | delivery object: table         | the delivery object                     |
 * | list: parameters, sample       | listing endpoints                       |
 * | get                            | reading an endpoint                     |
 * | create: parameters, 201        | making an endpoint                      |
 * | update: parameters             | changing an endpoint                    |
 * | delete: 204                    | deleting an endpoint                    |
 * | test                           | testing an endpoint                     |
 * | deliveries: parameters, sample | listing deliveries                      |
 * | "scope required" of each call  | the scope of each call                  |
 * | event types, signature         | webhooks-reference-events               |
 * | retries, automatic disabling   | webhooks-reference-retries              |
 *
 * The reference never says where the signing secret is shown; the sandbox shows it once, in the answer to create.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SkipUpNotFoundError, SkipUpPermissionError } from '../../../skipup/index.ts';
import type { Running } from '../../unit/sandbox/running.ts';
import { created, force, newKey, receiver, running, subscribe } from '../../unit/sandbox/running.ts';
import { atSandbox, callsOf, clientAt, settle } from './at-sandbox.ts';
import { eventsOf, headerOf } from './events-of.ts';

const URL = 'https://example.com/webhooks/skipup';
const EVENTS = ['meeting_request.booked', 'meeting_request.cancelled'] as const;
const DESCRIPTION = 'Production webhook handler';
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

const make = (sandbox: Running, changes: object = {}) =>
  sandbox.api('POST /webhook_endpoints', { body: { url: URL, events: EVENTS, description: DESCRIPTION, ...changes } });

/** Switches an endpoint off as SkipUp does: ten deliveries fail. */
async function switchedOff(sandbox: Running, url: string) {
  const { id } = await subscribe(sandbox, url, { events: ['meeting_request.created'] });
  for (let n = 0; n < 10; n += 1) await created(sandbox);
  await sandbox.advance('2h');
  return id;
}

describe('the endpoint object', () => {
  let well: Record<string, unknown>;
  let off: Record<string, unknown>;
  beforeAll(async () => {
    const sandbox = await running();
    const { data } = await make(sandbox);
    const hook = await receiver(500);
    const id = await switchedOff(sandbox, hook.url);
    well = (await sandbox.api(`GET /webhook_endpoints/${data.id}`)).data;
    off = (await sandbox.api(`GET /webhook_endpoints/${id}`)).data;
  });

  it.each([
    ['id', z.string().startsWith('we_'), z.string().startsWith('we_')],
    ['url', z.url(), z.url()],
    ['description', z.literal(DESCRIPTION), z.null()],
    ['enabled', z.literal(true), z.literal(false)],
    ['events', z.tuple([z.literal(EVENTS[0]), z.literal(EVENTS[1])]), z.tuple([z.literal('meeting_request.created')])],
    ['disabled_at', z.null(), z.string().regex(INSTANT)],
    ['disabled_reason', z.null(), z.literal('too_many_failures')],
    ['created_at', z.string().regex(INSTANT), z.string().regex(INSTANT)],
    ['updated_at', z.string().regex(INSTANT), z.string().regex(INSTANT)],
  ])('has %s, of an endpoint that is well and of one that SkipUp has switched off', (field, ofWell, ofOff) => {
    expect(ofWell.safeParse(well[field]).error).toBeUndefined();
    expect(ofOff.safeParse(off[field]).error).toBeUndefined();
  });

  it('has no other field', async () => {
    const sandbox = await running();
    const { data } = await make(sandbox);
    const read = await sandbox.api(`GET /webhook_endpoints/${data.id}`);
    expect(Object.keys(z.object({ data: z.looseObject({}) }).parse(JSON.parse(read.text)).data)).toEqual(
      'id url description enabled events disabled_at disabled_reason created_at updated_at'.split(' '),
    );
  });
});

describe('the delivery object', () => {
  let success: Record<string, unknown>;
  let failed: Record<string, unknown>;
  beforeAll(async () => {
    const sandbox = await running();
    const hook = await receiver(500, 500, 500, 500, 500, 500, 500, 500, 200);
    const { id } = await subscribe(sandbox, hook.url, { events: ['meeting_request.created'] });
    await created(sandbox);
    await sandbox.advance('2h');
    await created(sandbox);
    await settle(sandbox);
    const { list } = await sandbox.api(`GET /webhook_endpoints/${id}/deliveries`);
    [success, failed] = z.tuple([z.looseObject({}), z.looseObject({})]).parse(list);
  });

  it.each([
    ['id', z.string().startsWith('wd_'), z.string().startsWith('wd_')],
    ['event_type', z.literal('meeting_request.created'), z.literal('meeting_request.created')],
    ['status', z.literal('success'), z.literal('failed')],
    ['payload', z.looseObject({ event: z.string() }), z.looseObject({ event: z.string() })],
    ['response_code', z.literal(200), z.literal(500)],
    ['attempts', z.literal(1), z.literal(8)],
    ['delivered_at', z.string().regex(INSTANT), z.null()],
    ['last_attempted_at', z.string().regex(INSTANT), z.string().regex(INSTANT)],
    ['created_at', z.string().regex(INSTANT), z.literal('2026-02-10T14:00:00Z')],
  ])('has %s, of a delivery that got through and of one that was given up', (field, ofSuccess, ofFailure) => {
    expect(ofSuccess.safeParse(success[field]).error).toBeUndefined();
    expect(ofFailure.safeParse(failed[field]).error).toBeUndefined();
  });

  it('has neither code nor times before its first attempt', async () => {
    const sandbox = await running();
    const { id } = await subscribe(sandbox, URL);
    await sandbox.control('POST /faults', { fault: 'webhook_delay', delayMs: 60_000 });
    await created(sandbox);
    expect((await sandbox.api(`GET /webhook_endpoints/${id}/deliveries`)).list).toMatchObject([
      { status: 'pending', attempts: 0, response_code: null, delivered_at: null, last_attempted_at: null },
    ]);
  });
});

describe('listing endpoints', () => {
  it('answers newest first with 25 a page, and the secret of none', async () => {
    const { sandbox, client } = await atSandbox();
    const ids: string[] = [];
    for (let n = 0; n < 27; n += 1) ids.unshift((await make(sandbox)).data.id);
    const { status, list, meta, text } = await sandbox.api('GET /webhook_endpoints');
    expect([status, meta.limit, meta.has_more, list.map(({ id }) => id)]).toEqual([200, 25, true, ids.slice(0, 25)]);
    expect(text).not.toContain('secret');
    expect((await client.webhookEndpoints.list().toArray({ limit: 100 })).map(({ id }) => id)).toEqual(ids);
  });

  it('answers the sample’s meta when all are on one page', async () => {
    const sandbox = await running();
    await make(sandbox);
    expect((await sandbox.api('GET /webhook_endpoints')).meta).toEqual({ limit: 25, has_more: false });
  });

  it.each([
    ['1', 200, 1],
    ['100', 200, 3],
    ['101', 422, 0],
    ['0', 422, 0],
    ['ten', 422, 0],
  ])('limit=%s: %i', async (limit, expected, length) => {
    const sandbox = await running();
    for (let n = 0; n < 3; n += 1) await make(sandbox);
    const { status, list } = await sandbox.api(`GET /webhook_endpoints?limit=${limit}`);
    expect([status, list.length]).toEqual([expected, length]);
  });

  it('cursor: goes on where the page before ended', async () => {
    const { sandbox, client } = await atSandbox();
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) ids.unshift((await make(sandbox)).data.id);
    const { meta } = await sandbox.api('GET /webhook_endpoints?limit=2');
    const next = await sandbox.api(`GET /webhook_endpoints?limit=2&cursor=${meta.next_cursor}`);
    expect([next.list.map(({ id }) => id), next.meta.has_more]).toEqual([ids.slice(2), false]);
    const first = await client.webhookEndpoints.list({ limit: 2 }).firstPage();
    const second = await client.webhookEndpoints.list({ limit: 2, cursor: first.nextCursor }).firstPage();
    expect(second.items.map(({ id }) => id)).toEqual(ids.slice(2));
    expect((await sandbox.api('GET /webhook_endpoints?cursor=made-up')).status).toBe(422);
  });
});

describe('reading an endpoint', () => {
  it('answers it, without its secret', async () => {
    const { sandbox, client } = await atSandbox();
    const { data } = await make(sandbox);
    const { status, ...read } = await sandbox.api(`GET /webhook_endpoints/${data.id}`);
    expect(status).toBe(200);
    expect(read.data).toMatchObject({ id: data.id, url: URL, description: DESCRIPTION, enabled: true, events: EVENTS });
    expect(await client.webhookEndpoints.get(data.id)).not.toHaveProperty('secret');
  });

  it('answers 404 for one that is not there', async () => {
    const { sandbox, client } = await atSandbox();
    const { status, error } = await sandbox.api('GET /webhook_endpoints/we_01HQ');
    expect([status, error.type]).toEqual([404, 'not_found']);
    await expect(client.webhookEndpoints.get('we_01HQ')).rejects.toThrow(SkipUpNotFoundError);
  });
});

describe('making an endpoint', () => {
  it('answers 201 with the endpoint, as curl sends it and as the client does', async () => {
    const { sandbox, client } = await atSandbox();
    const body = {
      url: URL,
      events: [...EVENTS],
      description: DESCRIPTION,
      headers: [{ key: 'X-Custom-Auth', value: 'my-secret-token' }],
    };
    const { status, data } = await sandbox.api('POST /webhook_endpoints', { body });
    expect(status).toBe(201);
    const shown = { url: URL, events: body.events, description: DESCRIPTION, enabled: true, disabled_at: null };
    expect(data).toMatchObject(shown);
    expect(await client.webhookEndpoints.create(body)).toMatchObject(shown);
  });

  it.each([
    ['url', undefined],
    ['url', 'http://example.com/webhooks/skipup'],
    ['url', 'example.com'],
    ['events', undefined],
    ['events', []],
    ['events', ['meeting_request.rescheduled']],
    ['description', 7],
    ['headers', [{ key: 'X-Custom-Auth' }]],
    ['headers', { 'X-Custom-Auth': 'my-secret-token' }],
  ])('refuses %s: %j', async (field, value) => {
    const sandbox = await running();
    const { status, error } = await make(sandbox, { [field]: value });
    expect([status, error.type]).toEqual([422, 'validation_error']);
    expect(error.message).toContain(field);
    expect((await sandbox.api('GET /webhook_endpoints')).list).toEqual([]);
  });

  it('does without a description and headers', async () => {
    const sandbox = await running();
    const { status, data } = await make(sandbox, { description: undefined });
    expect([status, data.description]).toEqual([201, null]);
  });

  it('sends the headers that were asked for with each delivery, and never in place of its own', async () => {
    const sandbox = await running();
    const hook = await receiver(200);
    await subscribe(sandbox, hook.url, {
      headers: [
        { key: 'X-Custom-Auth', value: 'my-secret-token' },
        { key: 'X-Webhook-Event', value: 'forged' },
      ],
    });
    await created(sandbox);
    await settle(sandbox);
    const [delivery] = hook.received;
    if (delivery === undefined) throw new Error('nothing was delivered');
    expect(headerOf(delivery, 'x-custom-auth')).toBe('my-secret-token');
    expect(headerOf(delivery, 'x-webhook-event')).toBe('meeting_request.created');
  });

  it('delivers from the first moment, and nothing from before', async () => {
    const sandbox = await running();
    const hook = await receiver(200);
    await created(sandbox);
    await subscribe(sandbox, hook.url);
    await settle(sandbox);
    expect(hook.received).toEqual([]);
    await created(sandbox);
    await settle(sandbox);
    expect(eventsOf(hook)).toEqual(['meeting_request.created']);
  });
});

describe('changing an endpoint', () => {
  it.each([
    ['url', { url: 'https://example.org/hooks' }],
    ['events', { events: [...EVENTS, 'meeting_request.created' as const] }],
    ['description', { description: 'Another' }],
    ['enabled', { enabled: false }],
    ['several at once', { events: [EVENTS[0]], enabled: true }],
  ])('changes %s and leaves the rest', async (_what, change) => {
    const { sandbox, client } = await atSandbox();
    const { data } = await make(sandbox);
    const before = (await sandbox.api(`GET /webhook_endpoints/${data.id}`)).data;
    await sandbox.advance('1h');
    const { status, data: after } = await sandbox.api(`PATCH /webhook_endpoints/${data.id}`, { body: change });
    expect(status).toBe(200);
    const { disabled_at: _at, ...rest } = before;
    expect(after).toMatchObject({ ...rest, ...change, updated_at: '2026-02-10T15:00:00Z' });
    expect(await client.webhookEndpoints.update(data.id, change)).toMatchObject(change);
  });

  it.each([{}, { headers: [] }, { id: 'we_1' }, { enabled: 'yes' }, { url: 'http://example.com/' }, { events: [] }])(
    'refuses %j',
    async (body) => {
      const sandbox = await running();
      const { data } = await make(sandbox);
      const { status, error } = await sandbox.api(`PATCH /webhook_endpoints/${data.id}`, { body });
      expect([status, error.type]).toEqual([422, 'validation_error']);
    },
  );

  it('delivers to the new address from then on', async () => {
    const { sandbox, client } = await atSandbox();
    const [old, next] = [await receiver(200), await receiver(200)];
    const { id } = await subscribe(sandbox, old.url);
    await client.webhookEndpoints.update(id, { url: next.url, events: ['meeting_request.created'] });
    await created(sandbox);
    await settle(sandbox);
    expect([old.received.length, eventsOf(next)]).toEqual([0, ['meeting_request.created']]);
  });

  it('enabled false pauses deliveries, true resumes them', async () => {
    const { sandbox, client } = await atSandbox();
    const hook = await receiver(500, 200);
    const { id } = await subscribe(sandbox, hook.url, { events: ['meeting_request.created'] });
    await created(sandbox);
    await settle(sandbox);
    expect(await client.webhookEndpoints.update(id, { enabled: false })).toMatchObject({ disabled_reason: null });
    await sandbox.advance('1d');
    expect(hook.received).toHaveLength(1);
    await client.webhookEndpoints.update(id, { enabled: true });
    await settle(sandbox);
    expect(hook.received).toHaveLength(2);
    expect(await client.webhookEndpoints.deliveries(id).toArray({ limit: 5 })).toMatchObject([{ status: 'success' }]);
  });
});

describe('deleting an endpoint', () => {
  it('answers 204 without a body, and what was pending is not sent', async () => {
    const sandbox = await running();
    const hook = await receiver(500);
    const { id } = await subscribe(sandbox, hook.url);
    await created(sandbox);
    await settle(sandbox);
    const { status, text } = await sandbox.api(`DELETE /webhook_endpoints/${id}`);
    expect([status, text]).toEqual([204, '']);
    await sandbox.advance('2h');
    expect(hook.received).toHaveLength(1);
  });

  it('is for good', async () => {
    const { sandbox, client } = await atSandbox();
    const { data } = await make(sandbox);
    await client.webhookEndpoints.delete(data.id);
    for (const act of ['get', 'delete', 'test'] as const) {
      await expect(client.webhookEndpoints[act](data.id)).rejects.toThrow(SkipUpNotFoundError);
    }
    await expect(client.webhookEndpoints.deliveries(data.id).firstPage()).rejects.toThrow(SkipUpNotFoundError);
    expect((await sandbox.api('GET /webhook_endpoints')).list).toEqual([]);
  });
});

describe('testing an endpoint', () => {
  it('queues a delivery of the payload in the reference, whatever the endpoint has subscribed to', async () => {
    const sandbox = await running();
    const hook = await receiver(200);
    const { id } = await subscribe(sandbox, hook.url, { events: ['meeting_request.booked'] });
    const { status, text } = await sandbox.api(`POST /webhook_endpoints/${id}/test`);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({ data: { delivery_id: expect.stringMatching(/^wd_/), status: 'queued' } });
    await settle(sandbox);
    expect(hook.received.map(({ raw }) => JSON.parse(raw))).toEqual([
      { event: 'test', timestamp: '2026-02-10T14:00:00Z', message: 'Test webhook delivery' },
    ]);
  });

  it('can be followed in the list of deliveries', async () => {
    const { sandbox, client } = await atSandbox();
    const hook = await receiver(200);
    const { id } = await subscribe(sandbox, hook.url);
    const { delivery_id, status } = await client.webhookEndpoints.test(id);
    await settle(sandbox);
    expect(status).toBe('queued');
    const listed = await client.webhookEndpoints.deliveries(id, { event_type: 'test' }).toArray({ limit: 5 });
    expect(listed).toMatchObject([{ id: delivery_id, status: 'success', response_code: 200 }]);
  });
});

describe('listing deliveries', () => {
  /** Newest first: a booking and a test that wait, a creation that got through, one that was given up. */
  async function four() {
    const at = await atSandbox();
    const hook = await receiver(500, 500, 500, 500, 500, 500, 500, 500, 200, 500);
    const { id } = await subscribe(at.sandbox, hook.url, {
      events: ['meeting_request.created', 'meeting_request.booked'],
    });
    await created(at.sandbox);
    await at.sandbox.advance('2h');
    const second = await created(at.sandbox);
    await settle(at.sandbox);
    await at.client.webhookEndpoints.test(id);
    await settle(at.sandbox);
    await force(at.sandbox, second.id, 'booked');
    await settle(at.sandbox);
    return { ...at, id };
  }
  const [BOOKED, TEST, CREATED] = ['meeting_request.booked', 'test', 'meeting_request.created'];

  it.each([
    ['', [BOOKED, TEST, CREATED, CREATED]],
    ['?status=pending', [BOOKED, TEST]],
    ['?status=success', [CREATED]],
    ['?status=failed', [CREATED]],
    ['?event_type=meeting_request.created', [CREATED, CREATED]],
    ['?event_type=meeting_request.created&status=failed', [CREATED]],
    ['?event_type=meeting_request.paused', []],
    ['?limit=3', [BOOKED, TEST, CREATED]],
  ])('%s: newest first', async (query, expected) => {
    const { sandbox, client, id } = await four();
    const { status, list } = await sandbox.api(`GET /webhook_endpoints/${id}/deliveries${query}`);
    expect([status, list.map(({ event_type }) => event_type)]).toEqual([200, expected]);
    const parameters = Object.fromEntries(new URLSearchParams(query));
    const page = await client.webhookEndpoints.deliveries(id, parameters).firstPage();
    expect(page.items.map(({ event_type }) => event_type)).toEqual(expected);
  });

  it.each(['?status=lost', '?limit=101', '?limit=0', '?cursor=made-up', '?since=2026-02-10'])(
    'refuses %s',
    async (query) => {
      const { sandbox, id } = await four();
      expect((await sandbox.api(`GET /webhook_endpoints/${id}/deliveries${query}`)).status).toBe(422);
    },
  );

  it('cursor: goes on where the page before ended', async () => {
    const { client, id } = await four();
    const pages = [];
    for await (const page of client.webhookEndpoints.deliveries(id, { limit: 3 }).pages())
      pages.push(page.items.length);
    expect(pages).toEqual([3, 1]);
  });

  it('shows a delivery that was given up as in the sample: eight attempts, the last code, its payload', async () => {
    const { client, id } = await four();
    const [failed] = await client.webhookEndpoints.deliveries(id, { status: 'failed' }).toArray({ limit: 5 });
    expect(failed).toMatchObject({
      event_type: CREATED,
      status: 'failed',
      payload: { event: CREATED, timestamp: '2026-02-10T14:00:00Z', status: 'active' },
      response_code: 500,
      attempts: 8,
      delivered_at: null,
      created_at: '2026-02-10T14:00:00Z',
    });
  });

  it('shows the deliveries of one endpoint alone', async () => {
    const { sandbox, client, id } = await four();
    const other = await subscribe(sandbox, 'http://127.0.0.1:9/');
    expect(await client.webhookEndpoints.deliveries(other.id).toArray({ limit: 5 })).toEqual([]);
    expect(await client.webhookEndpoints.deliveries(id).toArray({ limit: 5 })).toHaveLength(4);
  });
});

describe('the scope of each call', () => {
  type Endpoints = ReturnType<typeof clientAt>['webhookEndpoints'];
  const CALLS: [string, 'webhooks.read' | 'webhooks.write', (endpoints: Endpoints, id: string) => Promise<unknown>][] =
    [
      ['list', 'webhooks.read', (endpoints) => endpoints.list().firstPage()],
      ['get', 'webhooks.read', (endpoints, id) => endpoints.get(id)],
      ['create', 'webhooks.write', (endpoints) => endpoints.create({ url: URL, events: [...EVENTS] })],
      ['update', 'webhooks.write', (endpoints, id) => endpoints.update(id, { description: 'Mine' })],
      ['delete', 'webhooks.write', (endpoints, id) => endpoints.delete(id)],
      ['test', 'webhooks.write', (endpoints, id) => endpoints.test(id)],
      ['deliveries', 'webhooks.read', (endpoints, id) => endpoints.deliveries(id).firstPage()],
    ];

  it.each(CALLS)('%s needs %s and nothing else', async (_name, scope, call) => {
    const { sandbox } = await atSandbox();
    const { data } = await make(sandbox);
    const withScope = async (one: string) =>
      clientAt(sandbox, { apiKey: await newKey(sandbox, [one]) }).webhookEndpoints;
    const other = scope === 'webhooks.read' ? 'webhooks.write' : 'webhooks.read';
    await expect(call(await withScope(other), data.id)).rejects.toThrow(SkipUpPermissionError);
    await call(await withScope(scope), data.id);
    expect(callsOf(sandbox).slice(1)).toEqual([expect.stringMatching(/ 403$/), expect.stringMatching(/ 20[014]$/)]);
  });
});
