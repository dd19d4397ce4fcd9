/**
 * One kickoff in five namespaces of one sandbox at once, each with the real client and an API key of its own.
 *
 * | nothing crosses over of   | tests                              |
 * |---------------------------|------------------------------------|
 * | requests, ids, slots      | the same seed, the same story      |
 * | webhooks                  | its own webhooks                   |
 * | idempotency keys          | its own idempotency keys           |
 * | rate limits               | its own rate limit                 |
 * | faults                    | its own faults                     |
 * | the clock                 | its own clock                      |
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SkipUpClient, type SkipUpClientOptions, verifyWebhook } from '../../../skipup/index.ts';
import {
  ALL_EVENTS,
  acmeRequest,
  endWithTest,
  type Receiver,
  type Running,
  receiver,
  running,
  TUESDAY,
} from '../../unit/sandbox/running.ts';
import { eventsOf, headerOf, payloadOf } from './events-of.ts';

const KEY = 'impl:acme-corp:kickoff:2026-02-10';
const accessSchema = z.object({ name: z.string(), apiKey: z.string() });

interface Namespace {
  name: string;
  client: SkipUpClient;
  /** Calls what steers this namespace. */
  control: Running['control'];
  advance(by: string): Promise<void>;
}

let sandbox: Running;
let five: Namespace[];

async function namespace(name: string, seed: string, options: Partial<SkipUpClientOptions> = {}): Promise<Namespace> {
  const body = { name, seed, clock: { frozenAt: TUESDAY } };
  const made = await sandbox.control('POST /namespaces', body);
  if (made.status !== 201) throw new Error(made.text);
  const { apiKey } = accessSchema.parse(made.body);
  const client = new SkipUpClient({
    apiKey,
    baseUrl: sandbox.apiBaseUrl,
    ...options,
    retry: { sleep: async () => undefined, random: () => 0, ...options.retry },
  });
  endWithTest(() => client.close());
  const control: Running['control'] = (route, given) =>
    sandbox.control(route.replace(' /', ` /namespaces/${name}/`), given);
  const advance = async (by: string) => {
    const { status, text } = await control('POST /clock', { advance: by });
    if (status !== 200) throw new Error(text);
  };
  return { name, client, control, advance };
}

beforeEach(async () => {
  sandbox = await running({ seed: 'main' });
  five = [];
  for (const name of ['one', 'two', 'three', 'four', 'five']) five.push(await namespace(name, 'kickoff'));
});

const inAll = <T>(act: (one: Namespace, index: number) => Promise<T>): Promise<T[]> => Promise.all(five.map(act));

/** From the deal to the booking, with a change on the way. */
async function story({ client, control, advance }: Namespace, hook: Receiver) {
  const endpoint = await client.webhookEndpoints.create({ url: hook.url, events: [...ALL_EVENTS_TYPED] });
  const { id } = await client.meetingRequests.create(acmeRequest(), { idempotencyKey: KEY });
  await advance('1d');
  await client.meetingRequests.updateContext(id, { duration_minutes: 30 });
  await advance('10d');
  const request = await client.meetingRequests.get(id);
  const { slot, participants } = (await control(`GET /meeting_requests/${id}`)).body;
  const deliveries = await client.webhookEndpoints.deliveries(endpoint.id).toArray({ limit: 50 });
  return {
    request,
    slot,
    participants,
    endpoint: endpoint.id,
    secret: endpoint.secret,
    deliveries: deliveries.map(({ id: delivery, payload }) => [delivery, payload]),
    told: hook.received.map(payloadOf),
  };
}
const ALL_EVENTS_TYPED = z
  .array(z.enum(['meeting_request.created', 'meeting_request.booked', 'meeting_request.follow_up_sent']))
  .parse(ALL_EVENTS.filter((event) => /created|booked|follow_up/.test(event)));

describe('namespaces side by side', () => {
  it('tell the same story under the same seed: ids, answers, slot, deliveries and events', async () => {
    const hooks = await inAll(() => receiver(200));
    const stories = await inAll((one, index) => story(one, hooks[index] ?? never()));
    const [first] = stories.map(({ secret: _secret, ...rest }) => rest);
    expect(first?.request.status).toBe('booked');
    for (const { secret: _secret, ...rest } of stories) expect(rest).toEqual(first);
    // The secrets alone are never the same.
    expect(new Set(stories.map(({ secret }) => secret)).size).toBe(5);
  });

  it('tell another story under another seed', async () => {
    const hooks = [await receiver(200), await receiver(200)];
    const [one] = five;
    const other = await namespace('six', 'another');
    const [mine, theirs] = await Promise.all([
      story(one ?? never(), hooks[0] ?? never()),
      story(other, hooks[1] ?? never()),
    ]);
    expect(theirs.request.id).not.toBe(mine.request.id);
  });

  it('have their own requests: nobody finds another’s', async () => {
    const [first, ...others] = five;
    const { id } = await (first ?? never()).client.meetingRequests.create(acmeRequest(), { idempotencyKey: KEY });
    for (const { client } of others) {
      await expect(client.meetingRequests.get(id)).rejects.toMatchObject({ code: 'not_found' });
      await expect(client.meetingRequests.cancel(id)).rejects.toMatchObject({ code: 'not_found' });
      expect(await client.meetingRequests.list().toArray({ limit: 5 })).toEqual([]);
    }
    expect((await sandbox.api('GET /meeting_requests')).list).toEqual([]);
  });

  it('have their own webhooks: each endpoint hears of its own requests, signed with its own secret', async () => {
    const hooks = await inAll(() => receiver(200));
    const secrets = await inAll(async ({ client }, index) => {
      const url = (hooks[index] ?? never()).url;
      const { secret } = await client.webhookEndpoints.create({
        url,
        events: ['meeting_request.created', 'meeting_request.cancelled'],
      });
      return secret ?? '';
    });
    await inAll(async ({ client, advance }, index) => {
      const { id } = await client.meetingRequests.create(acmeRequest(), { idempotencyKey: KEY });
      if (index % 2 === 0) await client.meetingRequests.cancel(id);
      await advance('0ms');
    });
    hooks.forEach((hook, index) => {
      const told =
        index % 2 === 0 ? ['meeting_request.created', 'meeting_request.cancelled'] : ['meeting_request.created'];
      expect(eventsOf(hook)).toEqual(told);
      for (const delivery of hook.received) {
        const signature = headerOf(delivery, 'x-webhook-signature');
        secrets.forEach((secret, owner) => {
          const verified = () => verifyWebhook({ body: delivery.raw, signature, secrets: secret });
          if (owner === index) expect(verified().event).toBe(payloadOf(delivery).event);
          else expect(verified).toThrow(expect.objectContaining({ code: 'no_match' }));
        });
      }
    });
  });

  it('have their own idempotency keys: one key, five requests, each made once', async () => {
    const bodies = five.map((_, index) => acmeRequest({ organizer_name: `Organizer ${index}` }));
    const send = () =>
      inAll(({ client }, index) => client.meetingRequests.create(bodies[index] ?? never(), { idempotencyKey: KEY }));
    const [first, second] = [await send(), await send()];
    expect(second).toEqual(first);
    const lists = await inAll(({ client }) => client.meetingRequests.list().toArray({ limit: 5 }));
    expect(lists.map((list) => list.length)).toEqual([1, 1, 1, 1, 1]);
  });

  it('have their own rate limit: one is over it, the others are not', async () => {
    const [busy, ...others] = five;
    await busy?.control('PATCH /settings', { rateLimitPerMinute: 3 });
    const call = ({ client }: Namespace) => client.workspaceMembers.list().firstPage();
    for (let n = 0; n < 3; n += 1) await call(busy ?? never());
    await expect(call(busy ?? never())).rejects.toMatchObject({ code: 'rate_limited' });
    for (const other of others) for (let n = 0; n < 5; n += 1) await call(other);
    await busy?.advance('60s');
    await expect(call(busy ?? never())).resolves.toMatchObject({ items: expect.any(Array) });
  });

  it('have their own faults: each is struck by the one put there', async () => {
    const rules = [
      { fault: 'status', status: 401 },
      { fault: 'status', status: 503 },
      { fault: 'drop' },
      { fault: 'malformed_json' },
    ];
    await inAll(async ({ control }, index) => {
      const rule = rules[index];
      if (rule !== undefined) await control('POST /faults', rule);
    });
    const outcomes = await inAll(({ client }) =>
      client.workspaceMembers
        .list()
        .firstPage()
        .then(
          () => 'fine',
          (error: unknown) => z.object({ code: z.string() }).parse(error).code,
        ),
    );
    expect(outcomes).toEqual(['authentication', 'server', 'connection', 'decoding', 'fine']);
    expect((await sandbox.api('GET /workspace_members')).status).toBe(200);
    expect((await sandbox.control('GET /faults')).body.faults).toEqual([]);
  });

  it('have their own clock: a day in one is no moment in the others', async () => {
    const [first, ...others] = five;
    await first?.advance('1d');
    const now = async ({ control }: Namespace) => (await control('GET /clock')).body.now;
    expect(await now(first ?? never())).toBe('2026-02-11T14:00:00.000Z');
    for (const other of others) expect(await now(other)).toBe('2026-02-10T14:00:00.000Z');
    expect((await sandbox.control('GET /clock')).body.now).toBe('2026-02-10T14:00:00.000Z');
  });

  it('have their own journal', async () => {
    await inAll(async ({ client }, index) => {
      for (let n = 0; n <= index; n += 1) await client.workspaceMembers.list().firstPage();
    });
    const counts = await inAll(
      async ({ control }) => z.array(z.unknown()).parse((await control('GET /journal')).body.entries).length,
    );
    expect(counts).toEqual([1, 2, 3, 4, 5]);
  });

  it('go, and leave the others running', async () => {
    const [gone, ...others] = five;
    expect((await sandbox.control(`DELETE /namespaces/${gone?.name}`)).status).toBe(204);
    await expect(gone?.client.meetingRequests.list().firstPage()).rejects.toMatchObject({ code: 'authentication' });
    for (const { client } of others) {
      await expect(client.meetingRequests.list().firstPage()).resolves.toMatchObject({ items: [] });
    }
  });
});

/** For what an array of known length must have. */
function never(): never {
  throw new Error('There are five.');
}
