/**
 * What reaches a receiver under each fault that webhooks can have, and what the client makes of it.
 *
 * | fault                          | arrives            | `verifyWebhook`                 | dedupe key         |
 * |--------------------------------|--------------------|---------------------------------|--------------------|
 * | deliver_before_answer          | before the 202     | the event                       |                    |
 * | webhook_duplicate              | twice              | the event, twice                | the same           |
 * | webhook_delay                  | later              | the event                       |                    |
 * | webhook_reorder                | after a later one  | the event                       |                    |
 * | webhook_drop                   | never              | nothing: the request is read    |                    |
 * | webhook_wrong_signature        | as always          | `no_match`                      |                    |
 * | webhook_stale_timestamp        | as always          | `timestamp_too_old`             |                    |
 * | webhook_other_key_order        | in other bytes     | the event                       | the same           |
 */
import { describe, expect, it } from 'vitest';
import {
  type VerifyWebhookOptions,
  verifyWebhook,
  WebhookVerificationError,
  webhookDedupeKey,
  webhookDedupeKeyOf,
} from '../../../skipup/index.ts';
import type { Received, Running } from '../../unit/sandbox/running.ts';
import { ALL_EVENTS, acmeRequest, created, force, receiver, subscribe } from '../../unit/sandbox/running.ts';
import { atSandbox, settle } from './at-sandbox.ts';
import { eventsOf, headerOf, payloadOf } from './events-of.ts';

const COLLEAGUE = 'morgan.diaz@yourcompany.example';

/** A subscribed receiver at a sandbox under faults. */
async function under(rules: object[] = [], ...answers: number[]) {
  const at = await atSandbox();
  const hook = await receiver(...(answers.length === 0 ? [200] : answers));
  const { id, secret } = await subscribe(at.sandbox, hook.url);
  for (const rule of rules) {
    const { status, text } = await at.sandbox.control('POST /faults', rule);
    if (status !== 201) throw new Error(text);
  }
  /** What the client says to a delivery: the event's name, or why it is refused. */
  const verdict = (delivery: Received, more: Partial<VerifyWebhookOptions> = {}) => {
    const signature = headerOf(delivery, 'x-webhook-signature');
    try {
      return verifyWebhook({ body: delivery.raw, signature, secrets: secret, ...more }).event;
    } catch (error) {
      if (error instanceof WebhookVerificationError) return error.code;
      throw error;
    }
  };
  return { ...at, hook, endpoint: id, secret, verdict };
}

const CREATED = 'meeting_request.created';

it('deliver_before_answer: the event is in hand before the client has its answer, and names the same request', async () => {
  const { client, hook, verdict } = await under([{ fault: 'deliver_before_answer', next: 1 }]);
  let answered = false;
  const before: boolean[] = [];
  hook.onDelivery = () => void before.push(!answered);
  const { id } = await client.meetingRequests.create(acmeRequest(), { idempotencyKey: 'impl:early:kickoff' });
  answered = true;
  expect(before).toEqual([true]);
  expect(hook.received.map((delivery) => [verdict(delivery), payloadOf(delivery).id])).toEqual([[CREATED, id]]);
});

it('webhook_duplicate: both are authentic, and one dedupe key tells that they are one', async () => {
  const { sandbox, hook, verdict } = await under([{ fault: 'webhook_duplicate', next: 1 }]);
  await created(sandbox);
  await settle(sandbox);
  expect(hook.received.map((delivery) => verdict(delivery))).toEqual([CREATED, CREATED]);
  expect(new Set(hook.received.map(({ raw }) => webhookDedupeKey(raw))).size).toBe(1);
});

it('webhook_delay: comes when the delay is over, freshly signed, and tells of the time that it happened', async () => {
  const { sandbox, hook, verdict } = await under([{ fault: 'webhook_delay', delayMs: 3_600_000, next: 1 }]);
  await created(sandbox);
  await sandbox.advance('59m');
  expect(hook.received).toEqual([]);
  await sandbox.advance('1m');
  expect(hook.received.map((delivery) => verdict(delivery))).toEqual([CREATED]);
  expect(hook.received.map(payloadOf)).toMatchObject([{ timestamp: '2026-02-10T14:00:00Z' }]);
});

describe('webhook_reorder', () => {
  it.each([
    [1, ['paused', 'created', 'resumed', 'cancelled']],
    [2, ['paused', 'resumed', 'created', 'cancelled']],
    [3, ['paused', 'resumed', 'cancelled', 'created']],
  ])('lets %i pass; each is authentic', async (behind, order) => {
    const { sandbox, client, hook, verdict } = await under([{ fault: 'webhook_reorder', event: CREATED, behind }]);
    const { id } = await created(sandbox);
    await settle(sandbox);
    for (const act of ['pause', 'resume', 'cancel'] as const) {
      await client.meetingRequests[act](id);
      await settle(sandbox);
    }
    expect(hook.received.map((delivery) => verdict(delivery))).toEqual(order.map((name) => `meeting_request.${name}`));
    // What was told last is not how things stand: the request says that.
    expect((await client.meetingRequests.get(id)).status).toBe('cancelled');
  });

  it('does not hold back for ever what nothing comes after', async () => {
    const { sandbox, hook } = await under([{ fault: 'webhook_reorder', event: CREATED, limitMs: 60_000 }]);
    await created(sandbox);
    await sandbox.advance('30s');
    expect(hook.received).toEqual([]);
    await sandbox.advance('30s');
    expect(eventsOf(hook)).toEqual([CREATED]);
  });
});

it('webhook_drop: never comes and is not listed; the request alone tells the truth', async () => {
  const { sandbox, client, hook, endpoint } = await under([{ fault: 'webhook_drop' }]);
  const { id } = await created(sandbox);
  await sandbox.advance('10d');
  expect(hook.received).toEqual([]);
  expect(await client.webhookEndpoints.deliveries(endpoint).toArray({ limit: 5 })).toEqual([]);
  expect((await client.meetingRequests.get(id)).status).toBe('booked');
});

describe('webhook_wrong_signature', () => {
  it('refused by the receiver, comes again rightly signed', async () => {
    const { sandbox, hook, verdict } = await under([{ fault: 'webhook_wrong_signature', next: 1 }], 401, 200);
    await created(sandbox);
    await sandbox.advance('5s');
    expect(hook.received.map((delivery) => verdict(delivery))).toEqual(['no_match', CREATED]);
  });

  it('is what an endpoint sees whose secret has been changed elsewhere', async () => {
    const { sandbox, hook, verdict, secret } = await under();
    await created(sandbox);
    await settle(sandbox);
    const [delivery] = hook.received;
    if (delivery === undefined) throw new Error('nothing was delivered');
    expect(verdict(delivery, { secrets: 'whsec_new' })).toBe('no_match');
    expect(verdict(delivery, { secrets: ['whsec_new', secret] })).toBe(CREATED);
  });
});

describe('webhook_stale_timestamp', () => {
  it.each([
    ['a day, as the fault has it by itself', undefined, undefined, 'timestamp_too_old'],
    ['an hour, which a late attempt may be', 3_600, undefined, CREATED],
    ['a little more than two hours', 7_260, undefined, 'timestamp_too_old'],
    ['an hour, where five minutes are allowed', 3_600, { pastSeconds: 300 }, 'timestamp_too_old'],
    ['a day, where two are allowed', undefined, { pastSeconds: 172_800 }, CREATED],
  ])('%s', async (_age, staleSeconds, tolerance, expected) => {
    const age = staleSeconds === undefined ? {} : { staleSeconds };
    const { sandbox, hook, verdict } = await under([{ fault: 'webhook_stale_timestamp', ...age, next: 1 }]);
    await created(sandbox);
    await settle(sandbox);
    expect(hook.received.map((delivery) => verdict(delivery, { tolerance }))).toEqual([expected]);
  });

  it('refused by the receiver, comes again with a time of its own', async () => {
    const { sandbox, hook, verdict } = await under([{ fault: 'webhook_stale_timestamp', next: 1 }], 401, 200);
    await created(sandbox);
    await sandbox.advance('5s');
    expect(hook.received.map((delivery) => verdict(delivery))).toEqual(['timestamp_too_old', CREATED]);
    expect(new Set(hook.received.map(({ raw }) => webhookDedupeKey(raw))).size).toBe(1);
  });
});

describe('faults together', () => {
  it('a duplicate of which one is wrongly signed: one is taken, one refused, in whichever order', async () => {
    const rules = [
      { fault: 'webhook_duplicate', next: 1 },
      { fault: 'webhook_wrong_signature', next: 1 },
    ];
    const { sandbox, hook, verdict } = await under(rules);
    await created(sandbox);
    await settle(sandbox);
    expect(hook.received.map((delivery) => verdict(delivery)).sort()).toEqual([CREATED, 'no_match']);
  });

  it('a signature that is both wrong and old is refused for being wrong', async () => {
    const rules = [{ fault: 'webhook_stale_timestamp' }, { fault: 'webhook_wrong_signature' }];
    const { sandbox, hook, verdict } = await under(rules);
    await created(sandbox);
    await settle(sandbox);
    expect(hook.received.map((delivery) => verdict(delivery))).toEqual(['no_match']);
  });
});

describe('one event has one dedupe key, whichever way it comes', () => {
  /** Makes each event happen to a request, and returns the requests' events in the deliveries' own names. */
  const HAPPEN: Record<string, (sandbox: Running, id: string) => Promise<unknown>> = {
    'meeting_request.created': async () => undefined,
    'meeting_request.organizer_changed': (sandbox, id) =>
      force(sandbox, id, 'organizer_changed', { organizer_email: COLLEAGUE }),
    'member.deactivated': (sandbox) => sandbox.control(`POST /members/${COLLEAGUE}/deactivate`),
    'meeting_request.resumed': async (sandbox, id) => {
      await force(sandbox, id, 'paused');
      await force(sandbox, id, 'resumed');
    },
  };
  const happen = (event: string) =>
    HAPPEN[event] ?? ((sandbox: Running, id: string) => force(sandbox, id, event.replace('meeting_request.', '')));

  it.each(ALL_EVENTS)('%s', async (event) => {
    const rules = [
      { fault: 'webhook_duplicate', event },
      { fault: 'webhook_other_key_order', event, next: 1 },
    ];
    const { sandbox, client, hook, endpoint, verdict } = await under(rules);
    const { id } = await created(sandbox);
    await happen(event)(sandbox, id);
    await settle(sandbox);
    const both = hook.received.filter((delivery) => payloadOf(delivery).event === event);
    expect(both.map((delivery) => verdict(delivery))).toEqual([event, event]);
    const [one, other] = both.map(({ raw }) => raw);
    expect(one).not.toBe(other);
    expect(JSON.parse(one ?? '')).toEqual(JSON.parse(other ?? ''));
    const [listed] = await client.webhookEndpoints.deliveries(endpoint, { event_type: event }).toArray({ limit: 1 });
    const keys = [webhookDedupeKey(one ?? ''), webhookDedupeKey(other ?? ''), webhookDedupeKeyOf(listed?.payload)];
    expect(new Set(keys).size).toBe(1);
  });

  it('two events have two', async () => {
    const { sandbox, client, hook } = await under([{ fault: 'webhook_duplicate' }]);
    const first = await created(sandbox);
    await created(sandbox);
    await client.meetingRequests.pause(first.id);
    await settle(sandbox);
    expect(hook.received).toHaveLength(6);
    expect(new Set(hook.received.map(({ raw }) => webhookDedupeKey(raw))).size).toBe(3);
  });

  // SkipUp's time is in whole seconds, and nothing else tells the first pause from the second.
  it('two pauses within one second have one: how the request stands must be read', async () => {
    const { sandbox, client, hook } = await under();
    const { id } = await created(sandbox);
    for (const act of ['pause', 'resume', 'pause'] as const) await client.meetingRequests[act](id);
    await settle(sandbox);
    const paused = hook.received.filter((delivery) => payloadOf(delivery).event === 'meeting_request.paused');
    expect(paused).toHaveLength(2);
    expect(new Set(paused.map(({ raw }) => webhookDedupeKey(raw))).size).toBe(1);
  });
});
