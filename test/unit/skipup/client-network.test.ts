import { createServer } from 'node:net';
import { expect, test, vi } from 'vitest';
import { SkipUpAbortError, SkipUpConnectionError, SkipUpTimeoutError } from '../../../skipup/index.ts';
import { KEY, kickoff } from './fixtures.ts';
import { type Behaviour, clientOf, errorOf, hangUp, loopback, meeting, refusal, silence } from './loopback.ts';

/** A port where nobody listens any more. */
async function nobody(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}/api/v1`;
}

/** The beginning of an answer, and then nothing more. */
const stall: Behaviour = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"data":{');
};

/** An answer that is shorter than it said. */
const cutShort: Behaviour = (response, _seen, request) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('{"data":{"id":"mr_1"', () => request.socket.destroy());
};

test('where nobody listens nothing was sent: not ambiguous, also for a create', async () => {
  const client = clientOf({ baseUrl: await nobody() });
  const error = await errorOf(client.meetingRequests.create(kickoff, { idempotencyKey: KEY }));
  expect(error).toBeInstanceOf(SkipUpConnectionError);
  expect(error).toMatchObject({ code: 'connection', retryable: true, ambiguous: false, status: undefined });
  expect(error.message).toContain('ECONNREFUSED');
  expect(error.cause).toBeInstanceOf(Error);
});

test('a name that does not resolve is a connection error before sending', async () => {
  const client = clientOf({ baseUrl: 'http://no-such-host.invalid/api/v1' });
  const error = await errorOf(client.meetingRequests.create(kickoff, { idempotencyKey: KEY }));
  expect(error).toMatchObject({ code: 'connection', ambiguous: false });
});

test.each<[string, Behaviour]>([
  ['without a word', hangUp],
  ['in the middle of its answer', cutShort],
  ['after something that is no HTTP', (_response, _seen, request) => request.socket.end('hello\r\n\r\n')],
])('a server that hangs up %s may have acted on a create, and has not on a read', async (_name, behaviour) => {
  const server = await loopback(behaviour);
  const client = clientOf(server);
  const create = await errorOf(client.meetingRequests.create(kickoff, { idempotencyKey: KEY }));
  expect(create).toBeInstanceOf(SkipUpConnectionError);
  expect(create).toMatchObject({ retryable: true, ambiguous: true });
  expect(create.message).toContain('read before repeating');
  expect(await errorOf(client.meetingRequests.get('mr_1'))).toMatchObject({ code: 'connection', ambiguous: false });
});

test.each<[string, Behaviour, object]>([
  ['headers', silence, { headersMs: 60 }],
  ['body', stall, { bodyMs: 60 }],
  // Long enough for the call to be there when it ends.
  ['total', silence, { totalMs: 700 }],
  ['total', stall, { totalMs: 700 }],
])('a server that keeps the client waiting runs into the time-out for %s', async (phase, behaviour, timeouts) => {
  const server = await loopback(behaviour);
  const client = clientOf(server, { timeouts });
  const create = await errorOf(client.meetingRequests.create(kickoff, { idempotencyKey: KEY }));
  expect(create).toBeInstanceOf(SkipUpTimeoutError);
  expect(create).toMatchObject({ code: 'timeout', phase, retryable: true, ambiguous: true });
  expect(await errorOf(client.meetingRequests.get('mr_1'))).toMatchObject({ code: 'timeout', phase, ambiguous: false });
});

test('an answer that drips for ever ends with the total time-out', async () => {
  const server = await loopback((response) => {
    response.writeHead(200);
    const drip = setInterval(() => response.write(' '), 5);
    response.on('close', () => clearInterval(drip));
  });
  const client = clientOf(server, { timeouts: { bodyMs: 5_000, totalMs: 80 } });
  expect(await errorOf(client.meetingRequests.get('mr_1'))).toMatchObject({ phase: 'total' });
});

test('a connection that is not made in time is a time-out before sending', async () => {
  // TEST-NET-1: nothing is routed there; where the machine says so at once it is a connection error.
  const client = clientOf({ baseUrl: 'http://192.0.2.1:9/api/v1' }, { timeouts: { connectMs: 80 } });
  const error = await errorOf(client.meetingRequests.create(kickoff, { idempotencyKey: KEY }));
  expect(error).toMatchObject({ retryable: true, ambiguous: false });
  expect(['timeout', 'connection']).toContain('code' in error ? error.code : undefined);
});

test('an error whose body never ends is still told by its status', async () => {
  const server = await loopback((response) => {
    response.writeHead(401);
    response.write('{"error":');
  });
  const error = await errorOf(clientOf(server, { timeouts: { bodyMs: 60 } }).meetingRequests.get('mr_1'));
  expect(error).toMatchObject({ code: 'authentication', status: 401 });
});

test('a signal ends a call under way, with the caller’s reason', async () => {
  const server = await loopback(silence);
  const client = clientOf(server, { retry: { maxAttempts: 3 } });
  const controller = new AbortController();
  const call = errorOf(client.meetingRequests.create(kickoff, { idempotencyKey: KEY, signal: controller.signal }));
  await vi.waitFor(() => expect(server.seen).toHaveLength(1));
  const reason = new Error('the activity is cancelled');
  controller.abort(reason);
  const error = await call;
  expect(error).toBeInstanceOf(SkipUpAbortError);
  expect(error).toMatchObject({ code: 'aborted', retryable: false, ambiguous: true, cause: reason });
  expect(server.seen).toHaveLength(1);
});

test('a signal ends the reading of an error’s body too', async () => {
  const server = await loopback((response) => {
    response.writeHead(500);
    response.write('{');
  });
  const controller = new AbortController();
  const client = clientOf(server, { onRequest: () => setTimeout(() => controller.abort(), 60) });
  const error = await errorOf(client.meetingRequests.get('mr_1', { signal: controller.signal }));
  expect(error).toMatchObject({ code: 'aborted' });
});

test('a signal that is aborted already sends nothing', async () => {
  const server = await loopback(meeting());
  const signal = AbortSignal.abort();
  const { meetingRequests, workspaceMembers, webhookEndpoints } = clientOf(server);
  const calls: Promise<unknown>[] = [
    meetingRequests.create(kickoff, { idempotencyKey: KEY, signal }),
    meetingRequests.get('mr_1', { signal }),
    meetingRequests.list({}, { signal }).firstPage(),
    meetingRequests.cancel('mr_1', { signal }),
    meetingRequests.pause('mr_1', { signal }),
    meetingRequests.resume('mr_1', { signal }),
    meetingRequests.changeOrganizer('mr_1', 'a@b.example', { signal }),
    meetingRequests.updateContext('mr_1', { title: 'x' }, { signal }),
    workspaceMembers.list({}, { signal }).firstPage(),
    webhookEndpoints.create({ url: 'https://a.example', events: ['member.deactivated'] }, { signal }),
    webhookEndpoints.get('we_1', { signal }),
    webhookEndpoints.list({}, { signal }).firstPage(),
    webhookEndpoints.update('we_1', { enabled: true }, { signal }),
    webhookEndpoints.delete('we_1', { signal }),
    webhookEndpoints.test('we_1', { signal }),
    webhookEndpoints.deliveries('we_1', {}, { signal }).firstPage(),
  ];
  for (const call of calls) expect(await errorOf(call)).toMatchObject({ code: 'aborted', ambiguous: false });
  expect(server.seen).toHaveLength(0);
});

test('a signal ends the wait between attempts, and what an earlier attempt did stays in doubt', async () => {
  const server = await loopback(refusal(503, 'down'));
  const controller = new AbortController();
  const client = clientOf(server, {
    retry: {
      maxAttempts: 3,
      sleep: (_ms, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('woken')));
          controller.abort();
        }),
    },
  });
  const error = await errorOf(
    client.meetingRequests.create(kickoff, { idempotencyKey: KEY, signal: controller.signal }),
  );
  expect(error).toMatchObject({ code: 'aborted', ambiguous: true });
  expect(server.seen).toHaveLength(1);
});

test('the caller’s signal is let go of when the call is over', async () => {
  const server = await loopback(meeting());
  const { signal } = new AbortController();
  const added = vi.spyOn(signal, 'addEventListener');
  const removed = vi.spyOn(signal, 'removeEventListener');
  await clientOf(server).meetingRequests.get('mr_1', { signal });
  expect(added).toHaveBeenCalled();
  expect(removed).toHaveBeenCalledTimes(added.mock.calls.length);
});
