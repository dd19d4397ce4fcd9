import { expect, test, vi } from 'vitest';
import type { MeetingRequest, SkipUpClient } from '../../../skipup/index.ts';
import {
  type Behaviour,
  clientOf,
  errorOf,
  hangUp,
  json,
  loopback,
  meeting,
  refusal,
  silence,
  text,
} from './loopback.ts';

type Change = (client: SkipUpClient, signal?: AbortSignal) => Promise<MeetingRequest>;

/** Each change, and a request as it wants it. */
const changes: [string, Change, Record<string, unknown>][] = [
  ['cancel', (client, signal) => client.meetingRequests.cancel('mr_1', { signal }), { status: 'cancelled' }],
  ['pause', (client, signal) => client.meetingRequests.pause('mr_1', { signal }), { status: 'paused' }],
  ['resume', (client, signal) => client.meetingRequests.resume('mr_1', { signal }), { status: 'active' }],
  [
    'change_organizer',
    (client, signal) => client.meetingRequests.changeOrganizer('mr_1', 'Sam@yourcompany.example', { signal }),
    { status: 'active', organizer_email: 'sam@yourcompany.example' },
  ],
  [
    'context',
    (client, signal) =>
      client.meetingRequests.updateContext(
        'mr_1',
        { title: 'New', timeframe: { start: '2026-02-14T00:00:00Z', end: '2026-02-28T00:00:00Z' } },
        { signal },
      ),
    { title: 'New', timeframe: { start: '2026-02-14T00:00:00.000+00:00', end: '2026-02-28T01:00:00+01:00' } },
  ],
];
const unwanted = meeting({ status: 'booked', organizer_email: 'jordan@yourcompany.example', title: 'Old' });
const three = { retry: { maxAttempts: 3 } };

test.each(changes)('%s: a refusal is success when the request already is as wanted', async (action, change, wanted) => {
  const server = await loopback(refusal(422, 'invalid_request'), meeting(wanted));
  expect(await change(clientOf(server, three))).toMatchObject({ id: 'mr_1', ...wanted });
  expect(server.calls()).toEqual([`POST /meeting_requests/mr_1/${action}`, 'GET /meeting_requests/mr_1']);
});

test.each(changes)('%s: a refusal stands when the request is otherwise', async (_action, change) => {
  const server = await loopback(refusal(422, 'invalid_request'), unwanted);
  const error = await errorOf(change(clientOf(server, three)));
  expect(error).toMatchObject({ code: 'invalid_state', status: 422, retryable: false, ambiguous: false });
  expect(server.seen).toHaveLength(2);
});

test.each(changes)(
  '%s: after a lost answer the request is read, and not changed twice',
  async (action, change, wanted) => {
    const server = await loopback(hangUp, meeting(wanted));
    expect(await change(clientOf(server, three))).toMatchObject(wanted);
    expect(server.calls()).toEqual([`POST /meeting_requests/mr_1/${action}`, 'GET /meeting_requests/mr_1']);
  },
);

test.each(changes)('%s: after a lost call the request is read, and then changed', async (action, change, wanted) => {
  const server = await loopback(refusal(500, 'internal'), unwanted, meeting(wanted));
  expect(await change(clientOf(server, three))).toMatchObject(wanted);
  expect(server.calls()).toEqual([
    `POST /meeting_requests/mr_1/${action}`,
    'GET /meeting_requests/mr_1',
    `POST /meeting_requests/mr_1/${action}`,
  ]);
});

test.each([401, 403, 404])('status %i ends a change at once', async (status) => {
  const server = await loopback(refusal(status, 'x'));
  expect(await errorOf(clientOf(server, three).meetingRequests.cancel('mr_1'))).toMatchObject({ status });
  expect(server.seen).toHaveLength(1);
});

test('a change that keeps failing ends, in doubt, after its attempts', async () => {
  const server = await loopback(hangUp, meeting(), hangUp, meeting(), hangUp, meeting(), hangUp);
  const waits: number[] = [];
  const sleep = async (ms: number) => void waits.push(ms);
  const client = clientOf(server, { retry: { maxAttempts: 3, sleep } });
  const error = await errorOf(client.meetingRequests.cancel('mr_1'));
  expect(waits).toEqual([125, 250]);
  expect(error).toMatchObject({ code: 'connection', ambiguous: true, retryable: true });
  expect(server.calls().filter((call) => call.startsWith('POST'))).toHaveLength(3);
});

test('with one attempt an ambiguous failure is still looked after, and not repeated', async () => {
  const server = await loopback(hangUp, meeting());
  const error = await errorOf(clientOf(server).meetingRequests.cancel('mr_1'));
  expect(error).toMatchObject({ code: 'connection', ambiguous: true });
  expect(server.calls()).toEqual(['POST /meeting_requests/mr_1/cancel', 'GET /meeting_requests/mr_1']);
});

test('a change over the rate limit is repeated without a look: nothing was done', async () => {
  const server = await loopback(refusal(429, 'rate_limited'), meeting({ status: 'cancelled' }));
  await clientOf(server, three).meetingRequests.cancel('mr_1');
  expect(server.calls()).toEqual(['POST /meeting_requests/mr_1/cancel', 'POST /meeting_requests/mr_1/cancel']);
});

test('when the look fails too, the change’s own failure is told', async () => {
  const server = await loopback(refusal(502, 'bad_gateway'), refusal(401, 'unauthorized'));
  const error = await errorOf(clientOf(server, three).meetingRequests.cancel('mr_1'));
  expect(error).toMatchObject({ status: 502, ambiguous: true });
});

test('a booking that came in between is not called a cancellation', async () => {
  const server = await loopback(
    hangUp,
    meeting({ status: 'booked' }),
    refusal(422, 'invalid_request'),
    meeting({ status: 'booked' }),
  );
  const error = await errorOf(clientOf(server, three).meetingRequests.cancel('mr_1'));
  expect(error).toMatchObject({ code: 'invalid_state' });
  expect(server.seen).toHaveLength(4);
});

test.each<[string, Behaviour]>([
  ['nothing', text(200, '')],
  ['no content', text(204, '')],
  ['something without a meeting request', json(200, { ok: true })],
])('a change answered with %s is done: the request is read and returned', async (_name, behaviour) => {
  const server = await loopback(behaviour, meeting({ title: 'As it is' }));
  const request = await clientOf(server, three).meetingRequests.updateContext('mr_1', { title: 'New' });
  expect(request).toMatchObject({ id: 'mr_1', title: 'As it is' });
  expect(server.seen).toHaveLength(2);
});

test('a change answered by a gateway’s page is in doubt: it is looked after and repeated', async () => {
  const server = await loopback(text(200, '<html></html>'), meeting(), meeting({ status: 'paused' }));
  const request = await clientOf(server, three).meetingRequests.pause('mr_1');
  expect(request.status).toBe('paused');
  expect(server.seen).toHaveLength(3);
});

test('a signal during the look leaves the change in doubt', async () => {
  const server = await loopback(hangUp, silence);
  const controller = new AbortController();
  const call = errorOf(clientOf(server, three).meetingRequests.cancel('mr_1', { signal: controller.signal }));
  await vi.waitFor(() => expect(server.seen).toHaveLength(2));
  controller.abort();
  expect(await call).toMatchObject({ code: 'aborted', ambiguous: true });
});

test('the total time-out holds for the change and its looks together', async () => {
  const server = await loopback(hangUp, silence);
  const client = clientOf(server, { ...three, timeouts: { totalMs: 1_000 } });
  expect(await errorOf(client.meetingRequests.cancel('mr_1'))).toMatchObject({ code: 'connection', ambiguous: true });
});

test('an empty or wrong change is refused before anything is sent', async () => {
  const server = await loopback(meeting());
  const { meetingRequests } = clientOf(server);
  for (const call of [
    meetingRequests.updateContext('mr_1', {}),
    meetingRequests.updateContext('mr_1', { title: 'x'.repeat(256) }),
    meetingRequests.changeOrganizer('mr_1', 'nobody'),
  ]) {
    expect(await errorOf(call)).toMatchObject({ code: 'validation', status: undefined });
  }
  expect(server.seen).toHaveLength(0);
});
