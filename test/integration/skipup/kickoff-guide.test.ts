/**
 * SkipUp's guide to implementation kickoffs, call by call and row by row, against the sandbox: raw over HTTP as the
 * guide's curl, Python and Node samples put it on the wire, and through the client.
 *
 * | section of the guide                | tests                                                    |
 * |-------------------------------------|----------------------------------------------------------|
 * | authentication, first request       | the first kickoff request                                |
 * | flat list of addresses              | the first kickoff request                                |
 * | organizer requirement               | the organizer                                            |
 * | scopes                              | the scopes of the guide                                  |
 * | context: table of fields            | the context of a kickoff                                 |
 * | introduction                        | the context of a kickoff                                 |
 * | idempotency, retry pattern          | one kickoff per deal and day                             |
 * | events: table, registration         | the events of a kickoff                                  |
 * | signatures                          | the events of a kickoff; in full: webhooks-reference-*   |
 * | list and filter                     | keeping track of kickoffs                                |
 * | cancel, change organizer, context   | changing a kickoff                                       |
 * | error reference                     | the errors of the guide                                  |
 * | retries, auto-disable               | webhooks-reference-retries                               |
 *
 * Where the guide is not right:
 * - It tells to dispatch on `event.type`; the payloads of the webhooks reference carry the name as the string `event`.
 * - Its key needs `meeting_requests.write` alone; its list and its read need `meeting_requests.read`.
 * - Its samples make the key of the account's name and of today's date (local in one language, UTC in the other), its
 *   rule of the deal's id: the date is kept here, and the id is the deal's.
 */
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type CreateMeetingRequest,
  SkipUpPermissionError,
  SkipUpRateLimitError,
  SkipUpValidationError,
  verifyWebhook,
} from '../../../skipup/index.ts';
import { kickoffKey } from '../../../workflows/kickoff/key.ts';
import {
  ALL_EVENTS,
  acmeRequest,
  created,
  force,
  newKey,
  receiver,
  running,
  subscribe,
} from '../../unit/sandbox/running.ts';
import { atSandbox, callsOf, clientAt, settle } from './at-sandbox.ts';
import { eventsOf, headerOf, payloadOf } from './events-of.ts';

const DATE = '2026-02-10';
const KEY = kickoffKey({ dealId: 'acme-corp', revision: 1, date: DATE });
const COLLEAGUE = 'morgan.diaz@yourcompany.example';
const kickoff: CreateMeetingRequest = acmeRequest();

describe('the first kickoff request', () => {
  it('is accepted with 202 as curl, Python and Node send it, and answered with an id to keep', async () => {
    const sandbox = await running();
    const answer = await fetch(`${sandbox.apiBaseUrl}/meeting_requests`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${sandbox.apiKey}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': KEY,
      },
      body: JSON.stringify(kickoff),
    });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await answer.json()).toEqual({
      data: {
        id: expect.stringMatching(/^mr_/),
        status: 'active',
        organizer_email: kickoff.organizer_email,
        participant_emails: kickoff.participants?.map(({ email }) => email),
        title: kickoff.context?.title,
        purpose: kickoff.context?.purpose,
        description: kickoff.context?.description,
        include_introduction: true,
        duration_minutes: 60,
        timeframe: { start: '2026-02-12T00:00:00Z', end: '2026-02-21T00:00:00Z' },
        created_at: '2026-02-10T14:00:00Z',
        updated_at: '2026-02-10T14:00:00Z',
      },
    });
  });

  it('puts the same on the wire when the client sends it', async () => {
    const { sandbox, client } = await atSandbox();
    const request = await client.meetingRequests.create(kickoff, { idempotencyKey: KEY });
    expect(request).toMatchObject({ id: expect.stringMatching(/^mr_/), status: 'active' });
    expect(sandbox.events.filter(({ type }) => type === 'api')).toMatchObject([
      { method: 'POST', path: '/api/v1/meeting_requests', status: 202, idempotencyKey: KEY, body: kickoff },
    ]);
  });

  it('is worked on afterwards: nobody has been written to when the 202 comes', async () => {
    const { sandbox, client } = await atSandbox();
    const { id } = await client.meetingRequests.create(kickoff, { idempotencyKey: KEY });
    const lines = async () => (await sandbox.control(`GET /meeting_requests/${id}/transcript`)).body.lines;
    expect(await lines()).toEqual([]);
    await sandbox.advance('5m');
    expect(JSON.stringify(await lines())).toContain('jamie.chen@acme-corp.example');
  });

  it('coordinates every participant in their own zone', async () => {
    const { sandbox, client } = await atSandbox();
    const { id } = await client.meetingRequests.create(kickoff, { idempotencyKey: KEY });
    const { participants } = (await sandbox.control(`GET /meeting_requests/${id}`)).body;
    expect(participants).toMatchObject(kickoff.participants ?? []);
  });

  it.each([
    ['as a flat list of addresses alone', 202, { participants: undefined, participant_emails: ['pat@acme.example'] }],
    ['both ways at once', 422, { participant_emails: ['pat@acme.example'] }],
    ['in neither way', 422, { participants: undefined }],
    ['as an empty list', 422, { participants: [] }],
  ])('names its participants %s: %i', async (_how, status, changes) => {
    const { sandbox, client } = await atSandbox();
    const body = acmeRequest(changes);
    expect((await sandbox.api('POST /meeting_requests', { body })).status).toBe(status);
    const sent = client.meetingRequests.create(body, { idempotencyKey: KEY });
    if (status === 202) await expect(sent).resolves.toMatchObject({ participant_emails: ['pat@acme.example'] });
    else await expect(sent).rejects.toThrow(SkipUpValidationError);
    // What cannot be right never leaves the client.
    expect(callsOf(sandbox)).toHaveLength(status === 202 ? 2 : 1);
  });

  it('needs a key with the write scope and no other', async () => {
    const { sandbox } = await atSandbox();
    const writer = clientAt(sandbox, { apiKey: await newKey(sandbox, ['meeting_requests.write']) });
    await expect(writer.meetingRequests.create(kickoff, { idempotencyKey: KEY })).resolves.toHaveProperty('id');
    await expect(writer.meetingRequests.list().firstPage()).rejects.toThrow(SkipUpPermissionError);
  });
});

/** The guide asks for a key with `meeting_requests.write` alone, which its own list does not do with. */
describe('the scopes of the guide', () => {
  it.each([
    ['create', ['meeting_requests.write'], true],
    ['cancel', ['meeting_requests.write'], true],
    ['list', ['meeting_requests.write'], false],
    ['list', ['meeting_requests.write', 'meeting_requests.read'], true],
  ] as const)('%s with %j: %s', async (call, scopes, allowed) => {
    const { sandbox } = await atSandbox();
    const { id } = await created(sandbox);
    const { meetingRequests } = clientAt(sandbox, { apiKey: await newKey(sandbox, [...scopes]) });
    const made = {
      create: () => meetingRequests.create(kickoff, { idempotencyKey: KEY }),
      cancel: () => meetingRequests.cancel(id),
      list: () => meetingRequests.list().firstPage(),
    };
    if (allowed) await expect(made[call]()).resolves.toBeDefined();
    else await expect(made[call]()).rejects.toThrow(SkipUpPermissionError);
  });
});

describe('the organizer', () => {
  it.each([
    ['is no member', 'nobody@yourcompany.example'],
    ['was deactivated', COLLEAGUE],
  ])('who %s is refused with 422', async (_why, organizer_email) => {
    const { sandbox, client } = await atSandbox();
    await sandbox.control(`POST /members/${COLLEAGUE}/deactivate`);
    const refused = await sandbox.api('POST /meeting_requests', { body: acmeRequest({ organizer_email }) });
    expect([refused.status, refused.error.type]).toEqual([422, 'validation_error']);
    const sent = client.meetingRequests.create({ ...kickoff, organizer_email }, { idempotencyKey: KEY });
    await expect(sent).rejects.toMatchObject({ code: 'validation', status: 422, retryable: false });
    expect((await sandbox.api('GET /meeting_requests')).list).toEqual([]);
  });

  it('can be looked up among the members before the call', async () => {
    const { client } = await atSandbox();
    const found = (email: string) => client.workspaceMembers.list({ email }).toArray({ limit: 2 });
    expect(await found(kickoff.organizer_email)).toMatchObject([{ deactivated_at: null }]);
    expect(await found('nobody@yourcompany.example')).toEqual([]);
  });
});

describe('the context of a kickoff', () => {
  const text = (length: number) => 'é'.repeat(length);
  it.each([
    ['title', 255],
    ['purpose', 500],
    ['description', 5000],
  ] as const)('takes a %s of %i characters and no more', async (field, limit) => {
    const { sandbox, client } = await atSandbox();
    const send = (length: number) => ({
      ...kickoff,
      context: { ...kickoff.context, [field]: text(length) },
    });
    const longest = await client.meetingRequests.create(send(limit), { idempotencyKey: KEY });
    expect(longest[field]).toBe(text(limit));
    const tooLong = await sandbox.api('POST /meeting_requests', { body: send(limit + 1) });
    expect([tooLong.status, tooLong.error.message]).toEqual([422, expect.stringContaining(`context.${field}`)]);
    await expect(client.meetingRequests.create(send(limit + 1), { idempotencyKey: KEY })).rejects.toMatchObject({
      code: 'validation',
      status: undefined,
      issues: [{ path: `context.${field}` }],
    });
  });

  it.each([
    ['the length in minutes', { duration_minutes: 90 }, { duration_minutes: 90 }],
    [
      'the first and the last instant that suit',
      { timeframe: { start: '2026-02-16T00:00:00Z', end: '2026-02-20T23:59:59Z' } },
      { timeframe: { start: '2026-02-16T00:00:00Z', end: '2026-02-20T23:59:59Z' } },
    ],
  ])('says %s', async (_what, context, answered) => {
    const { client } = await atSandbox();
    const sent = { ...kickoff, context: { ...kickoff.context, ...context } };
    expect(await client.meetingRequests.create(sent, { idempotencyKey: KEY })).toMatchObject(answered);
  });

  it('keeps the meeting within its timeframe', async () => {
    const { sandbox, client } = await atSandbox();
    const { id } = await client.meetingRequests.create(kickoff, { idempotencyKey: KEY });
    await sandbox.advance('10d');
    const { body } = await sandbox.control(`GET /meeting_requests/${id}`);
    const { start, end } = z.object({ start: z.string(), end: z.string() }).parse(body.slot);
    expect(Date.parse(end) - Date.parse(start)).toBe(3_600_000);
    expect(Date.parse(start)).toBeGreaterThanOrEqual(Date.parse('2026-02-12T00:00:00Z'));
    expect(Date.parse(end)).toBeLessThanOrEqual(Date.parse('2026-02-21T00:00:00Z'));
  });

  it.each([
    [undefined, false],
    [false, false],
    [true, true],
  ])(
    'has SkipUp introduce itself only when asked: include_introduction %s',
    async (include_introduction, introduced) => {
      const { sandbox, client } = await atSandbox();
      const { include_introduction: _dropped, ...rest } = kickoff;
      const body = include_introduction === undefined ? rest : { ...rest, include_introduction };
      const request = await client.meetingRequests.create(body, { idempotencyKey: KEY });
      expect(request.include_introduction).toBe(introduced);
      await sandbox.advance('5m');
      const { text } = await sandbox.control(`GET /meeting_requests/${request.id}/transcript`);
      const everybody = JSON.stringify(kickoff.participants?.map(({ email }) => email));
      expect(text.includes(`"to":${everybody}`)).toBe(introduced);
    },
  );
});

describe('one kickoff per deal and day', () => {
  const twice = (body: CreateMeetingRequest, first: string, second: string) =>
    atSandbox().then(async ({ sandbox, client }) => ({
      sandbox,
      client,
      one: await client.meetingRequests.create(body, { idempotencyKey: first }),
      two: await client.meetingRequests.create(body, { idempotencyKey: second }),
    }));

  it('is what the key is derived for', () => {
    expect(KEY).toBe('impl:acme-corp:kickoff:2026-02-10');
    expect(kickoffKey({ dealId: '7', workstream: 'data', revision: 1, date: DATE })).toBe(
      'impl:7:kickoff:data:2026-02-10',
    );
  });

  it('is made once however often the trigger fires, and answered as the first time', async () => {
    const { sandbox, one, two } = await twice(kickoff, KEY, KEY);
    expect(two).toEqual(one);
    expect((await sandbox.api('GET /meeting_requests')).list).toHaveLength(1);
    expect(sandbox.events.filter((event) => event.type === 'api' && event.replayed === true)).toHaveLength(1);
  });

  it('is answered as the first time even when it has moved on meanwhile', async () => {
    const { sandbox, client } = await atSandbox();
    const first = await client.meetingRequests.create(kickoff, { idempotencyKey: KEY });
    await force(sandbox, first.id, 'booked');
    expect(await client.meetingRequests.create(kickoff, { idempotencyKey: KEY })).toEqual(first);
    expect((await client.meetingRequests.get(first.id)).status).toBe('booked');
  });

  it.each([
    ['on the next day', { dealId: 'acme-corp', revision: 1, date: '2026-02-11' }],
    ['for another workstream', { dealId: 'acme-corp', revision: 1, date: DATE, workstream: 'data-migration' }],
    ['for a revision of the same day', { dealId: 'acme-corp', revision: 2, date: DATE }],
    ['for another deal', { dealId: 'globex', revision: 1, date: DATE }],
  ])('is made anew %s', async (_when, wish) => {
    const { one, two } = await twice(kickoff, KEY, kickoffKey(wish));
    expect(two.id).not.toBe(one.id);
  });

  it('is known by its key for a day less a moment, and not for longer', async () => {
    const { sandbox, client } = await atSandbox();
    const ids = [];
    for (const wait of ['0ms', '23h59m59s', '1s']) {
      await sandbox.advance(wait);
      ids.push((await client.meetingRequests.create(kickoff, { idempotencyKey: KEY })).id);
    }
    expect([ids[1] === ids[0], ids[2] === ids[0]]).toEqual([true, false]);
  });

  it('is known by its key under one API key alone', async () => {
    const { sandbox, client } = await atSandbox();
    const other = clientAt(sandbox, { apiKey: await newKey(sandbox) });
    const [mine, theirs] = [
      await client.meetingRequests.create(kickoff, { idempotencyKey: KEY }),
      await other.meetingRequests.create(kickoff, { idempotencyKey: KEY }),
    ];
    expect(theirs.id).not.toBe(mine.id);
  });

  it('is tried three times under 429 with growing waits, always under the same key', async () => {
    const { sandbox, client, waits } = await atSandbox();
    await sandbox.control('POST /faults', { fault: 'status', status: 429, next: 2 });
    await client.meetingRequests.create(kickoff, { idempotencyKey: KEY });
    expect(callsOf(sandbox)).toEqual([
      'POST /meeting_requests 429',
      'POST /meeting_requests 429',
      'POST /meeting_requests 202',
    ]);
    expect(waits).toEqual([125, 250]);
    await sandbox.control('POST /faults', { fault: 'status', status: 429 });
    await expect(client.meetingRequests.create(kickoff, { idempotencyKey: KEY })).rejects.toThrow(SkipUpRateLimitError);
    expect(callsOf(sandbox)).toHaveLength(6);
  });
});

describe('the events of a kickoff', () => {
  const GUIDES_EVENTS = ['created', 'booked', 'cancelled', 'organizer_changed'].map(
    (name) => `meeting_request.${name}`,
  );

  /** Registers an endpoint as the guide does, for its four events. */
  async function registered() {
    const at = await atSandbox();
    const hook = await receiver(200);
    const { status, data } = await at.sandbox.api('POST /webhook_endpoints', {
      body: { url: `${hook.url}/webhooks/skipup`, description: 'Kickoff pipeline', events: GUIDES_EVENTS },
    });
    expect([status, data.events, data.enabled]).toEqual([201, GUIDES_EVENTS, true]);
    const { id } = await at.client.meetingRequests.create(kickoff, { idempotencyKey: KEY });
    await settle(at.sandbox);
    return { ...at, hook, id, secret: String(data.secret) };
  }

  it('created: told once the request is accepted', async () => {
    const { hook, id } = await registered();
    expect(hook.received.map(payloadOf)).toMatchObject([{ event: 'meeting_request.created', id, status: 'active' }]);
  });

  it('booked: told once everybody has answered and a time is found', async () => {
    const { sandbox, client, hook, id } = await registered();
    await sandbox.advance('10d');
    expect(eventsOf(hook)).toEqual(['meeting_request.created', 'meeting_request.booked']);
    expect(await client.meetingRequests.get(id)).toMatchObject({
      status: 'booked',
      booked_at: hook.received.map(payloadOf)[1]?.booked_at,
    });
    const { participants } = (await sandbox.control(`GET /meeting_requests/${id}`)).body;
    expect(JSON.stringify(participants)).not.toContain('"replied_at":null');
  });

  it('cancelled: told when the request is called off', async () => {
    const { sandbox, client, hook, id } = await registered();
    await client.meetingRequests.cancel(id);
    await settle(sandbox);
    expect(payloadOf(hook.received[1] ?? { path: '', headers: {}, raw: '' })).toMatchObject({
      event: 'meeting_request.cancelled',
      id,
      was_booked: false,
    });
  });

  it('organizer_changed: told when a colleague takes over; the new one is read from the request', async () => {
    const { sandbox, client, hook, id } = await registered();
    await client.meetingRequests.changeOrganizer(id, COLLEAGUE);
    await settle(sandbox);
    expect(eventsOf(hook).at(-1)).toBe('meeting_request.organizer_changed');
    expect((await client.meetingRequests.get(id)).organizer_email).toBe(COLLEAGUE);
  });

  it('others are not told to an endpoint that has asked for these four', async () => {
    const { sandbox, hook, id } = await registered();
    for (const event of ['follow_up_sent', 'paused', 'resumed']) await force(sandbox, id, event);
    await settle(sandbox);
    expect(eventsOf(hook)).toEqual(['meeting_request.created']);
  });

  it('are signed: HMAC-SHA256 in hex over the timestamp, a full stop and the raw body', async () => {
    const { hook, secret } = await registered();
    const [delivery] = hook.received;
    if (delivery === undefined) throw new Error('nothing was delivered');
    const signature = headerOf(delivery, 'x-webhook-signature');
    const parts = new Map(signature.split(',').map((part) => [part.slice(0, part.indexOf('=')), part.split('=')[1]]));
    const digest = createHmac('sha256', secret)
      .update(`${parts.get('t')}.${delivery.raw}`)
      .digest('hex');
    expect(parts.get('v1')).toBe(digest);
    const event = verifyWebhook({ body: delivery.raw, signature, secrets: secret });
    expect(event.event).toBe('meeting_request.created');
    const forged = delivery.raw.replace('active', 'booked');
    expect(() => verifyWebhook({ body: forged, signature, secrets: secret })).toThrow(
      expect.objectContaining({ code: 'no_match' }),
    );
  });

  it('carry their name in `event`, and no `type`', async () => {
    const { hook } = await registered();
    expect(hook.received.map(payloadOf)).toEqual([expect.not.objectContaining({ type: expect.anything() })]);
  });
});

describe('keeping track of kickoffs', () => {
  it('lists by organizer and status as curl -G puts them in the query', async () => {
    const { sandbox, client } = await atSandbox();
    const mine = await created(sandbox);
    const theirs = await created(sandbox, { organizer_email: COLLEAGUE });
    const ended = await created(sandbox);
    await client.meetingRequests.cancel(ended.id);
    const query = new URLSearchParams({ organizer_email: kickoff.organizer_email, status: 'active' });
    const { status, list, meta } = await sandbox.api(`GET /meeting_requests?${query}`);
    expect([status, list.map(({ id }) => id), meta]).toEqual([200, [mine.id], { limit: 25, has_more: false }]);
    const ids = async (by: Parameters<typeof client.meetingRequests.list>[0]) =>
      (await client.meetingRequests.list(by).toArray({ limit: 10 })).map(({ id }) => id);
    expect(await ids({ organizer_email: COLLEAGUE })).toEqual([theirs.id]);
    expect(await ids({ status: 'cancelled' })).toEqual([ended.id]);
    expect(await ids({})).toEqual([ended.id, theirs.id, mine.id]);
  });

  it('lists by participant', async () => {
    const { sandbox, client } = await atSandbox();
    const { id } = await created(sandbox, { participants: [{ email: 'solo@acme-corp.example' }] });
    await created(sandbox);
    const found = client.meetingRequests.list({ participant_email: 'solo@acme-corp.example' });
    expect(await found.toArray({ limit: 5 })).toMatchObject([{ id }]);
  });

  it.each([
    ['created_after', '2026-02-10T15:00:00Z', [1, 2]],
    ['created_before', '2026-02-10T15:00:00Z', [0, 1]],
    ['created_after', '2026-02-10T15:00:01Z', [2]],
    ['created_before', '2026-02-10T14:59:59Z', [0]],
  ])('lists by time, bounds included: %s %s', async (filter, instant, expected) => {
    const { sandbox, client } = await atSandbox();
    const ids: string[] = [];
    for (const wait of ['0ms', '1h', '1h']) {
      await sandbox.advance(wait);
      ids.push((await created(sandbox)).id);
    }
    const found = await client.meetingRequests.list({ [filter]: instant }).toArray({ limit: 5 });
    expect(found.map(({ id }) => ids.indexOf(id)).sort()).toEqual(expected);
  });

  it('lists 25 a page, 100 at most, and goes on from a cursor without a gap or a double', async () => {
    const { sandbox, client } = await atSandbox({ settings: { rateLimitPerMinute: 0 } });
    const ids: string[] = [];
    for (let n = 0; n < 53; n += 1) ids.unshift((await created(sandbox)).id);
    const pages = [];
    for await (const page of client.meetingRequests.list().pages()) pages.push(page.items.map(({ id }) => id));
    expect(pages.map((page) => page.length)).toEqual([25, 25, 3]);
    expect(pages.flat()).toEqual(ids);
    expect((await sandbox.api('GET /meeting_requests?limit=100')).list).toHaveLength(53);
    expect((await sandbox.api('GET /meeting_requests?limit=101')).status).toBe(422);
  });
});

describe('changing a kickoff', () => {
  it.each(['active', 'paused'])('cancels one that is %s, with a bare POST', async (status) => {
    const { sandbox, client } = await atSandbox();
    const { id } = await created(sandbox);
    if (status === 'paused') await client.meetingRequests.pause(id);
    const answer = await sandbox.api(`POST /meeting_requests/${id}/cancel`);
    expect([answer.status, answer.data.status]).toEqual([200, 'cancelled']);
  });

  it.each([
    [undefined, false],
    [{ notify: false }, false],
    [{ notify: true }, true],
  ])('tells the participants of the end only when asked: %j', async (options, told) => {
    const { sandbox, client } = await atSandbox();
    const { id } = await created(sandbox);
    await client.meetingRequests.cancel(id, options);
    const { lines } = (await sandbox.control(`GET /meeting_requests/${id}/transcript`)).body;
    expect(JSON.stringify(lines).includes('jamie.chen@acme-corp.example')).toBe(told);
  });

  it.each(['booked', 'cancelled'])('refuses to cancel one that is %s', async (status) => {
    const { sandbox } = await atSandbox();
    const { id } = await created(sandbox);
    await force(sandbox, id, status);
    const { status: code, error } = await sandbox.api(`POST /meeting_requests/${id}/cancel`);
    expect([code, error.type]).toEqual([422, 'invalid_request']);
  });

  it('makes a new one in place of a cancelled one, under a key of its own', async () => {
    const { client } = await atSandbox();
    const first = await client.meetingRequests.create(kickoff, { idempotencyKey: KEY });
    await client.meetingRequests.cancel(first.id);
    // The old key would only give the old answer again, which is cancelled in truth.
    expect((await client.meetingRequests.create(kickoff, { idempotencyKey: KEY })).id).toBe(first.id);
    const revised = kickoffKey({ dealId: 'acme-corp', revision: 2, date: DATE });
    const participants = (kickoff.participants ?? []).slice(0, 2);
    const second = await client.meetingRequests.create({ ...kickoff, participants }, { idempotencyKey: revised });
    expect([second.id === first.id, second.status, second.participant_emails?.length]).toEqual([false, 'active', 2]);
  });

  it('hands one over to another member', async () => {
    const { sandbox, client } = await atSandbox();
    const { id } = await created(sandbox);
    const answer = await sandbox.api(`POST /meeting_requests/${id}/change_organizer`, {
      body: { new_organizer_email: COLLEAGUE },
    });
    expect([answer.status, answer.data.organizer_email]).toEqual([200, COLLEAGUE]);
    const back = await client.meetingRequests.changeOrganizer(id, kickoff.organizer_email);
    expect(back.organizer_email).toBe(kickoff.organizer_email);
  });

  it('hands none over to somebody who is no member', async () => {
    const { sandbox, client } = await atSandbox();
    const { id } = await created(sandbox);
    await expect(client.meetingRequests.changeOrganizer(id, 'nobody@yourcompany.example')).rejects.toMatchObject({
      code: 'validation',
      status: 422,
    });
    expect((await client.meetingRequests.get(id)).organizer_email).toBe(kickoff.organizer_email);
  });

  const update = {
    title: 'Implementation kickoff: Acme Corp + YourCompany',
    purpose: 'The scope has grown',
    description: 'A data migration has come in.',
    duration_minutes: 90,
    timeframe: { start: '2026-02-14T00:00:00Z', end: '2026-02-28T00:00:00Z' },
  };

  it('changes the context, sent flat, without a new request', async () => {
    const { sandbox, client } = await atSandbox();
    const { id } = await created(sandbox);
    const answer = await sandbox.api(`POST /meeting_requests/${id}/context`, { body: update });
    expect(answer.status).toBe(200);
    expect(answer.data).toMatchObject({ id, ...update });
    expect(await client.meetingRequests.get(id)).toMatchObject(update);
    expect(await client.meetingRequests.updateContext(id, { duration_minutes: 30 })).toMatchObject({
      ...update,
      duration_minutes: 30,
    });
  });

  it('takes no nested context where it wants a flat one, nor a flat one where it wants a nested one', async () => {
    const { sandbox } = await atSandbox();
    const { id } = await created(sandbox);
    const nested = await sandbox.api(`POST /meeting_requests/${id}/context`, { body: { context: update } });
    expect([nested.status, nested.error.type]).toEqual([422, 'validation_error']);
    const flat = await sandbox.api('POST /meeting_requests', { body: acmeRequest({ context: undefined, ...update }) });
    expect([flat.status, flat.error.type]).toEqual([422, 'validation_error']);
  });

  it.each(['cancel', 'pause', 'resume', 'change_organizer', 'context'])(
    'knows nothing of an unknown request: %s',
    async (action) => {
      const { sandbox } = await atSandbox();
      const { status, error } = await sandbox.api(`POST /meeting_requests/mr_abc123/${action}`);
      expect([status, error.type]).toEqual([404, 'not_found']);
    },
  );
});

describe('the errors of the guide', () => {
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
  it.each([
    ['no key at all', {}],
    ['an unknown key', bearer('sk_live_abc123')],
    ['a key without its prefix', bearer('abc123')],
    ['a key in no scheme', { authorization: 'sk_live_abc123' }],
  ])('401 for %s', async (_what, headers) => {
    const sandbox = await running();
    const answer = await sandbox.api('POST /meeting_requests', { body: acmeRequest(), key: null, headers });
    expect([answer.status, answer.error.type]).toEqual([401, 'unauthorized']);
  });

  it('401 reaches the caller at once, and never shows the key', async () => {
    const { sandbox } = await atSandbox();
    const stranger = clientAt(sandbox, { apiKey: 'sk_live_abc123' });
    const error: unknown = await stranger.meetingRequests
      .create(kickoff, { idempotencyKey: KEY })
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'authentication', status: 401, retryable: false, ambiguous: false });
    expect(String(error)).not.toContain('sk_live_abc123');
    expect(callsOf(sandbox)).toEqual(['POST /meeting_requests 401']);
  });

  it('403 for a key that may only read', async () => {
    const { sandbox } = await atSandbox();
    const reader = clientAt(sandbox, { apiKey: await newKey(sandbox, ['meeting_requests.read']) });
    await expect(reader.meetingRequests.create(kickoff, { idempotencyKey: KEY })).rejects.toMatchObject({
      code: 'permission',
      status: 403,
      message: expect.stringContaining('meeting_requests.write'),
    });
    expect(callsOf(sandbox)).toEqual(['POST /meeting_requests 403']);
  });

  it.each([
    ['an organizer who is no member', { organizer_email: 'nobody@yourcompany.example' }, 'organizer_email'],
    ['an address that is none', { participants: [{ email: 'jamie at acme' }] }, 'participants.0.email'],
    ['no organizer', { organizer_email: undefined }, 'organizer_email'],
    ['a zone that is none', { organizer_timezone: 'EST5EDT4' }, 'organizer_timezone'],
  ])('422 for %s, naming the field', async (_what, changes, field) => {
    const sandbox = await running();
    const { status, error } = await sandbox.api('POST /meeting_requests', { body: acmeRequest(changes) });
    expect([status, error.type]).toEqual([422, 'validation_error']);
    expect(error.message).toContain(field);
  });

  it('422 is not tried again', async () => {
    const { sandbox, client } = await atSandbox();
    const organizer_email = 'nobody@yourcompany.example';
    const sent = client.meetingRequests.create({ ...kickoff, organizer_email }, { idempotencyKey: KEY });
    await expect(sent).rejects.toMatchObject({ retryable: false });
    expect(callsOf(sandbox)).toEqual(['POST /meeting_requests 422']);
  });

  it('429 for the 121st call within a minute, until the minute is over', async () => {
    const { sandbox, client } = await atSandbox({}, { retry: { maxAttempts: 1 } });
    for (let n = 0; n < 120; n += 1) await client.workspaceMembers.list().firstPage();
    const sent = () => client.meetingRequests.create(kickoff, { idempotencyKey: KEY });
    await expect(sent()).rejects.toMatchObject({
      code: 'rate_limited',
      status: 429,
      retryable: true,
      ambiguous: false,
    });
    await sandbox.advance('60s');
    await expect(sent()).resolves.toMatchObject({ status: 'active' });
  });
});

it('the guide’s kickoff from the deal to the booking tells its story in four calls', async () => {
  const { sandbox, client } = await atSandbox();
  const hook = await receiver(200);
  const { secret } = await subscribe(sandbox, hook.url, { events: ALL_EVENTS });
  const { id } = await client.meetingRequests.create(kickoff, { idempotencyKey: KEY });
  await client.meetingRequests.updateContext(id, { description: 'Five people by now.' });
  await client.meetingRequests.changeOrganizer(id, COLLEAGUE);
  await sandbox.advance('10d');
  await expect(client.meetingRequests.cancel(id)).rejects.toMatchObject({ code: 'invalid_state', status: 422 });
  const told = hook.received.map((delivery) =>
    verifyWebhook({ body: delivery.raw, signature: headerOf(delivery, 'x-webhook-signature'), secrets: secret }),
  );
  const names = told.map(({ event }) => event).filter((name) => name !== 'meeting_request.follow_up_sent');
  expect(names).toEqual(['meeting_request.created', 'meeting_request.organizer_changed', 'meeting_request.booked']);
  expect(new Set(told.map((event) => event.id))).toEqual(new Set([id]));
});
