/**
 * The client against a sandbox that is slow, silent, or gone.
 *
 * | fault                                               | tests                              |
 * |-----------------------------------------------------|------------------------------------|
 * | a delay before the call has its effect              | a call that is held up on its way  |
 * | a delay after the call has had its effect           | an answer that comes too late      |
 * | a stalled body                                      | an answer that stops half-way      |
 * | a delay beyond the time-out for the whole call      | a call whose time is over          |
 * | a delay within the time-outs                        | an answer that comes in time       |
 * | the caller's signal during a delay or a wait        | a call that its caller ends        |
 * | nobody listens                                      | a sandbox that is gone             |
 *
 * The time-outs are long enough for a busy machine to answer within them; all calls are therefore made side by side.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SkipUpClient, type SkipUpClientOptions, type SkipUpError } from '../../../skipup/index.ts';
import { acmeRequest } from '../../unit/sandbox/running.ts';
import { CALLS, errorOf, type FaultySandbox, faultySandbox, type ReadyCall } from './faulty-calls.ts';

let at: FaultySandbox;
async function restarted(): Promise<void> {
  await at.close();
  at = await faultySandbox({ timeouts: { headersMs: 1_000, bodyMs: 1_000 } });
}
beforeAll(async () => {
  at = await faultySandbox();
});
afterAll(() => at.close());

const clientWith = (options: Partial<SkipUpClientOptions>) =>
  new SkipUpClient({ apiKey: at.sandbox.apiKey, baseUrl: at.sandbox.apiBaseUrl, ...options });

/** How often a call has reached the sandbox by now, and with what answers; what else goes to its path is left out. */
const callsOf = ({ method, path }: ReadyCall) => at.calls(path).filter((call) => call.startsWith(`${method} `));

/** What came of each call, when all of them were made side by side under one fault each. */
interface Outcome {
  ready: ReadyCall;
  error: SkipUpError | undefined;
  /** What of the call itself had reached the sandbox when the client was through with it. */
  calls: string[];
}

async function allUnder(fault: object, options?: Partial<SkipUpClientOptions>): Promise<Map<string, Outcome>> {
  // What was held up in one part must not arrive in the next.
  await restarted();
  const client = options === undefined ? at.client : clientWith(options);
  const all: [string, ReadyCall][] = [];
  for (const call of CALLS) all.push([call.name, await call.ready(at)]);
  await at.afresh();
  for (const [, { method, path }] of all) await at.fault({ ...fault, method, path, next: 1 });
  const made = all.map(async ([name, ready]): Promise<[string, Outcome]> => {
    const [ended] = await Promise.allSettled([ready.make(client)]);
    const error = ended.status === 'rejected' ? await errorOf(Promise.reject(ended.reason)) : undefined;
    return [name, { ready, error, calls: callsOf(ready) }];
  });
  const outcomes = new Map(await Promise.all(made));
  if (client !== at.client) await client.close();
  return outcomes;
}

const READS = CALLS.filter(({ kind }) => kind === 'read').map(({ name }) => name);
const CHANGES = CALLS.filter(({ kind }) => kind === 'change').map(({ name }) => name);
const WANTED: [string, object][] = [
  ['cancel', { status: 'cancelled' }],
  ['pause', { status: 'paused' }],
  ['resume', { status: 'active' }],
  ['change_organizer', { organizer_email: 'morgan.diaz@yourcompany.example' }],
  ['context', { duration_minutes: 90 }],
];

describe('a call that is held up on its way', () => {
  let outcomes: Map<string, Outcome>;
  beforeAll(async () => {
    outcomes = await allUnder({ fault: 'delay', delayMs: 4_000 });
    // The calls that were given up arrive all the same; the last of them was the last to be sent.
    await vi.waitFor(() => expect(at.calls(outcomes.get('webhookEndpoints.test')?.ready.path)).toHaveLength(1), 5_000);
  });

  it.each([
    ...READS.map((name) => [name, 'GET 200']),
    ['meetingRequests.create', 'POST 202'],
    ...CHANGES.map((name) => [name, 'POST 200']),
    ['webhookEndpoints.update', 'PATCH 200'],
    ['webhookEndpoints.delete', 'DELETE 204'],
  ])('%s is made again and answered before the first attempt has arrived', (name, call) => {
    const outcome = outcomes.get(name);
    expect([outcome?.error, outcome?.calls]).toEqual([undefined, [call]]);
  });

  it.each(CHANGES)('%s reads the request before it is repeated', (name) => {
    expect(at.calls(`/meeting_requests/${outcomes.get(name)?.ready.id}`)).toEqual(['GET 200']);
  });

  it.each(['webhookEndpoints.create', 'webhookEndpoints.test'])('%s is not made again: it may be done', (name) => {
    expect(outcomes.get(name)).toMatchObject({
      error: { code: 'timeout', phase: 'headers', retryable: true, ambiguous: true },
      calls: [],
    });
  });

  it.each([
    ['pause', 'POST 422'],
    ['resume', 'POST 422'],
    ['webhookEndpoints.delete', 'DELETE 404'],
    ['webhookEndpoints.test', 'POST 200'],
  ])('%s, arriving after all, is answered %s', (name, last) => {
    expect(at.calls(outcomes.get(name)?.ready.path).at(-1)).toBe(last);
  });

  // Nothing tells a late change of organizer or context from a new one: SkipUp may make it again, to the same end.
  it.each(CALLS.filter(({ kind, name }) => kind !== 'read' && !/organizer|context|Endpoints.create/.test(name)))(
    '$name is done once, though both attempts arrive',
    async ({ name }) => {
      expect(await outcomes.get(name)?.ready.effects()).toBe(1);
    },
  );

  it.each(WANTED)('%s leaves the request as it was wanted', async (name, expected) => {
    const id = outcomes.get(name)?.ready.id ?? '';
    expect(await at.client.meetingRequests.get(id)).toMatchObject(expected);
  });
});

describe.each([
  ['that comes too late', { fault: 'delay', when: 'after', delayMs: 4_000 }, 'headers'],
  ['that stops half-way', { fault: 'stalled_body' }, 'body'],
])('an answer %s', (_how, fault, phase) => {
  let outcomes: Map<string, Outcome>;
  beforeAll(async () => {
    outcomes = await allUnder(fault);
  });

  it.each([...READS, 'meetingRequests.create', 'webhookEndpoints.update', 'webhookEndpoints.delete'])(
    '%s is made again and succeeds',
    (name) => {
      expect(outcomes.get(name)?.error).toBeUndefined();
    },
  );

  it.each(CHANGES)('%s is found done and not made again', (name) => {
    const { error, ready } = outcomes.get(name) ?? {};
    expect(error).toBeUndefined();
    expect(at.calls(`/meeting_requests/${ready?.id}`)).toEqual(['GET 200']);
  });

  it.each(['webhookEndpoints.create', 'webhookEndpoints.test'])('%s is not made again: it may be done', (name) => {
    expect(outcomes.get(name)?.error).toMatchObject({ code: 'timeout', phase, retryable: true, ambiguous: true });
  });

  it.each(CALLS.filter(({ kind }) => kind !== 'read'))('$name is done once', async ({ name }) => {
    expect(await outcomes.get(name)?.ready.effects()).toBe(1);
  });

  it.each(WANTED)('%s leaves the request as it was wanted', async (name, expected) => {
    const id = outcomes.get(name)?.ready.id ?? '';
    expect(await at.client.meetingRequests.get(id)).toMatchObject(expected);
  });
});

describe('a call whose time is over', () => {
  let outcomes: Map<string, Outcome>;
  beforeAll(async () => {
    const options = { timeouts: { totalMs: 1_500 }, retry: { maxAttempts: 5, baseMs: 0 } };
    outcomes = await allUnder({ fault: 'delay', when: 'after', delayMs: 3_000 }, options);
    await vi.waitFor(() => {
      for (const { ready } of outcomes.values()) expect(callsOf(ready)).toHaveLength(1);
    }, 5_000);
  });

  it.each(CALLS)('$name says so, and whether it may be done', async ({ name, kind }) => {
    expect(outcomes.get(name)?.error).toMatchObject({
      code: 'timeout',
      phase: 'total',
      retryable: true,
      ambiguous: kind !== 'read',
    });
    if (kind !== 'read') expect(await outcomes.get(name)?.ready.effects()).toBe(1);
  });

  it('is over before a wait that would outlast it', async () => {
    await at.afresh();
    const client = clientWith({ timeouts: { totalMs: 4_000 }, retry: { random: () => 0, retryAfterCapMs: 60_000 } });
    await at.fault({ fault: 'status', status: 429, headers: { 'retry-after': '5' } });
    const startedAt = performance.now();
    expect(await errorOf(client.workspaceMembers.list().firstPage())).toMatchObject({
      code: 'rate_limited',
      retryAfterMs: 5_000,
    });
    expect(performance.now() - startedAt).toBeLessThan(3_900);
    expect(at.calls()).toEqual(['GET 429']);
    await client.close();
  });
});

describe('an answer that comes in time', () => {
  it('is the one answer, however slow', async () => {
    const client = clientWith({ timeouts: { totalMs: 5_000 } });
    await at.afresh();
    await at.fault({ fault: 'delay', delayMs: 100 });
    const sent = client.meetingRequests.create(acmeRequest(), { idempotencyKey: 'impl:slow:kickoff' });
    await expect(sent).resolves.toMatchObject({ status: 'active' });
    expect(at.calls()).toEqual(['POST 202']);
    await client.close();
  });

  it('is the one answer, however long it rests half-way', async () => {
    const client = clientWith({ timeouts: { totalMs: 5_000 } });
    await at.afresh();
    await at.fault({ fault: 'stalled_body', resumeAfterMs: 100 });
    const sent = client.meetingRequests.create(acmeRequest(), { idempotencyKey: 'impl:resting:kickoff' });
    await expect(sent).resolves.toMatchObject({ status: 'active' });
    expect(at.calls()).toEqual(['POST 202']);
    await client.close();
  });
});

describe('a call that its caller ends', () => {
  it.each(['workspaceMembers.list', 'meetingRequests.create'] as const)('during the exchange: %s', async (name) => {
    const client = clientWith({});
    await at.afresh();
    await at.fault({ fault: 'delay', when: 'after', delayMs: 1_000 });
    const controller = new AbortController();
    const { signal } = controller;
    const call =
      name === 'workspaceMembers.list'
        ? client.workspaceMembers.list({}, { signal }).firstPage()
        : client.meetingRequests.create(acmeRequest(), { idempotencyKey: 'impl:ended:kickoff', signal });
    const failing = errorOf(call);
    await vi.waitFor(async () => {
      expect(await at.control('GET /faults')).toMatchObject({ faults: [{ hits: 1 }] });
    });
    controller.abort(new Error('the worker is going down'));
    expect(await failing).toMatchObject({
      code: 'aborted',
      retryable: false,
      ambiguous: name === 'meetingRequests.create',
      cause: new Error('the worker is going down'),
    });
    await vi.waitFor(() => expect(at.calls()).toHaveLength(1));
    await client.close();
  });

  it('during the wait between two attempts: nothing more is sent', async () => {
    await at.afresh();
    const client = clientWith({ retry: { random: () => 0.99, baseMs: 20_000, maxDelayMs: 20_000 } });
    await at.fault({ fault: 'status', status: 503 });
    const controller = new AbortController();
    const sent = client.meetingRequests.create(acmeRequest(), {
      idempotencyKey: 'impl:waiting:kickoff',
      signal: controller.signal,
    });
    const failing = errorOf(sent);
    await vi.waitFor(() => expect(at.calls()).toHaveLength(1));
    controller.abort();
    expect(await failing).toMatchObject({ code: 'aborted', ambiguous: true });
    expect(at.calls()).toEqual(['POST 503']);
    await client.close();
  });

  it('before it begins: nothing is sent', async () => {
    await at.afresh();
    const id = await at.request();
    await at.afresh();
    const error = await errorOf(at.client.meetingRequests.cancel(id, { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ code: 'aborted', ambiguous: false });
    expect(at.calls()).toEqual([]);
  });
});

describe('a sandbox that is gone', () => {
  it('is tried three times, and nothing can have been done', async () => {
    const gone = await faultySandbox();
    const attempts: number[] = [];
    const client = new SkipUpClient({
      apiKey: gone.sandbox.apiKey,
      baseUrl: gone.sandbox.apiBaseUrl,
      retry: { sleep: async () => undefined },
      onRequest: ({ attempt }) => attempts.push(attempt),
    });
    await gone.close();
    const sent = client.meetingRequests.create(acmeRequest(), { idempotencyKey: 'impl:gone:kickoff' });
    expect(await errorOf(sent)).toMatchObject({ code: 'connection', retryable: true, ambiguous: false });
    expect(attempts).toEqual([1, 2, 3]);
    await client.close();
  });
});
