import { createHmac } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import type { Received, Running } from './running.ts';
import { created, force, receiver, running, subscribe } from './running.ts';

const eventOf = ({ headers }: Received) => headers['x-webhook-event'];

/** Lets everything that is due now happen. */
const settle = (sandbox: Running) => sandbox.advance('0ms');

describe('webhook deliveries', () => {
  it('are signed over their raw bytes with the wall clock’s second, and say what happened in the sandbox’s time', async () => {
    const sandbox = await running();
    const hook = await receiver(200);
    const { secret } = await subscribe(sandbox, `${hook.url}/webhooks/skipup?from=sandbox`, {
      headers: [{ key: 'X-Custom-Auth', value: 'my-secret-token' }],
    });
    const { id } = await created(sandbox);
    await settle(sandbox);
    expect(hook.received).toHaveLength(1);
    const [{ headers, raw, path }] = hook.received as [Received];
    const timestamp = Number(headers['x-webhook-timestamp']);
    expect(Math.abs(timestamp - Date.now() / 1000)).toBeLessThan(5);
    const expected = createHmac('sha256', secret).update(`${timestamp}.${raw}`).digest('hex');
    expect(headers['x-webhook-signature']).toBe(`t=${timestamp},v1=${expected}`);
    expect(path).toBe('/webhooks/skipup?from=sandbox');
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-custom-auth': 'my-secret-token',
      'x-webhook-event': 'meeting_request.created',
    });
    expect(JSON.parse(raw)).toEqual({
      event: 'meeting_request.created',
      timestamp: '2026-02-10T14:00:00Z',
      id,
      status: 'active',
      created_at: '2026-02-10T14:00:00Z',
    });
  });

  it('tell every change of a request, each with the fields of SkipUp’s reference', async () => {
    const sandbox = await running();
    const hook = await receiver(200);
    await subscribe(sandbox, hook.url);
    const { id } = await created(sandbox);
    for (const event of ['paused', 'resumed', 'follow_up_sent']) await force(sandbox, id, event);
    await force(sandbox, id, 'organizer_changed', { organizer_email: 'morgan.diaz@yourcompany.example' });
    await force(sandbox, id, 'booked');
    await force(sandbox, id, 'cancelled');
    await sandbox.control('POST /members/morgan.diaz@yourcompany.example/deactivate');
    await settle(sandbox);
    const at = '2026-02-10T14:00:00Z';
    const told = Object.fromEntries(hook.received.map((delivery) => [eventOf(delivery), JSON.parse(delivery.raw)]));
    const head = (name: string) => ({ event: `meeting_request.${name}`, timestamp: at, id });
    expect(told).toEqual({
      'meeting_request.created': { ...head('created'), status: 'active', created_at: at },
      'meeting_request.paused': { ...head('paused'), status: 'paused', paused_at: at },
      'meeting_request.resumed': { ...head('resumed'), status: 'active', resumed_at: at },
      'meeting_request.follow_up_sent': head('follow_up_sent'),
      'meeting_request.organizer_changed': head('organizer_changed'),
      'meeting_request.booked': {
        ...head('booked'),
        calendar_event_id: expect.stringMatching(/^evt_/),
        status: 'booked',
        booked_at: at,
      },
      'meeting_request.cancelled': { ...head('cancelled'), status: 'cancelled', cancelled_at: at, was_booked: true },
      'member.deactivated': {
        event: 'member.deactivated',
        timestamp: at,
        id: expect.stringMatching(/^mem_/),
        email: 'morgan.diaz@yourcompany.example',
        deactivated_at: at,
      },
    });
  });

  it('carry the endpoint’s own headers, and never these in the place of what signs them', async () => {
    const sandbox = await running();
    const hook = await receiver(200);
    const { secret } = await subscribe(sandbox, hook.url, {
      headers: [
        { key: 'X-Webhook-Signature', value: 't=1,v1=forged' },
        { key: 'x-webhook-timestamp', value: '1' },
        { key: 'X-WEBHOOK-EVENT', value: 'test' },
        { key: 'Content-Type', value: 'text/plain' },
        { key: 'User-Agent', value: 'mine' },
      ],
    });
    await created(sandbox);
    await settle(sandbox);
    const [{ headers, raw }] = hook.received as [Received];
    const timestamp = String(headers['x-webhook-timestamp']);
    const v1 = createHmac('sha256', secret).update(`${timestamp}.${raw}`).digest('hex');
    expect(Number(timestamp)).toBeGreaterThan(1);
    expect(headers).toMatchObject({
      'x-webhook-signature': `t=${timestamp},v1=${v1}`,
      'x-webhook-event': 'meeting_request.created',
      'content-type': 'application/json',
      'user-agent': 'mine',
    });
  });

  it('go to those who have subscribed to the event, and to nobody else', async () => {
    const sandbox = await running();
    const hook = await receiver(200);
    await subscribe(sandbox, `${hook.url}/cancelled`, { events: ['meeting_request.cancelled'] });
    await subscribe(sandbox, `${hook.url}/both`, { events: ['meeting_request.created', 'meeting_request.cancelled'] });
    const { id } = await created(sandbox);
    await settle(sandbox);
    await sandbox.api(`POST /meeting_requests/${id}/cancel`);
    await settle(sandbox);
    expect(hook.received.map(({ path }) => path).sort()).toEqual(['/both', '/both', '/cancelled']);
  });

  it('are tried eight times, by SkipUp’s table with up to 15 % more, and then no more', async () => {
    const sandbox = await running();
    const hook = await receiver(500);
    const { id } = await subscribe(sandbox, hook.url, { events: ['meeting_request.created'] });
    await created(sandbox, { participants: [{ email: 'silent@acme-corp.example' }] });
    await sandbox.advance('3h');
    const attempts = sandbox.events.filter((event) => event.type === 'delivery');
    expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const gaps = attempts.slice(1).map(({ at }, n) => (Date.parse(at) - Date.parse(attempts[n]?.at ?? '')) / 1000);
    for (const [n, seconds] of [3, 18, 83, 258, 627, 1298, 2403].entries()) {
      expect(gaps[n]).toBeGreaterThanOrEqual(seconds - 1);
      expect(gaps[n]).toBeLessThanOrEqual(seconds * 1.15 + 1);
    }
    expect(hook.received).toHaveLength(8);
    expect(new Set(hook.received.map(({ raw }) => raw)).size).toBe(1);
    const { list } = await sandbox.api(`GET /webhook_endpoints/${id}/deliveries`);
    expect(list).toEqual([
      {
        id: expect.stringMatching(/^wd_/),
        event_type: 'meeting_request.created',
        status: 'failed',
        payload: expect.objectContaining({ event: 'meeting_request.created' }),
        response_code: 500,
        attempts: 8,
        delivered_at: null,
        last_attempted_at: attempts[7]?.at,
        created_at: '2026-02-10T14:00:00Z',
      },
    ]);
  });

  it('stop at the first 2xx', async () => {
    const sandbox = await running();
    const hook = await receiver(503, 302, 204);
    const { id } = await subscribe(sandbox, hook.url, { events: ['meeting_request.created'] });
    await created(sandbox);
    await sandbox.advance('1h');
    const { list } = await sandbox.api(`GET /webhook_endpoints/${id}/deliveries`);
    expect(list).toMatchObject([{ status: 'success', attempts: 3, response_code: 204 }]);
    expect(list[0]?.delivered_at).toBe(list[0]?.last_attempted_at);
  });

  it('of nobody listening fail without a response code', async () => {
    const sandbox = await running();
    const { id } = await subscribe(sandbox, 'http://127.0.0.1:1/nobody');
    await created(sandbox);
    await settle(sandbox);
    const { list } = await sandbox.api(`GET /webhook_endpoints/${id}/deliveries`);
    expect(list).toMatchObject([{ status: 'pending', attempts: 1, response_code: null }]);
  });

  it('to an endpoint that hangs hold up no other', async () => {
    const sandbox = await running();
    const slow = await receiver('hang');
    const quick = await receiver(200);
    await subscribe(sandbox, slow.url);
    await subscribe(sandbox, quick.url);
    for (let n = 0; n < 20; n += 1) await created(sandbox);
    await vi.waitFor(() => expect(quick.received).toHaveLength(20), 3000);
    expect(slow.received.length).toBeGreaterThan(0);
  });

  it.each([
    ['deliveries', 10, '4h'],
    ['attempts', 2, '90s'],
  ])('counting %s, ten failures within a day switch the endpoint off', async (autoDisableCounts, requests, within) => {
    const sandbox = await running({
      settings: { autoDisableCounts: autoDisableCounts === 'attempts' ? 'attempts' : 'deliveries' },
    });
    const hook = await receiver(500);
    const { id } = await subscribe(sandbox, hook.url, { events: ['meeting_request.created'] });
    const read = async () => (await sandbox.api(`GET /webhook_endpoints/${id}`)).data;
    for (let n = 0; n < requests - 1; n += 1) await created(sandbox);
    await sandbox.advance(within);
    expect(await read()).toMatchObject({ enabled: true, disabled_at: null, disabled_reason: null });
    for (let n = 0; n < (autoDisableCounts === 'attempts' ? 3 : 1); n += 1) await created(sandbox);
    await sandbox.advance(within);
    const off = await read();
    expect(off).toMatchObject({ enabled: false, disabled_reason: 'too_many_failures' });
    expect(off.disabled_at).toMatch(/^2026-02-10T1\d:\d\d:\d\dZ$/);

    // Off, it hears of nothing, waiting retries included …
    const before = hook.received.length;
    await created(sandbox);
    await sandbox.advance('1d');
    expect(hook.received).toHaveLength(before);
    // … but for its test delivery, until it is switched on.
    hook.answers = [200];
    await sandbox.api(`POST /webhook_endpoints/${id}/test`);
    await settle(sandbox);
    expect(hook.received).toHaveLength(before + 1);
    const on = await sandbox.api(`PATCH /webhook_endpoints/${id}`, { body: { enabled: true } });
    expect(on.data).toMatchObject({ enabled: true, disabled_at: null, disabled_reason: null });
    await created(sandbox);
    await settle(sandbox);
    expect(hook.received.length).toBeGreaterThan(before + 1);
    const { list } = await sandbox.api(`GET /webhook_endpoints/${id}/deliveries?status=pending`);
    expect(list).toEqual([]);
  });

  it('fails ten times over two days without being switched off', async () => {
    const sandbox = await running();
    const hook = await receiver(500);
    const { id } = await subscribe(sandbox, hook.url, { events: ['meeting_request.created'] });
    for (let n = 0; n < 12; n += 1) {
      await created(sandbox, { participants: [{ email: 'silent@acme-corp.example' }] });
      await sandbox.advance('5h');
    }
    expect((await sandbox.api(`GET /webhook_endpoints/${id}`)).data.enabled).toBe(true);
    expect((await sandbox.api(`GET /webhook_endpoints/${id}/deliveries?status=failed`)).list).toHaveLength(12);
  });
});

describe('webhook endpoints', () => {
  it('show their secret once, when they are made', async () => {
    const sandbox = await running();
    const body = {
      url: 'https://example.com/webhooks/skipup',
      events: ['meeting_request.booked'],
      description: 'Mine',
    };
    const made = await sandbox.api('POST /webhook_endpoints', { body });
    expect(made.status).toBe(201);
    const { secret, ...shown } = made.data;
    expect(secret).toMatch(/^whsec_[0-9a-f]{40}$/);
    expect(shown).toEqual({
      id: expect.stringMatching(/^we_01/),
      ...body,
      enabled: true,
      disabled_at: null,
      disabled_reason: null,
      created_at: '2026-02-10T14:00:00Z',
      updated_at: '2026-02-10T14:00:00Z',
      status: '',
    });
    expect((await sandbox.api(`GET /webhook_endpoints/${made.data.id}`)).data).toEqual(shown);
    expect((await sandbox.api('GET /webhook_endpoints')).text).not.toContain(String(secret));
  });

  it('take a secret that was asked for at the start', async () => {
    const sandbox = await running({ webhookSecret: 'a secret of mine' });
    expect((await subscribe(sandbox, 'https://example.com/')).secret).toBe('a secret of mine');
  });

  it.each([
    ['no URL', { url: undefined }],
    ['plain HTTP to another machine', { url: 'http://example.com/hook' }],
    ['plain HTTP to a name that only looks like this machine', { url: 'http://127.0.0.1.example.com/' }],
    ['another protocol', { url: 'ftp://example.com/' }],
    ['no events', { events: [] }],
    ['an event that does not exist', { events: ['meeting_request.exploded'] }],
    ['a header that would break out', { headers: [{ key: 'X-A', value: 'a\r\nX-B: b' }] }],
    ['a header that frames the delivery itself', { headers: [{ key: 'Content-Length', value: '0' }] }],
    ['an unknown parameter', { secret: 'mine' }],
  ])('are refused with %s', async (_name, changes) => {
    const sandbox = await running();
    const body = { url: 'https://example.com/', events: ['meeting_request.booked'], ...changes };
    const { status, error } = await sandbox.api('POST /webhook_endpoints', { body });
    expect([status, error.type]).toEqual([422, 'validation_error']);
  });

  it('are changed, and hold nothing back when they are switched off and on', async () => {
    const sandbox = await running();
    const hook = await receiver(500, 200);
    const { id } = await subscribe(sandbox, hook.url, { events: ['meeting_request.created'] });
    await created(sandbox);
    await settle(sandbox);
    const patch = async (body: object) => (await sandbox.api(`PATCH /webhook_endpoints/${id}`, { body })).data;
    expect(await patch({ enabled: false, description: 'Off' })).toMatchObject({ enabled: false, description: 'Off' });
    await sandbox.advance('2h');
    expect(hook.received).toHaveLength(1);
    expect(await patch({ enabled: true, events: ['meeting_request.booked'] })).toMatchObject({ enabled: true });
    await settle(sandbox);
    expect(hook.received).toHaveLength(2);
    for (const body of [{}, { headers: [] }, { url: 'http://example.com/' }, { enabled: 'no' }]) {
      expect((await sandbox.api(`PATCH /webhook_endpoints/${id}`, { body })).status).toBe(422);
    }
  });

  it('take their pending deliveries with them when they are deleted', async () => {
    const sandbox = await running();
    const hook = await receiver(500);
    const { id } = await subscribe(sandbox, hook.url);
    await created(sandbox);
    await settle(sandbox);
    const gone = await sandbox.api(`DELETE /webhook_endpoints/${id}`);
    expect([gone.status, gone.text]).toEqual([204, '']);
    await sandbox.advance('2h');
    expect(hook.received).toHaveLength(1);
    for (const route of [`GET /webhook_endpoints/${id}`, `DELETE /webhook_endpoints/${id}`]) {
      expect((await sandbox.api(route)).status).toBe(404);
    }
  });

  it('send a test delivery, whatever they have subscribed to', async () => {
    const sandbox = await running();
    const hook = await receiver(200);
    const { id } = await subscribe(sandbox, hook.url, { events: ['meeting_request.booked'] });
    const { data, status } = await sandbox.api(`POST /webhook_endpoints/${id}/test`);
    expect([status, data.status]).toEqual([200, 'queued']);
    await settle(sandbox);
    expect(JSON.parse(hook.received[0]?.raw ?? '')).toEqual({
      event: 'test',
      timestamp: '2026-02-10T14:00:00Z',
      message: 'Test webhook delivery',
    });
    const { list } = await sandbox.api(`GET /webhook_endpoints/${id}/deliveries?event_type=test`);
    expect(list).toMatchObject([{ id: data.delivery_id, status: 'success' }]);
  });

  it('list their deliveries newest first, by status and event, in pages', async () => {
    const sandbox = await running();
    const hook = await receiver(500, 200);
    const { id } = await subscribe(sandbox, hook.url);
    const request = await created(sandbox);
    await settle(sandbox);
    await force(sandbox, request.id, 'booked');
    await settle(sandbox);
    const events = async (query: string) =>
      (await sandbox.api(`GET /webhook_endpoints/${id}/deliveries${query}`)).list.map(({ event_type }) => event_type);
    expect(await events('')).toEqual(['meeting_request.booked', 'meeting_request.created']);
    expect(await events('?status=pending')).toEqual(['meeting_request.created']);
    expect(await events('?status=success')).toEqual(['meeting_request.booked']);
    expect(await events('?event_type=meeting_request.created')).toEqual(['meeting_request.created']);
    const { meta } = await sandbox.api(`GET /webhook_endpoints/${id}/deliveries?limit=1`);
    expect(await events(`?limit=1&cursor=${meta.next_cursor}`)).toEqual(['meeting_request.created']);
    expect((await sandbox.api(`GET /webhook_endpoints/${id}/deliveries?status=lost`)).status).toBe(422);
  });
});

describe('deliveries that are sent again', () => {
  const resend = (sandbox: Running, id: string) => sandbox.control(`POST /deliveries/${id}/resend`);
  const listed = async (sandbox: Running, query = '') => (await sandbox.control(`GET /deliveries${query}`)).body;

  it('go out once more with a fresh signature, whether they got through or not, and the journal says so', async () => {
    const sandbox = await running({ settings: { signEachAttempt: false } });
    const hook = await receiver(200);
    const { secret } = await subscribe(sandbox, hook.url, { events: ['meeting_request.created'] });
    const { id } = await created(sandbox);
    await settle(sandbox);
    const { deliveries } = await listed(sandbox);
    expect(deliveries).toMatchObject([
      { status: 'success', request_id: id, endpoint_id: expect.stringMatching(/^we_/) },
    ]);
    const [{ id: deliveryId }] = deliveries as [{ id: string }];
    const { body } = await resend(sandbox, deliveryId);
    expect(body).toMatchObject({ ok: true, delivery: { id: deliveryId, status: 'success', attempts: 2 } });
    const [first, again] = hook.received;
    expect(again?.raw).toBe(first?.raw);
    const signed = createHmac('sha256', secret).update(`${again?.headers['x-webhook-timestamp']}.${again?.raw}`);
    expect(String(again?.headers['x-webhook-signature'])).toContain(signed.digest('hex'));
    const told = sandbox.events.filter((event) => event.type === 'delivery');
    expect(told.map(({ attempt, resent }) => [attempt, resent])).toEqual([
      [1, undefined],
      [2, true],
    ]);
  });

  it('turn a failed one into a success; failing again they are not tried by themselves and switch nothing off', async () => {
    const sandbox = await running({ settings: { autoDisableAfter: 2 } });
    const hook = await receiver(500);
    const { id } = await subscribe(sandbox, hook.url, { events: ['meeting_request.created'] });
    await created(sandbox);
    await sandbox.advance('3h');
    const [{ id: deliveryId }] = (await listed(sandbox, '?status=failed')).deliveries as [{ id: string }];
    for (let n = 0; n < 3; n += 1) expect((await resend(sandbox, deliveryId)).body).toMatchObject({ ok: false });
    await sandbox.advance('3h');
    expect(hook.received).toHaveLength(11);
    hook.answers = [202];
    expect((await resend(sandbox, deliveryId)).body).toMatchObject({
      ok: true,
      delivery: { status: 'success', response_code: 202, attempts: 12 },
    });
    expect((await sandbox.api(`GET /webhook_endpoints/${id}`)).data.enabled).toBe(true);
  });

  it('end the waiting of one that was still to be tried', async () => {
    const sandbox = await running();
    const hook = await receiver(500, 200);
    await subscribe(sandbox, hook.url, { events: ['meeting_request.created'] });
    await created(sandbox);
    await settle(sandbox);
    const [{ id }] = (await listed(sandbox, '?status=pending')).deliveries as [{ id: string }];
    expect((await resend(sandbox, id)).body).toMatchObject({ ok: true });
    await sandbox.advance('3h');
    expect(hook.received).toHaveLength(2);
  });

  it('are picked by status, event and age, endpoint by endpoint', async () => {
    const sandbox = await running();
    const hook = await receiver(500);
    const [{ id: one }, { id: two }] = [
      await subscribe(sandbox, `${hook.url}/one`),
      await subscribe(sandbox, `${hook.url}/two`),
    ];
    const request = await created(sandbox);
    await sandbox.advance('3h');
    hook.answers = [200];
    await force(sandbox, request.id, 'paused');
    await settle(sandbox);
    const again = async (endpointId: string, body: object) => {
      const before = hook.received.length;
      const answer = await sandbox.control(`POST /webhook_endpoints/${endpointId}/resend`, body);
      const paths = new Set(hook.received.slice(before).map(({ path }) => path));
      return [(answer.body.resent as unknown[]).length, [...paths]];
    };
    expect(await again(one, { status: 'failed' })).toEqual([1, ['/one']]);
    expect(await again(one, { status: 'failed' })).toEqual([0, []]);
    expect(await again(two, { event_type: 'meeting_request.paused' })).toEqual([1, ['/two']]);
    expect(await again(two, { since: '2026-02-10T16:00:00Z' })).toEqual([1, ['/two']]);
    expect(await again(two, {})).toEqual([(await listed(sandbox, `?endpoint_id=${two}`)).total, ['/two']]);
    expect((await sandbox.control(`POST /webhook_endpoints/${two}/resend`, { status: 'lost' })).status).toBe(400);
  });

  it('cannot be what there is not, nor go to an endpoint that is off', async () => {
    const sandbox = await running();
    const hook = await receiver(200);
    const { id } = await subscribe(sandbox, hook.url, { events: ['meeting_request.created'] });
    await created(sandbox);
    await settle(sandbox);
    const [{ id: deliveryId }] = (await listed(sandbox)).deliveries as [{ id: string }];
    await sandbox.api(`PATCH /webhook_endpoints/${id}`, { body: { enabled: false } });
    expect((await resend(sandbox, deliveryId)).status).toBe(409);
    expect((await resend(sandbox, 'wd_unknown')).status).toBe(404);
    expect((await sandbox.control('POST /webhook_endpoints/we_unknown/resend')).status).toBe(404);
    expect(hook.received).toHaveLength(1);
  });
});
