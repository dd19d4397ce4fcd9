import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import { expect, onTestFinished, test, vi } from 'vitest';
import { exchange } from '../../../skipup/exchange.ts';
import { KEY, kickoff } from './fixtures.ts';
import { type Behaviour, clientOf, errorOf, loopback, silence } from './loopback.ts';

/** The beginning of an answer, and then nothing more. */
const stall: Behaviour = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"data":{');
};

/** Takes connections and says nothing: no TLS handshake is ever finished. */
async function mute() {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const baseUrl = `https://127.0.0.1:${address.port}/api/v1`;
  return { baseUrl, sockets };
}

/** A client of such a server; a client waits with its own end until the connections that it is making have come to something. */
async function muted(options: Parameters<typeof clientOf>[1]) {
  const { baseUrl, sockets } = await mute();
  const client = clientOf({ baseUrl }, options);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  return { client, sockets };
}

/** Timers go off when the test says so, and what comes over sockets comes as ever. */
function timersByHand(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
}

/** Lets sockets do their work until it has come to this. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** @returns how many pieces of answers' bodies have been read from now on */
function piecesRead(): () => number {
  let pieces = 0;
  const count = () => {
    pieces += 1;
  };
  subscribe('undici:request:bodyChunkReceived', count);
  onTestFinished(() => void unsubscribe('undici:request:bodyChunkReceived', count));
  return () => pieces;
}

// Long enough for undici's own timers, which are up to half a second late.
const LIMIT = 1_200;

test.each<[string, Behaviour | undefined, object]>([
  ['connect', undefined, { connectMs: LIMIT }],
  ['headers', silence, { headersMs: LIMIT }],
  ['body', stall, { bodyMs: LIMIT }],
  ['total', silence, { totalMs: LIMIT }],
])('the time-out for %s comes in time', async (phase, behaviour, timeouts) => {
  timersByHand();
  const timer = vi.spyOn(globalThis, 'setTimeout');
  const isTimed = () => timer.mock.calls.some(([, ms]) => ms === LIMIT);
  const server = behaviour && (await loopback(behaviour));
  const client = server ? clientOf(server, { timeouts }) : (await muted({ timeouts })).client;
  const pieces = piecesRead();
  const hasArrived = () => server === undefined || (phase === 'body' ? pieces() : server.seen.length) > 0;
  let ended: unknown;
  const call = errorOf(client.meetingRequests.create(kickoff, { idempotencyKey: KEY })).then((error) => {
    ended = error;
  });
  await until(() => hasArrived() && isTimed());
  await vi.advanceTimersByTimeAsync(LIMIT - 1);
  expect(ended).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  await call;
  // Nothing was sent on a connection that was never made.
  expect(ended).toMatchObject({ code: 'timeout', phase, retryable: true, ambiguous: phase !== 'connect' });
});

test('a body that keeps coming is not stalled, however long it takes', async () => {
  timersByHand();
  const pieces = piecesRead();
  let answer: ServerResponse | undefined;
  const server = await loopback((response) => {
    answer = response;
    response.writeHead(200);
  });
  const client = clientOf(server, { timeouts: { headersMs: 200, bodyMs: 200 } });
  const call = client.meetingRequests.get('mr_1');
  await until(() => answer !== undefined);
  for (const [index, piece] of [...'{"data":{"id":"mr_1","status":"active"}}'].entries()) {
    answer?.write(piece);
    await until(() => pieces() > index);
    await vi.advanceTimersByTimeAsync(150);
  }
  answer?.end();
  expect(await call).toMatchObject({ id: 'mr_1' });
});

test('a signal ends the wait for a connection at once, and nothing was sent', async () => {
  const { client, sockets } = await muted({ timeouts: { connectMs: 3_600_000 } });
  const controller = new AbortController();
  const call = errorOf(client.meetingRequests.create(kickoff, { idempotencyKey: KEY, signal: controller.signal }));
  await until(() => sockets.length > 0);
  controller.abort();
  expect(await call).toMatchObject({ code: 'aborted', ambiguous: false });
});

test('the total time-out ends the wait for a connection, and nothing was sent', async () => {
  const { client } = await muted({ timeouts: { connectMs: 3_600_000, totalMs: 50 } });
  const error = await errorOf(client.meetingRequests.create(kickoff, { idempotencyKey: KEY }));
  expect(error).toMatchObject({ code: 'timeout', phase: 'total', ambiguous: false });
});

test('early hints are not the answer', async () => {
  const server = await loopback((response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    response.writeHead(200);
    response.end('{"data":{"id":"mr_1","status":"active"}}');
  });
  expect(await clientOf(server).meetingRequests.get('mr_1').asResponse()).toMatchObject({ status: 200 });
});

/** One exchange over a dispatcher, with everything else as it may be. */
function over(dispatcher: Dispatcher, signal: AbortSignal) {
  return exchange({
    dispatcher,
    url: new URL('http://127.0.0.1:9/'),
    method: 'GET',
    headers: {},
    body: null,
    signal,
    timeouts: { connectMs: 50, headersMs: 50, bodyMs: 50 },
    limitOf: () => 10,
    onSent: () => undefined,
    onHead: () => undefined,
  });
}

test('a dispatcher that throws, and one that answers when it is too late, end in a rejection alone', async () => {
  class Throwing extends Agent {
    override dispatch(): boolean {
      throw new Error('no dispatch');
    }
  }
  await expect(over(new Throwing(), new AbortController().signal)).rejects.toThrow('no dispatch');
  let late: Dispatcher.DispatchHandler | undefined;
  class Late extends Agent {
    override dispatch(_options: Agent.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
      late = handler;
      return true;
    }
  }
  await expect(over(new Late(), new AbortController().signal)).rejects.toThrow('Connect Timeout');
  const aborted: Error[] = [];
  const controller: Dispatcher.DispatchController = {
    aborted: false,
    paused: false,
    reason: null,
    abort: (reason) => void aborted.push(reason),
    pause: () => undefined,
    resume: () => undefined,
  };
  late?.onRequestStart?.(controller, {});
  late?.onResponseStart?.(controller, 200, {});
  late?.onResponseData?.(controller, Buffer.alloc(100));
  late?.onResponseEnd?.(controller, {});
  late?.onResponseError?.(controller, new Error('closed'));
  expect(aborted).toHaveLength(1);
});

test('a signal that is aborted already dispatches nothing', async () => {
  const reason = new Error('never');
  await expect(over(new Agent(), AbortSignal.abort(reason))).rejects.toBe(reason);
});
