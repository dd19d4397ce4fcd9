import { expect, test } from 'vitest';
import type { RetryOptions } from '../../../skipup/index.ts';
import { KEY, kickoff } from './fixtures.ts';
import { type Behaviour, clientOf, errorOf, hangUp, json, loopback, meeting, refusal, text } from './loopback.ts';

/** Three attempts, full waits (random just under 1), and a list of what was waited. */
function patient(waits: number[], retry: Partial<RetryOptions> = {}) {
  return {
    retry: {
      maxAttempts: 3,
      random: () => 0.999_999,
      sleep: async (ms: number) => {
        waits.push(ms);
      },
      ...retry,
    },
  };
}

test.each<[string, Behaviour]>([
  ['a lost connection', hangUp],
  ['408', refusal(408, 'timeout')],
  ['429', refusal(429, 'rate_limited')],
  ['500', refusal(500, 'internal')],
  ['a gateway’s page with status 200', text(200, '<html></html>')],
])('a create is repeated under the same key after %s', async (_name, behaviour) => {
  const server = await loopback(behaviour, behaviour, meeting({}, 202));
  const waits: number[] = [];
  const request = await clientOf(server, patient(waits)).meetingRequests.create(kickoff, { idempotencyKey: KEY });
  expect(request.id).toBe('mr_1');
  expect(server.seen.map(({ headers }) => headers['idempotency-key'])).toEqual([KEY, KEY, KEY]);
  expect(new Set(server.seen.map(({ rawBody }) => rawBody)).size).toBe(1);
  expect(waits).toEqual([249, 499]);
});

test.each([401, 403, 404, 400, 422, 302, 418])('status %i is never repeated', async (status) => {
  const server = await loopback(refusal(status, 'validation_error'), meeting());
  const client = clientOf(server, patient([]));
  await errorOf(client.meetingRequests.create(kickoff, { idempotencyKey: KEY }));
  expect(server.seen).toHaveLength(1);
});

test('the last attempt’s error is told', async () => {
  const server = await loopback(refusal(500, 'a'), refusal(502, 'b'), refusal(503, 'c'), meeting());
  const error = await errorOf(clientOf(server, patient([])).meetingRequests.get('mr_1'));
  expect(error).toMatchObject({ status: 503, type: 'c' });
  expect(server.seen).toHaveLength(3);
});

test('what an earlier attempt may have done is not forgotten by a later, clear failure', async () => {
  const server = await loopback(hangUp, refusal(403, 'forbidden'));
  const error = await errorOf(clientOf(server, patient([])).meetingRequests.create(kickoff, { idempotencyKey: KEY }));
  expect(error).toMatchObject({ code: 'permission', ambiguous: true });
});

test('nor by a failure before sending', async () => {
  const server = await loopback(hangUp);
  const client = clientOf(server, patient([], { maxAttempts: 2, sleep: () => server.stop() }));
  const error = await errorOf(client.meetingRequests.create(kickoff, { idempotencyKey: KEY }));
  expect(error.message).toContain('ECONNREFUSED');
  expect(error).toMatchObject({ code: 'connection', ambiguous: true });
});

test('a missing or empty idempotency key is refused before anything is sent', async () => {
  const server = await loopback(meeting());
  const { meetingRequests } = clientOf(server);
  // @ts-expect-error the key is mandatory in the type
  const withoutOptions = errorOf(meetingRequests.create(kickoff));
  // @ts-expect-error the key is mandatory in the type
  const withoutKey = errorOf(meetingRequests.create(kickoff, {}));
  for (const call of [withoutOptions, withoutKey]) {
    expect(await call).toMatchObject({ code: 'validation', retryable: false, ambiguous: false, status: undefined });
  }
  for (const idempotencyKey of ['', ' k', 'k ', 'k\r\nx: y', 'schlüssel', 'x'.repeat(256)]) {
    expect(await errorOf(meetingRequests.create(kickoff, { idempotencyKey }))).toMatchObject({ code: 'validation' });
  }
  expect(server.seen).toHaveLength(0);
});

test.each<[string, Record<string, string>, number]>([
  ['seconds', { 'retry-after': '2' }, 2_000],
  ['fractions of seconds', { 'retry-after': '0.5' }, 500],
  ['milliseconds', { 'retry-after': '4000' }, 4_000],
  ['its own header for milliseconds', { 'retry-after-ms': '1500', 'retry-after': '9' }, 1_500],
])('Retry-After in %s is waited for', async (_name, headers, expected) => {
  const server = await loopback(refusal(429, 'rate_limited', 'slow down', headers), meeting());
  const waits: number[] = [];
  await clientOf(server, patient(waits, { random: () => 0 })).meetingRequests.get('mr_1');
  expect(waits).toEqual([expected]);
});

test('Retry-After as a date is waited for, by the clock that was given', async () => {
  const headers = { 'retry-after': 'Tue, 10 Feb 2026 12:00:04 GMT' };
  const server = await loopback(refusal(503, 'down', '', headers), meeting());
  const waits: number[] = [];
  const now = () => Date.parse('2026-02-10T12:00:00.500Z');
  await clientOf(server, { ...patient(waits, { random: () => 0 }), now }).meetingRequests.get('mr_1');
  expect(waits).toEqual([3_500]);
});

test('a Retry-After above the cap is handed up, not waited for', async () => {
  const server = await loopback(refusal(429, 'rate_limited', '', { 'retry-after': '60' }), meeting());
  const waits: number[] = [];
  const client = clientOf(server, { ...patient(waits), timeouts: { totalMs: 600_000 } });
  const error = await errorOf(client.meetingRequests.get('mr_1'));
  expect(error).toMatchObject({ code: 'rate_limited', retryable: true, retryAfterMs: 60_000 });
  expect(waits).toEqual([]);
  expect(server.seen).toHaveLength(1);
});

test('a wait that would outlast the call is not begun', async () => {
  const server = await loopback(refusal(503, 'down', '', { 'retry-after': '5' }), meeting());
  const client = clientOf(server, { ...patient([]), timeouts: { totalMs: 2_000 } });
  expect(await errorOf(client.meetingRequests.get('mr_1'))).toMatchObject({ status: 503, retryAfterMs: 5_000 });
  expect(server.seen).toHaveLength(1);
});

const endpoint = { id: 'we_1', url: 'https://a.example' };

test('making a webhook endpoint is repeated after 429 only, for it has no key', async () => {
  const body = { url: 'https://a.example', events: ['member.deactivated' as const] };
  const limited = await loopback(refusal(429, 'rate_limited'), json(201, { data: endpoint }));
  expect(await clientOf(limited, patient([])).webhookEndpoints.create(body)).toMatchObject(endpoint);
  const lost = await loopback(hangUp, json(201, { data: endpoint }));
  const error = await errorOf(clientOf(lost, patient([])).webhookEndpoints.create(body));
  expect(error).toMatchObject({ code: 'connection', ambiguous: true });
  expect(lost.seen).toHaveLength(1);
});

test('changing a webhook endpoint is repeated: the same values twice are the same', async () => {
  const server = await loopback(hangUp, json(200, { data: endpoint }));
  await clientOf(server, patient([])).webhookEndpoints.update('we_1', { enabled: true });
  expect(server.calls()).toEqual(['PATCH /webhook_endpoints/we_1', 'PATCH /webhook_endpoints/we_1']);
});

test('a delete whose answer was lost, and that finds nothing the second time, has succeeded', async () => {
  const server = await loopback(hangUp, refusal(404, 'not_found'));
  await expect(clientOf(server, patient([])).webhookEndpoints.delete('we_1')).resolves.toBeUndefined();
  expect(server.seen).toHaveLength(2);
});

test('a delete that finds nothing at once says so', async () => {
  const server = await loopback(refusal(404, 'not_found'));
  const error = await errorOf(clientOf(server, patient([])).webhookEndpoints.delete('we_1'));
  expect(error).toMatchObject({ code: 'not_found', ambiguous: false });
});
