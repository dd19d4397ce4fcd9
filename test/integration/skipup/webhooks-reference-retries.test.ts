/**
 * SkipUp's webhooks reference, its retries and its switching off, row by row against the sandbox.
 *
 * | section of the reference         | tests                              |
 * |----------------------------------|------------------------------------|
 * | retries: table of delays         | the retry table                    |
 * | what counts as delivered         | an answer to a delivery            |
 * | ten seconds for an answer        | an answer to a delivery            |
 * | automatic disabling, re-enabling | ten failures within a day          |
 *
 * What the reference leaves open is a setting of the sandbox: whether the ten failures are deliveries or attempts, and
 * whether each attempt is signed with its own time.
 */
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { verifyWebhook, webhookDedupeKey } from '../../../skipup/index.ts';
import type { Running } from '../../unit/sandbox/running.ts';
import { created, receiver, running, subscribe } from '../../unit/sandbox/running.ts';
import { atSandbox, settle } from './at-sandbox.ts';
import { headerOf } from './events-of.ts';

const CREATED = { events: ['meeting_request.created'] };

afterEach(() => void vi.useRealTimers());

/** When each attempt of the one delivery was made, in seconds. */
function attemptTimes({ events }: Running): number[] {
  return events.flatMap((event) => (event.type === 'delivery' ? [Date.parse(event.at) / 1000] : []));
}

describe('the retry table', () => {
  let times: number[];
  beforeAll(async () => {
    const sandbox = await running();
    const hook = await receiver(500);
    await subscribe(sandbox, hook.url, CREATED);
    await created(sandbox);
    await sandbox.advance('3h');
    times = attemptTimes(sandbox);
  });

  it.each([
    [1, 'at once', 0, 0],
    [2, 'after about 3 s', 3, 4],
    [3, 'about 18 s later', 18, 21],
    [4, 'about 83 s later', 83, 96],
    [5, 'about 4 min later', 258, 297],
    [6, 'about 10 min later', 600, 722],
    [7, 'about 22 min later', 1260, 1493],
    [8, 'about 40 min later', 2400, 2765],
  ])('attempt %i is made %s', (attempt, _when, atLeast, atMost) => {
    const start = Date.parse('2026-02-10T14:00:00Z') / 1000;
    const delay = (times[attempt - 1] ?? Number.NaN) - (times[attempt - 2] ?? start);
    expect(delay).toBeGreaterThanOrEqual(atLeast);
    expect(delay).toBeLessThanOrEqual(atMost);
  });

  it('has no ninth attempt', async () => {
    const sandbox = await running();
    const hook = await receiver(500);
    const { id } = await subscribe(sandbox, hook.url, CREATED);
    await created(sandbox);
    await sandbox.advance('7d');
    expect(hook.received).toHaveLength(8);
    expect((await sandbox.api(`GET /webhook_endpoints/${id}/deliveries`)).list).toMatchObject([{ status: 'failed' }]);
  });

  // The reference calls it the id of an attempt, and shows one that stands for eight.
  it('has one delivery id for all its attempts', async () => {
    const sandbox = await running();
    const hook = await receiver(500);
    const { id } = await subscribe(sandbox, hook.url, CREATED);
    await created(sandbox);
    await sandbox.advance('3h');
    const ids = sandbox.events.flatMap((event) => (event.type === 'delivery' ? [event.deliveryId] : []));
    const { list } = await sandbox.api(`GET /webhook_endpoints/${id}/deliveries`);
    expect(ids).toEqual(Array.from({ length: 8 }, () => list[0]?.id));
    expect(list).toMatchObject([{ attempts: 8 }]);
  });

  it('sends the same bytes each time, so that all attempts have one dedupe key', async () => {
    const sandbox = await running();
    const hook = await receiver(500);
    const { secret } = await subscribe(sandbox, hook.url, CREATED);
    await created(sandbox);
    await sandbox.advance('3h');
    expect(new Set(hook.received.map(({ raw }) => webhookDedupeKey(raw))).size).toBe(1);
    for (const delivery of hook.received) {
      const signature = headerOf(delivery, 'x-webhook-signature');
      expect(verifyWebhook({ body: delivery.raw, signature, secrets: secret }).event).toBe('meeting_request.created');
    }
  });

  it.each([
    [true, 2],
    [false, 1],
  ])('signs each attempt with its own time: %s', async (signEachAttempt, times) => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const sandbox = await running({ settings: { signEachAttempt } });
    const hook = await receiver(500);
    await subscribe(sandbox, hook.url, CREATED);
    await created(sandbox);
    await settle(sandbox);
    // What is signed carries the wall clock's second.
    vi.setSystemTime(Date.now() + 4_000);
    await sandbox.advance('5s');
    expect(hook.received).toHaveLength(2);
    expect(new Set(hook.received.map((delivery) => headerOf(delivery, 'x-webhook-timestamp'))).size).toBe(times);
  });
});

describe('an answer to a delivery', () => {
  it.each([200, 201, 202, 204, 299])('of %i is a success', async (answer) => {
    const sandbox = await running();
    const hook = await receiver(answer);
    const { id } = await subscribe(sandbox, hook.url, CREATED);
    await created(sandbox);
    await sandbox.advance('1h');
    expect((await sandbox.api(`GET /webhook_endpoints/${id}/deliveries`)).list).toMatchObject([
      { status: 'success', attempts: 1, response_code: answer, delivered_at: '2026-02-10T14:00:00Z' },
    ]);
  });

  it.each([301, 302, 304, 400, 401, 404, 410, 429, 500, 503])('of %i is a failure', async (answer) => {
    const sandbox = await running();
    const hook = await receiver(answer, 200);
    const { id } = await subscribe(sandbox, hook.url, CREATED);
    await created(sandbox);
    await settle(sandbox);
    const read = async () => (await sandbox.api(`GET /webhook_endpoints/${id}/deliveries`)).list;
    expect(await read()).toMatchObject([{ status: 'pending', attempts: 1, response_code: answer, delivered_at: null }]);
    await sandbox.advance('4s');
    expect(await read()).toMatchObject([{ status: 'success', attempts: 2, response_code: 200 }]);
  });

  it('that does not come, since nobody listens, is a failure without a code', async () => {
    const sandbox = await running();
    const { id } = await subscribe(sandbox, 'http://127.0.0.1:1/nobody', CREATED);
    await created(sandbox);
    await settle(sandbox);
    expect((await sandbox.api(`GET /webhook_endpoints/${id}/deliveries`)).list).toMatchObject([
      { status: 'pending', attempts: 1, response_code: null },
    ]);
  });

  it('that does not come within ten seconds is a failure without a code', async () => {
    const sandbox = await running();
    const hook = await receiver('hang', 200);
    const { id } = await subscribe(sandbox, hook.url, CREATED);
    // The ten seconds are real ones: from here on they pass when they are told to.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await created(sandbox);
    const settled = settle(sandbox);
    const startedAt = performance.now();
    while (hook.received.length === 0 && performance.now() - startedAt < 3_000) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await vi.advanceTimersByTimeAsync(9_900);
    expect([hook.received.length, attemptTimes(sandbox)]).toEqual([1, []]);
    await vi.advanceTimersByTimeAsync(200);
    await settled;
    vi.useRealTimers();
    const read = async () => (await sandbox.api(`GET /webhook_endpoints/${id}/deliveries`)).list;
    expect(await read()).toMatchObject([{ status: 'pending', attempts: 1, response_code: null }]);
    await sandbox.advance('4s');
    expect(await read()).toMatchObject([{ status: 'success', attempts: 2 }]);
  });
});

describe('ten failures within a day', () => {
  /** Deliveries that are given up, so many, two hours apart at the most. */
  async function failing(failures: number) {
    const at = await atSandbox();
    const hook = await receiver(500);
    const { id } = await subscribe(at.sandbox, hook.url, CREATED);
    for (let n = 0; n < failures; n += 1) await created(at.sandbox);
    await at.sandbox.advance('2h');
    return { ...at, hook, id };
  }

  it('nine leave the endpoint on', async () => {
    const { client, id } = await failing(9);
    expect(await client.webhookEndpoints.get(id)).toMatchObject({ enabled: true, disabled_reason: null });
  });

  it('ten set all three fields', async () => {
    const { client, id } = await failing(10);
    expect(await client.webhookEndpoints.get(id)).toMatchObject({
      enabled: false,
      disabled_at: expect.stringMatching(/^2026-02-10T1[56]:/),
      disabled_reason: 'too_many_failures',
    });
  });

  it('spread over more than a day leave it on', async () => {
    const { sandbox, client, id } = await failing(9);
    await sandbox.advance('24h');
    await created(sandbox);
    await sandbox.advance('2h');
    expect((await client.webhookEndpoints.get(id)).enabled).toBe(true);
  });

  it('counted by attempts, ten of them are enough', async () => {
    const sandbox = await running({ settings: { autoDisableCounts: 'attempts' } });
    const hook = await receiver(500);
    const { id } = await subscribe(sandbox, hook.url, CREATED);
    await created(sandbox);
    await created(sandbox);
    await sandbox.advance('10m');
    expect((await sandbox.api(`GET /webhook_endpoints/${id}`)).data).toMatchObject({ enabled: false });
    expect(hook.received).toHaveLength(10);
  });

  it('stay in force until the endpoint is switched on by hand', async () => {
    const { sandbox, client, hook, id } = await failing(10);
    const before = hook.received.length;
    hook.answers = [200];
    await sandbox.advance('2d');
    await created(sandbox);
    await settle(sandbox);
    expect([hook.received.length, (await client.webhookEndpoints.get(id)).enabled]).toEqual([before, false]);

    const { status, data } = await sandbox.api(`PATCH /webhook_endpoints/${id}`, { body: { enabled: true } });
    expect([status, data.enabled, data.disabled_at, data.disabled_reason]).toEqual([200, true, null, null]);
    await created(sandbox);
    await settle(sandbox);
    expect(hook.received).toHaveLength(before + 1);
  });

  it('start from none after the endpoint is switched on', async () => {
    const { sandbox, client, id } = await failing(10);
    await client.webhookEndpoints.update(id, { enabled: true });
    for (let n = 0; n < 9; n += 1) await created(sandbox);
    await sandbox.advance('2h');
    expect((await client.webhookEndpoints.get(id)).enabled).toBe(true);
  });

  it('are not brought about by one endpoint for another', async () => {
    const { sandbox, client } = await failing(10);
    const well = await receiver(200);
    const { id } = await subscribe(sandbox, well.url, CREATED);
    await created(sandbox);
    await settle(sandbox);
    expect([well.received.length, (await client.webhookEndpoints.get(id)).enabled]).toEqual([1, true]);
  });
});
