/**
 * SkipUp's webhooks reference, its events and their signature, row by row against the sandbox.
 *
 * | section of the reference         | tests                            |
 * |----------------------------------|----------------------------------|
 * | event types: when, payload       | the event                        |
 * | headers of a delivery: table     | the headers of a delivery        |
 * | signature: format                | the signature                    |
 * | signature: how to verify, in     | the signature                    |
 * | Ruby, Node.js and Python         |                                  |
 *
 * Where the reference is not safe to follow: none of its samples looks at the age of a delivery, one reads the header's
 * parts by their order, one throws on a digest of another length. `verifyWebhook` does neither.
 */
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyWebhook, WEBHOOK_EVENT_TYPES, type WebhookVerificationErrorCode } from '../../../skipup/index.ts';
import type { Received, Running } from '../../unit/sandbox/running.ts';
import { ALL_EVENTS, created, force, receiver, running, subscribe } from '../../unit/sandbox/running.ts';
import { settle } from './at-sandbox.ts';
import { headerOf, payloadOf } from './events-of.ts';

const AT = '2026-02-10T14:00:00Z';
const COLLEAGUE = 'morgan.diaz@yourcompany.example';

/** Lets one thing happen in a workspace with one request, and returns what was told about it. */
async function toldOf(event: string, happen: (sandbox: Running, id: string) => Promise<unknown>) {
  const sandbox = await running();
  const hook = await receiver(200);
  const { id, secret } = await subscribe(sandbox, hook.url);
  const request = await created(sandbox);
  await happen(sandbox, request.id);
  await settle(sandbox);
  const [delivery, ...more] = hook.received.filter((one) => payloadOf(one).event === event);
  if (delivery === undefined) throw new Error(`${event} was not delivered`);
  expect(more).toEqual([]);
  return { sandbox, delivery, secret, request: request.id, endpoint: id };
}

describe('the event', () => {
  const act = (action: string, body?: object) => (sandbox: Running, id: string) =>
    sandbox.api(`POST /meeting_requests/${id}/${action}`, body === undefined ? {} : { body });

  it.each([
    ['meeting_request.created', async () => undefined, { status: 'active', created_at: AT }],
    [
      'meeting_request.booked',
      (sandbox: Running, id: string) => force(sandbox, id, 'booked'),
      { calendar_event_id: expect.stringMatching(/^evt_/), status: 'booked', booked_at: AT },
    ],
    ['meeting_request.cancelled', act('cancel'), { status: 'cancelled', cancelled_at: AT, was_booked: false }],
    [
      'meeting_request.cancelled',
      async (sandbox: Running, id: string) => {
        await force(sandbox, id, 'booked');
        await force(sandbox, id, 'cancelled');
      },
      { status: 'cancelled', cancelled_at: AT, was_booked: true },
    ],
    ['meeting_request.paused', act('pause'), { status: 'paused', paused_at: AT }],
    [
      'meeting_request.resumed',
      async (sandbox: Running, id: string) => {
        await act('pause')(sandbox, id);
        await act('resume')(sandbox, id);
      },
      { status: 'active', resumed_at: AT },
    ],
    ['meeting_request.organizer_changed', act('change_organizer', { new_organizer_email: COLLEAGUE }), {}],
    ['meeting_request.follow_up_sent', (sandbox: Running, id: string) => force(sandbox, id, 'follow_up_sent'), {}],
  ])('%s carries the fields of its sample, in their order', async (event, happen, fields) => {
    const { delivery, secret, request } = await toldOf(event, happen);
    const payload = payloadOf(delivery);
    expect(payload).toEqual({ event, timestamp: AT, id: request, ...fields });
    expect(Object.keys(payload)).toEqual(['event', 'timestamp', 'id', ...Object.keys(fields)]);
    const signature = headerOf(delivery, 'x-webhook-signature');
    expect(verifyWebhook({ body: delivery.raw, signature, secrets: secret })).toMatchObject({ event, id: request });
  });

  it('member.deactivated is told when a member leaves', async () => {
    const { delivery } = await toldOf('member.deactivated', (sandbox) =>
      sandbox.control(`POST /members/${COLLEAGUE}/deactivate`),
    );
    expect(payloadOf(delivery)).toMatchObject({ event: 'member.deactivated', timestamp: AT });
  });

  it('test comes from the test call alone', async () => {
    const sandbox = await running();
    const hook = await receiver(200);
    const { id } = await subscribe(sandbox, hook.url);
    await sandbox.api(`POST /webhook_endpoints/${id}/test`);
    await settle(sandbox);
    expect(hook.received.map(payloadOf)).toEqual([{ event: 'test', timestamp: AT, message: 'Test webhook delivery' }]);
    const asked = { url: hook.url, events: ['test'] };
    expect((await sandbox.api('POST /webhook_endpoints', { body: asked })).status).toBe(422);
  });

  it('is one of eight that an endpoint can ask for', () => {
    expect([...WEBHOOK_EVENT_TYPES]).toEqual(ALL_EVENTS);
  });

  it('follow_up_sent is told when nobody has answered for a day', async () => {
    const { delivery } = await toldOf('meeting_request.follow_up_sent', async (sandbox) => {
      await sandbox.control('PATCH /settings', { maxFollowUps: 1 });
      await sandbox.control('PUT /people/jamie.chen@acme-corp.example', { neverReplies: true });
      await sandbox.advance('25h');
    });
    expect(payloadOf(delivery).timestamp).toBe('2026-02-11T14:01:00Z');
  });
});

describe('the headers of a delivery', () => {
  const now = () => Date.now() / 1000;
  it.each([
    ['x-webhook-signature', (value: string) => expect(value).toMatch(/^t=\d{10},v1=[0-9a-f]{64}$/)],
    ['x-webhook-timestamp', (value: string) => expect(Math.abs(Number(value) - now())).toBeLessThan(10)],
    ['x-webhook-event', (value: string) => expect(value).toBe('meeting_request.created')],
    ['content-type', (value: string) => expect(value).toBe('application/json')],
  ])('%s', async (name, check) => {
    const { delivery } = await toldOf('meeting_request.created', async () => undefined);
    check(headerOf(delivery, name));
    expect.hasAssertions();
  });
});

describe('the signature', () => {
  const hmac = (secret: string, timestamp: string, body: string) =>
    createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');

  it('has as t what the timestamp header says', async () => {
    const { delivery } = await toldOf('meeting_request.created', async () => undefined);
    expect(headerOf(delivery, 'x-webhook-signature')).toContain(`t=${headerOf(delivery, 'x-webhook-timestamp')},`);
  });

  /** The ways of the reference's three samples to take the header apart. */
  const READERS: [string, (header: string) => { t: string; v1: string }][] = [
    [
      'Ruby: each part by a pattern',
      (header) => ({ t: /t=(\d+)/.exec(header)?.[1] ?? '', v1: /v1=(\w+)/.exec(header)?.[1] ?? '' }),
    ],
    [
      'Node.js: the first part and the second',
      (header) => {
        const [t = '', v1 = ''] = header.split(',');
        return { t: t.slice('t='.length), v1: v1.slice('v1='.length) };
      },
    ],
    [
      'Python: a mapping of names to values',
      (header) => ({ t: '', v1: '', ...Object.fromEntries(header.split(',').map((part) => part.split('='))) }),
    ],
  ];
  it.each(READERS)('can be computed again by whoever reads the header as in %s', async (_language, read) => {
    const { delivery, secret } = await toldOf('meeting_request.created', async () => undefined);
    const { t, v1 } = read(headerOf(delivery, 'x-webhook-signature'));
    expect(v1).toBe(hmac(secret, t, delivery.raw));
  });

  it('of the reference’s sample header is well-formed: it fits no other body, and that is all', () => {
    const digest = '5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd';
    expect(() => verifyWebhook({ body: '{}', signature: `t=1706000000,v1=${digest}`, secrets: 'whsec_mine' })).toThrow(
      expect.objectContaining({ code: 'no_match' }),
    );
  });

  it.each<[string, WebhookVerificationErrorCode, (given: Given) => Partial<Given>]>([
    ['a body changed by one byte', 'no_match', ({ body }) => ({ body: body.replace('active', 'Active') })],
    [
      'a body that was read and written again',
      'no_match',
      ({ body }) => ({ body: JSON.stringify(JSON.parse(body), null, 1) }),
    ],
    ['the secret of another endpoint', 'no_match', () => ({ secrets: 'whsec_of_another' })],
    [
      'another time than the signed one',
      'no_match',
      ({ signature }) => ({ signature: signature.replace('t=1', 't=2') }),
    ],
    ['a digest cut short', 'no_match', ({ signature }) => ({ signature: signature.slice(0, -2) })],
    ['no digest', 'malformed_signature', ({ signature }) => ({ signature: signature.split(',')[0] ?? '' })],
    ['no header', 'missing_signature', () => ({ signature: '' })],
  ])('does not hold for %s: %s', async (_what, code, change) => {
    const { delivery, secret } = await toldOf('meeting_request.created', async () => undefined);
    const given: Given = { body: delivery.raw, signature: headerOf(delivery, 'x-webhook-signature'), secrets: secret };
    expect(() => verifyWebhook({ ...given, ...change(given) })).toThrow(expect.objectContaining({ code }));
  });

  it('holds with the parts of the header the other way round, as nothing promises their order', async () => {
    const { delivery, secret } = await toldOf('meeting_request.created', async () => undefined);
    const signature = headerOf(delivery, 'x-webhook-signature').split(',').reverse().join(',');
    expect(verifyWebhook({ body: delivery.raw, signature, secrets: secret }).event).toBe('meeting_request.created');
  });

  it('holds with the old secret and the new while it is being rotated', async () => {
    const { delivery, secret } = await toldOf('meeting_request.created', async () => undefined);
    const signature = headerOf(delivery, 'x-webhook-signature');
    for (const secrets of [
      [secret, 'whsec_new'],
      ['whsec_new', secret],
    ]) {
      expect(verifyWebhook({ body: delivery.raw, signature, secrets }).event).toBe('meeting_request.created');
    }
  });
});

interface Given {
  body: Received['raw'];
  signature: string;
  secrets: string;
}
