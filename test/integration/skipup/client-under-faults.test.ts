/**
 * The client against each fault that the sandbox can have, call by call.
 *
 * | fault                                                   | tests                                    |
 * |---------------------------------------------------------|------------------------------------------|
 * | each status from 400 to 599                             | each status                              |
 * | each fault once, then all is well                       | a fault that passes                      |
 * | each fault for as long as the call lasts                | a fault that stays                       |
 * | a state change and the look after it both fail          | a change that cannot be looked after     |
 * | Retry-After                                             | an answer that asks to wait              |
 * | delays: time-outs of each kind, the caller's own signal | client-under-delays                      |
 *
 * Above all: no create is doubled, no state change is done twice, and none that was done is reported as failed.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SkipUpErrorCode } from '../../../skipup/index.ts';
import { SkipUpClient } from '../../../skipup/index.ts';
import { acmeRequest } from '../../unit/sandbox/running.ts';
import { CALLS, type CallKind, errorOf, type FaultySandbox, faultySandbox } from './faulty-calls.ts';

let at: FaultySandbox;
beforeAll(async () => {
  at = await faultySandbox();
});
afterEach(() => at.afresh());
afterAll(() => at.close());

/** What becomes of a call whose answer is a fault. */
type FaultClass =
  /** Refused, and nothing done. */
  | 'refused'
  /** Not now: nothing done. */
  | 'not now'
  /** Nothing done, but the caller cannot know. */
  | 'lost'
  /** Done, and the caller cannot know. */
  | 'done and lost';

interface FaultRow {
  name: string;
  rule: object;
  is: FaultClass;
  code: SkipUpErrorCode;
}

const status = (code: number, is: FaultClass, error: SkipUpErrorCode, extra: object = {}): FaultRow => ({
  name: `${code}${is === 'done and lost' ? ' after it was done' : ''}${'body' in extra ? ' validation_error' : ''}`,
  rule: { fault: 'status', status: code, when: is === 'done and lost' ? 'after' : 'before', ...extra },
  is,
  code: error,
});
const VALIDATION = { body: { error: { type: 'validation_error', message: 'organizer_email: no member' } } };

const FAULTS: FaultRow[] = [
  status(400, 'refused', 'validation'),
  status(401, 'refused', 'authentication'),
  status(403, 'refused', 'permission'),
  status(404, 'refused', 'not_found'),
  status(409, 'refused', 'unexpected_status'),
  status(422, 'refused', 'invalid_state'),
  status(422, 'refused', 'validation', VALIDATION),
  status(429, 'not now', 'rate_limited'),
  ...[408, 500, 502, 503, 504].map((code) => status(code, 'lost', 'server')),
  ...[408, 500, 502, 503, 504].map((code) => status(code, 'done and lost', 'server')),
  { name: 'connection dropped before it was done', rule: { fault: 'drop' }, is: 'lost', code: 'connection' },
  {
    name: 'connection dropped after it was done',
    rule: { fault: 'drop', when: 'after' },
    is: 'done and lost',
    code: 'connection',
  },
  { name: 'JSON that cannot be read', rule: { fault: 'malformed_json' }, is: 'done and lost', code: 'decoding' },
  { name: 'a body cut short', rule: { fault: 'truncated_body' }, is: 'done and lost', code: 'connection' },
];

/** How often the call itself reaches the sandbox, how often the request is read in between, and how it ends. */
interface Seen {
  attempts: number;
  looks?: number;
  ends: 'done' | 'fails' | 'fails, maybe done';
  effects: number;
}

const done = (attempts: number, looks = 0): Seen => ({ attempts, looks, ends: 'done', effects: 1 });
const REFUSED: Seen = { attempts: 1, ends: 'fails', effects: 0 };

/** The fault strikes once. */
const PASSES: Record<CallKind, Record<FaultClass, Seen>> = {
  read: { refused: REFUSED, 'not now': done(2), lost: done(2), 'done and lost': done(2) },
  keyed: { refused: REFUSED, 'not now': done(2), lost: done(2), 'done and lost': done(2) },
  change: { refused: REFUSED, 'not now': done(2), lost: done(2, 1), 'done and lost': done(1, 1) },
  settled: { refused: REFUSED, 'not now': done(2), lost: done(2), 'done and lost': done(2) },
  once: {
    refused: REFUSED,
    'not now': done(2),
    lost: { attempts: 1, ends: 'fails, maybe done', effects: 0 },
    'done and lost': { attempts: 1, ends: 'fails, maybe done', effects: 1 },
  },
};

const gaveUp = (effects: number, looks = 0): Seen => ({ attempts: 3, looks, ends: 'fails, maybe done', effects });
const BUSY: Seen = { attempts: 3, ends: 'fails', effects: 0 };

/** The fault strikes every time. */
const STAYS: Record<CallKind, Record<FaultClass, Seen>> = {
  read: { refused: REFUSED, 'not now': BUSY, lost: BUSY, 'done and lost': BUSY },
  keyed: { refused: REFUSED, 'not now': BUSY, lost: gaveUp(0), 'done and lost': gaveUp(1) },
  change: { refused: REFUSED, 'not now': BUSY, lost: gaveUp(0, 3), 'done and lost': done(1, 1) },
  settled: { refused: REFUSED, 'not now': BUSY, lost: gaveUp(0), 'done and lost': gaveUp(1) },
  once: { ...PASSES.once, 'not now': BUSY },
};

/** A delete's answer has no body that could be broken: it is done, and heard of. */
function seenOf(table: typeof PASSES, { name, kind }: (typeof CALLS)[number], fault: FaultRow): Seen {
  const bodyless = name === 'webhookEndpoints.delete' && /JSON|cut short/.test(fault.name);
  return bodyless ? done(1) : table[kind][fault.is];
}

async function check(call: (typeof CALLS)[number], fault: FaultRow, seen: Seen, reach: object): Promise<void> {
  const ready = await call.ready(at);
  at.events.length = 0;
  await at.fault({ ...fault.rule, ...reach, method: ready.method, path: ready.path });
  if (seen.ends === 'done') {
    await expect(ready.make(at.client)).resolves.not.toThrow();
  } else {
    expect(await errorOf(ready.make(at.client))).toMatchObject({
      code: fault.code,
      retryable: fault.is !== 'refused',
      ambiguous: seen.ends === 'fails, maybe done',
    });
  }
  const calls = at.calls(ready.path);
  const looks = at.calls(`/meeting_requests/${ready.id}`);
  // A change that was refused is looked at too: its goal may be reached already.
  const lookedAtRefusal = call.kind === 'change' && /^422/.test(fault.name) && seen.attempts === 1 ? 1 : 0;
  expect({ attempts: calls.length, looks: call.kind === 'change' ? looks.length : 0 }).toEqual({
    attempts: seen.attempts,
    looks: (seen.looks ?? 0) || lookedAtRefusal,
  });
  if (call.kind !== 'read') expect(await ready.effects()).toBe(seen.effects);
}

const rows = CALLS.flatMap((call) => FAULTS.map((fault) => [call.name, fault.name, call, fault] as const));

describe('a fault that passes', () => {
  it.each(rows)('%s: %s', async (_call, _fault, call, fault) => {
    await check(call, fault, seenOf(PASSES, call, fault), { next: 1 });
  });
});

describe('a fault that stays', () => {
  // One of each kind of 5xx will do: none is repeated longer than another.
  it.each(rows.filter(([, fault]) => !/^(500|502|504)/.test(fault)))('%s: %s', async (_call, _fault, call, fault) => {
    await check(call, fault, seenOf(STAYS, call, fault), {});
  });
});

describe('a change that was done and not heard of', () => {
  it.each([
    ['cancel', { status: 'cancelled' }],
    ['pause', { status: 'paused' }],
    ['resume', { status: 'active' }],
    ['change_organizer', { organizer_email: 'morgan.diaz@yourcompany.example' }],
    ['context', { duration_minutes: 90 }],
  ])('%s answers the request as it is now', async (name, expected) => {
    const call = CALLS.find((one) => one.name === name);
    const ready = await call?.ready(at);
    await at.afresh();
    await at.fault({ fault: 'drop', when: 'after', path: ready?.path });
    expect(await ready?.make(at.client)).toMatchObject({ id: ready?.id, ...expected });
  });

  it('a create answers the same request under its key as the one whose answer was lost', async () => {
    await at.afresh();
    await at.fault({ fault: 'drop', when: 'after', method: 'POST', path: '/meeting_requests', next: 2 });
    const made = await at.client.meetingRequests.create(acmeRequest(), { idempotencyKey: 'impl:lost:kickoff' });
    expect(at.changes('created')).toEqual([made.id]);
  });

  it('a 422 for a state that holds already is a success', async () => {
    const id = await at.request();
    await at.client.meetingRequests.cancel(id);
    await at.afresh();
    expect(await at.client.meetingRequests.cancel(id)).toMatchObject({ id, status: 'cancelled' });
    expect(at.calls()).toEqual(['POST 422', 'GET 200']);
  });

  it('a cancel whose request was booked in the meantime says so, and cancels nothing', async () => {
    const id = await at.request();
    await at.afresh();
    await at.fault({ fault: 'drop', path: `/meeting_requests/${id}/cancel`, next: 1 });
    await at.control(`POST /meeting_requests/${id}/events`, { event: 'booked' });
    expect(await errorOf(at.client.meetingRequests.cancel(id))).toMatchObject({
      code: 'invalid_state',
      retryable: false,
    });
    expect((await at.client.meetingRequests.get(id)).status).toBe('booked');
  });
});

describe('a change that cannot be looked after', () => {
  const changes = CALLS.filter(({ kind }) => kind === 'change');
  it.each(changes.map((call) => [call.name, call] as const))(
    '%s: the first failure is told, as one that may have been done',
    async (_name, call) => {
      const ready = await call.ready(at);
      await at.afresh();
      await at.fault(
        { fault: 'drop', when: 'after', method: 'POST', path: ready.path },
        { fault: 'status', status: 503, method: 'GET', path: `/meeting_requests/${ready.id}` },
      );
      expect(await errorOf(ready.make(at.client))).toMatchObject({
        code: 'connection',
        retryable: true,
        ambiguous: true,
      });
      expect(await ready.effects()).toBe(1);
      expect(at.calls(ready.path)).toHaveLength(1);
    },
  );
});

describe('each status', () => {
  const STATUSES = Array.from({ length: 200 }, (_, n) => 400 + n);
  /** By the status alone; a 422 is told apart by its type, which the sandbox gives as `invalid_request`. */
  const CODES: Readonly<Record<number, SkipUpErrorCode>> = {
    400: 'validation',
    401: 'authentication',
    403: 'permission',
    404: 'not_found',
    408: 'server',
    422: 'invalid_state',
    429: 'rate_limited',
  };
  const codeOf = (code: number) => CODES[code] ?? (code >= 500 ? 'server' : 'unexpected_status');
  const RETRYABLE: readonly SkipUpErrorCode[] = ['server', 'rate_limited'];

  it.each(['meetingRequests.get', 'meetingRequests.create', 'webhookEndpoints.create'])(
    'from 400 to 599 has its error at %s',
    async (name) => {
      const call = CALLS.find((one) => one.name === name);
      const ready = await call?.ready(at);
      if (call === undefined || ready === undefined) throw new Error(name);
      await at.afresh();
      const once = new SkipUpClient({
        apiKey: at.sandbox.apiKey,
        baseUrl: at.sandbox.apiBaseUrl,
        retry: { maxAttempts: 1 },
      });
      const told: Record<number, object> = {};
      for (const code of STATUSES) {
        await at.fault({ fault: 'status', status: code, path: ready.path, next: 1 });
        const { code: kind, retryable, ambiguous } = await errorOf(ready.make(once));
        told[code] = { kind, retryable, ambiguous };
      }
      await once.close();
      const expected = STATUSES.map((code) => {
        const kind = codeOf(code);
        return [
          code,
          { kind, retryable: RETRYABLE.includes(kind), ambiguous: kind === 'server' && call.kind !== 'read' },
        ];
      });
      expect(told).toEqual(Object.fromEntries(expected));
    },
  );

  it.each([
    ['a plain string', { error: 'slow down' }],
    ['a page of a gateway', '<html>Bad gateway</html>'],
    ['nothing at all', ''],
    ['an error without a type', { error: { message: 'no' } }],
    ['a type that is no text', { error: { type: 7, message: ['no'] } }],
    ['something else', { errors: [{ code: 1 }] }],
    ['a list', [1]],
  ])('has its error whatever the body is: %s', async (_what, body) => {
    await at.afresh();
    await at.fault({ fault: 'status', status: 502, body, next: 3 });
    expect(await errorOf(at.client.workspaceMembers.list().firstPage())).toMatchObject({ code: 'server', status: 502 });
    expect(at.calls()).toHaveLength(3);
  });
});

describe('an answer that asks to wait', () => {
  const waiting = (waits: number[]) =>
    new SkipUpClient({
      apiKey: at.sandbox.apiKey,
      baseUrl: at.sandbox.apiBaseUrl,
      retry: { random: () => 0, sleep: async (ms) => void waits.push(ms) },
    });

  it.each([
    ['seconds', { 'retry-after': '7' }, 7_000],
    ['milliseconds', { 'retry-after-ms': '1500' }, 1_500],
    ['milliseconds in the place of seconds', { 'retry-after': '4500' }, 4_500],
    ['nothing', {}, 0],
    ['something that cannot be read', { 'retry-after': 'soon' }, 0],
  ])('in %s is waited for', async (_unit, headers, expected) => {
    await at.afresh();
    const waits: number[] = [];
    const client = waiting(waits);
    await at.fault({ fault: 'status', status: 429, headers, next: 1 });
    await client.workspaceMembers.list().firstPage();
    await client.close();
    expect(waits).toEqual([expected]);
  });

  it('as a date is waited for', async () => {
    await at.afresh();
    const waits: number[] = [];
    const client = waiting(waits);
    const headers = { 'retry-after': new Date(Date.now() + 5_000).toUTCString() };
    await at.fault({ fault: 'status', status: 503, headers, next: 1 });
    await client.workspaceMembers.list().firstPage();
    await client.close();
    expect(waits[0]).toBeGreaterThan(2_000);
    expect(waits[0]).toBeLessThanOrEqual(5_000);
  });

  it.each([
    ['an hour', { 'retry-after': '3600' }, 3_600_000],
    ['eleven seconds', { 'retry-after': '11' }, 11_000],
  ])('for %s is not waited for, but told', async (_long, headers, retryAfterMs) => {
    await at.afresh();
    const waits: number[] = [];
    const client = waiting(waits);
    await at.fault({ fault: 'status', status: 429, headers });
    const sent = client.meetingRequests.create(acmeRequest(), { idempotencyKey: 'impl:wait:kickoff' });
    expect(await errorOf(sent)).toMatchObject({ code: 'rate_limited', retryable: true, retryAfterMs });
    await client.close();
    expect([waits, at.calls()]).toEqual([[], ['POST 429']]);
  });
});
