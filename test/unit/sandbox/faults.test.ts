import { createHmac } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { inOtherKeyOrder } from '../../../sandbox/webhooks/key-order.ts';
import type { Receiver, Running } from './running.ts';
import { acmeRequest, created, force, receiver, running, subscribe } from './running.ts';

const put = async (sandbox: Running, ...rules: object[]) => {
  const { status, text } = await sandbox.control('POST /faults', rules);
  if (status !== 201) throw new Error(text);
};
const count = async (sandbox: Running) => (await sandbox.api('GET /meeting_requests')).list.length;
/** @param struck when a fault changes the answer, which is then not held to the contract */
const create = (sandbox: Running, struck = false) =>
  sandbox.api('POST /meeting_requests', { body: acmeRequest(), headers: { 'idempotency-key': 'impl:1' }, struck });

describe('faults of the API', () => {
  it('answer a status before anything is done, so often and no oftener', async () => {
    const sandbox = await running();
    await put(sandbox, { fault: 'status', status: 503, path: '/meeting_requests', method: 'post', next: 2 });
    expect([(await create(sandbox, true)).status, (await sandbox.api('GET /workspace_members')).status]).toEqual([
      503, 200,
    ]);
    const second = await create(sandbox, true);
    expect([second.status, second.error.type]).toEqual([503, 'server_error']);
    expect(await count(sandbox)).toBe(0);
    expect((await create(sandbox)).status).toBe(202);
  });

  it('answer a status after all is done', async () => {
    const sandbox = await running();
    await put(sandbox, { fault: 'status', status: 500, when: 'after', path: '/api/v1/meeting_requests', next: 1 });
    expect((await create(sandbox, true)).status).toBe(500);
    expect(await count(sandbox)).toBe(1);
  });

  it('set headers and bodies as asked', async () => {
    const sandbox = await running();
    await put(sandbox, {
      fault: 'status',
      status: 429,
      headers: { 'retry-after': '7' },
      body: { error: 'slow down' },
      next: 1,
    });
    const answer = await fetch(`${sandbox.apiBaseUrl}/meeting_requests`);
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([
      429,
      '7',
      { error: 'slow down' },
    ]);
  });

  it('drop the connection before or after the call has its effect; the key finds the lost answer', async () => {
    const sandbox = await running();
    await put(sandbox, { fault: 'drop', method: 'POST', next: 1 });
    await expect(create(sandbox)).rejects.toThrow('fetch failed');
    expect(await count(sandbox)).toBe(0);
    await put(sandbox, { fault: 'drop', when: 'after', method: 'POST', next: 1 });
    await expect(create(sandbox)).rejects.toThrow('fetch failed');
    expect(await count(sandbox)).toBe(1);
    expect((await create(sandbox)).status).toBe(202);
    expect(await count(sandbox)).toBe(1);
    const calls = sandbox.events.filter((event) => event.type === 'api' && event.method === 'POST');
    expect(calls).toMatchObject([
      { status: null, faults: ['drop'] },
      { status: null, faults: ['drop'] },
      { status: 202, replayed: true },
    ]);
  });

  it('break the answer’s JSON or cut it short', async () => {
    const sandbox = await running();
    const read = async () => {
      const answer = await fetch(`${sandbox.apiBaseUrl}/workspace_members`, {
        headers: { authorization: `Bearer ${sandbox.apiKey}` },
      });
      return [answer.status, await answer.json()];
    };
    await put(sandbox, { fault: 'malformed_json', next: 1 });
    await expect(read()).rejects.toThrow(SyntaxError);
    await put(sandbox, { fault: 'truncated_body', next: 1 });
    await expect(read()).rejects.toThrow('terminated');
    expect((await read())[0]).toBe(200);
  });

  it('delay the answer', async () => {
    const sandbox = await running();
    await put(sandbox, { fault: 'delay', delayMs: 120, next: 1 });
    const startedAt = performance.now();
    expect((await sandbox.api('GET /workspace_members')).status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(115);
  });

  it('keep a call that was given up during a delay: it still has its effect, and the journal has it', async () => {
    const sandbox = await running();
    await put(sandbox, { fault: 'delay', delayMs: 1_500, method: 'POST' });
    const caller = new AbortController();
    const gone = fetch(`${sandbox.apiBaseUrl}/meeting_requests`, {
      method: 'POST',
      headers: { authorization: `Bearer ${sandbox.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(acmeRequest()),
      signal: caller.signal,
    });
    gone.catch(() => undefined);
    await vi.waitFor(async () => {
      expect((await sandbox.control('GET /faults')).body.faults).toMatchObject([{ hits: 1 }]);
    });
    caller.abort();
    await expect(gone).rejects.toThrow();
    await vi.waitFor(() =>
      expect(sandbox.events).toContainEqual(expect.objectContaining({ type: 'api', method: 'POST' })),
    );
    expect(await count(sandbox)).toBe(1);
  });

  it('leave the rule that loses against another for the next call', async () => {
    const sandbox = await running();
    await put(sandbox, { fault: 'status', status: 500, next: 1 }, { fault: 'status', status: 503, next: 1 });
    const statuses = [await create(sandbox, true), await create(sandbox, true), await create(sandbox)];
    expect(statuses.map(({ status }) => status)).toEqual([500, 503, 202]);
  });

  it('strike with a probability that the seed decides, until they are deleted', async () => {
    const sandbox = await running({ settings: { rateLimitPerMinute: 0 } });
    await put(sandbox, { fault: 'status', status: 500, probability: 0.3 });
    let struck = 0;
    for (let n = 0; n < 100; n += 1) {
      if ((await sandbox.api('GET /workspace_members', { struck: true })).status === 500) struck += 1;
    }
    expect(struck).toBeGreaterThan(15);
    expect(struck).toBeLessThan(45);
    expect((await sandbox.control('GET /faults')).body.faults).toMatchObject([{ fault: 'status', hits: struck }]);
    expect((await sandbox.control('DELETE /faults')).body).toEqual({ removed: 1 });
    expect((await sandbox.api('GET /workspace_members')).status).toBe(200);
  });

  it('speak as the CRM and as Slack where these are called', async () => {
    const sandbox = await running();
    await put(
      sandbox,
      { fault: 'status', status: 429, path: '/hubspot/*', next: 1 },
      { fault: 'status', status: 500, path: '/slack/*', next: 1 },
    );
    expect((await sandbox.crm('GET /objects/2026-03/0-3/1')).body).toMatchObject({
      status: 'error',
      errorType: 'RATE_LIMIT',
      policyName: 'TEN_SECONDLY_ROLLING',
    });
    const slack = await fetch(sandbox.slackWebhookUrl, { method: 'POST', body: '{"text":"x"}' });
    expect([slack.status, await slack.text()]).toEqual([500, 'internal_error']);
  });

  it.each([
    { fault: 'explode' },
    { fault: 'status' },
    { fault: 'status', status: 200 },
    { fault: 'status', status: 500, probability: 2 },
    { fault: 'delay', delayMs: -1 },
    { fault: 'drop', pth: '/x' },
  ])('are refused when they make no sense: %j', async (rule) => {
    const sandbox = await running();
    expect((await sandbox.control('POST /faults', rule)).status).toBe(400);
    expect((await sandbox.control('GET /faults')).body).toEqual({ faults: [] });
  });
});

describe('faults of webhooks', () => {
  const CREATED = ['meeting_request.created'];

  it('let the created webhook come before the 202', async () => {
    const sandbox = await running();
    const hook = await receiver(200);
    await subscribe(sandbox, hook.url);
    await put(sandbox, { fault: 'deliver_before_answer', next: 1 });
    let answered = false;
    const before: boolean[] = [];
    hook.onDelivery = () => void before.push(!answered);
    await create(sandbox);
    answered = true;
    expect(before).toEqual([true]);
  });

  it('lose, double and delay them', async () => {
    const sandbox = await running();
    const hook = await receiver(200);
    const { id } = await subscribe(sandbox, hook.url, { events: CREATED });
    await put(sandbox, { fault: 'webhook_drop', event: 'meeting_request.*', next: 1 });
    await created(sandbox);
    await sandbox.advance('3h');
    expect(hook.received).toHaveLength(0);
    expect((await sandbox.api(`GET /webhook_endpoints/${id}/deliveries`)).list).toEqual([]);

    await put(sandbox, { fault: 'webhook_duplicate', next: 1 });
    await created(sandbox);
    await sandbox.advance('1s');
    expect(hook.received).toHaveLength(2);
    expect(hook.received[0]?.raw).toBe(hook.received[1]?.raw);

    await put(sandbox, { fault: 'webhook_delay', delayMs: 600_000, next: 1 });
    const late = await created(sandbox);
    await created(sandbox);
    await sandbox.advance('9m');
    expect(hook.received).toHaveLength(3);
    await sandbox.advance('2m');
    expect(JSON.parse(hook.received[3]?.raw ?? '').id).toBe(late.id);
  });

  it('spoil the signature of one attempt, and date one back', async () => {
    const sandbox = await running();
    const hook = await receiver(401);
    const { secret } = await subscribe(sandbox, hook.url, { events: CREATED });
    await put(
      sandbox,
      { fault: 'webhook_wrong_signature', event: 'meeting_request.created', next: 1 },
      { fault: 'webhook_stale_timestamp', staleSeconds: 7200, next: 2 },
    );
    await created(sandbox);
    await sandbox.advance('2m');
    const verdicts = hook.received.map(({ headers, raw }) => {
      const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-webhook-signature'])) ?? [];
      const right = createHmac('sha256', secret).update(`${t}.${raw}`).digest('hex') === v1;
      const age = Math.round((Date.now() / 1000 - Number(t)) / 3600);
      return [right, age];
    });
    expect(verdicts).toEqual([
      [false, 2],
      [true, 2],
      [true, 0],
      [true, 0],
    ]);
  });

  /** The ids of the requests whose `created` has come, in the order in which it came. */
  const arrivals = (hook: Receiver) => hook.received.map(({ raw }) => JSON.parse(raw).id);

  it('hold one back until the next of its endpoint has gone', async () => {
    const sandbox = await running();
    const [hook, other] = [await receiver(200), await receiver(200)];
    const { id: endpointId } = await subscribe(sandbox, hook.url, { events: CREATED });
    await subscribe(sandbox, other.url, { events: CREATED });
    await put(sandbox, { fault: 'webhook_reorder', endpointId, next: 1 });
    const first = await created(sandbox);
    await sandbox.advance('1m');
    expect([hook.received.length, other.received.length]).toEqual([0, 1]);
    const second = await created(sandbox);
    await sandbox.advance('0ms');
    expect(arrivals(hook)).toEqual([second.id, first.id]);
    await sandbox.advance('1h');
    expect(hook.received).toHaveLength(2);
  });

  it('hold one back for several others, of its own request if so asked', async () => {
    const sandbox = await running();
    const hook = await receiver(200);
    await subscribe(sandbox, hook.url);
    await put(sandbox, {
      fault: 'webhook_reorder',
      event: 'meeting_request.created',
      behind: 2,
      of: 'request',
      next: 1,
    });
    const { id } = await created(sandbox);
    const another = await created(sandbox);
    await force(sandbox, another.id, 'paused');
    await force(sandbox, id, 'paused');
    await sandbox.advance('0ms');
    const of = (request: string) =>
      hook.received.map(({ raw }) => JSON.parse(raw)).flatMap((told) => (told.id === request ? [told.event] : []));
    expect(of(another.id)).toEqual(['meeting_request.created', 'meeting_request.paused']);
    expect(of(id)).toEqual(['meeting_request.paused']);
    await force(sandbox, id, 'resumed');
    await sandbox.advance('0ms');
    expect(of(id)).toEqual(['meeting_request.paused', 'meeting_request.resumed', 'meeting_request.created']);
  });

  it('hold nothing back for ever: when nobody comes it goes by itself', async () => {
    const sandbox = await running();
    const hook = await receiver(200);
    await subscribe(sandbox, hook.url, { events: CREATED });
    await put(sandbox, { fault: 'webhook_reorder', behind: 3, limitMs: 60_000, next: 2 });
    const [first, second] = [await created(sandbox), await created(sandbox)];
    await sandbox.advance('59s');
    expect(hook.received).toHaveLength(0);
    await sandbox.advance('2s');
    expect(arrivals(hook).sort()).toEqual([first.id, second.id].sort());
  });

  it('write the same JSON with its keys in another order, rightly signed', async () => {
    const sandbox = await running();
    const hook = await receiver(200);
    const { secret } = await subscribe(sandbox, hook.url, { events: CREATED });
    await put(sandbox, { fault: 'webhook_other_key_order', next: 1 }, { fault: 'webhook_duplicate', next: 1 });
    await created(sandbox);
    await sandbox.advance('1s');
    const [one, twin] = hook.received.map(({ raw }) => raw);
    expect(one).not.toBe(twin);
    expect(JSON.parse(one ?? '')).toEqual(JSON.parse(twin ?? ''));
    expect(Object.keys(JSON.parse(one ?? '')).sort()).not.toEqual(Object.keys(JSON.parse(one ?? '')));
    for (const { headers, raw } of hook.received) {
      const signed = `${headers['x-webhook-timestamp']}.${raw}`;
      const v1 = createHmac('sha256', secret).update(signed).digest('hex');
      expect(headers['x-webhook-signature']).toBe(`t=${headers['x-webhook-timestamp']},v1=${v1}`);
    }
    const told = sandbox.events.filter((event) => event.type === 'delivery');
    expect(told.map(({ faults }) => faults ?? [])).toContainEqual(['webhook_other_key_order']);
  });

  it('turn keys round at every level, and keep every value', () => {
    const value = { b: 1, a: { 10: [{ y: null, x: 'é"' }], 2: true }, c: undefined };
    const text = inOtherKeyOrder(value);
    expect(text).toBe('{"a":{"10":[{"x":"é\\"","y":null}],"2":true},"b":1}');
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
  });
});
