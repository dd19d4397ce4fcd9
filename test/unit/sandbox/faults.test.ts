import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Running } from './running.ts';
import { acmeRequest, created, receiver, running, subscribe } from './running.ts';

const put = async (sandbox: Running, ...rules: object[]) => {
  const { status, text } = await sandbox.control('POST /faults', rules);
  if (status !== 201) throw new Error(text);
};
const count = async (sandbox: Running) => (await sandbox.api('GET /meeting_requests')).list.length;
const create = (sandbox: Running) =>
  sandbox.api('POST /meeting_requests', { body: acmeRequest(), headers: { 'idempotency-key': 'impl:1' } });

describe('faults of the API', () => {
  it('answer a status before anything is done, so often and no oftener', async () => {
    const sandbox = await running();
    await put(sandbox, { fault: 'status', status: 503, path: '/meeting_requests', method: 'post', next: 2 });
    expect([(await create(sandbox)).status, (await sandbox.api('GET /workspace_members')).status]).toEqual([503, 200]);
    const second = await create(sandbox);
    expect([second.status, second.error.type]).toEqual([503, 'server_error']);
    expect(await count(sandbox)).toBe(0);
    expect((await create(sandbox)).status).toBe(202);
  });

  it('answer a status after all is done', async () => {
    const sandbox = await running();
    await put(sandbox, { fault: 'status', status: 500, when: 'after', path: '/api/v1/meeting_requests', next: 1 });
    expect((await create(sandbox)).status).toBe(500);
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

  it('strike with a probability that the seed decides, until they are deleted', async () => {
    const sandbox = await running({ settings: { rateLimitPerMinute: 0 } });
    await put(sandbox, { fault: 'status', status: 500, probability: 0.3 });
    let struck = 0;
    for (let n = 0; n < 100; n += 1) if ((await sandbox.api('GET /workspace_members')).status === 500) struck += 1;
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
      category: 'RATE_LIMITS',
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
});
