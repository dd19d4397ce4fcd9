import { createServer } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { exchange } from '../../../skipup/exchange.ts';
import { KEY, kickoff } from './fixtures.ts';
import { type Behaviour, clientOf, errorOf, loopback, meeting, silence } from './loopback.ts';

/** The beginning of an answer, and then nothing more. */
const stall: Behaviour = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"data":{');
};

/** Takes connections and says nothing: no TLS handshake is ever finished. */
async function mute(): Promise<string> {
  const server = createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `https://127.0.0.1:${address.port}/api/v1`;
}

const LIMIT = 1_200;

/** When a plain timer of the same length goes off: what keeps this process from being in time keeps that one, too. */
const plainTimer = () => new Promise<number>((resolve) => setTimeout(() => resolve(performance.now()), LIMIT));

// Above a second undici's own timers are up to half a second late.
test.concurrent.each<[string, Behaviour | undefined, object]>([
  ['connect', undefined, { connectMs: LIMIT }],
  ['headers', silence, { headersMs: LIMIT }],
  ['body', stall, { bodyMs: LIMIT }],
  ['total', silence, { totalMs: LIMIT }],
])('the time-out for %s comes in time', async (phase, behaviour, timeouts) => {
  // What is loaded at a process's first call is loaded.
  await clientOf(await loopback(meeting())).meetingRequests.get('mr_1');
  // For headers and body the time counts from when the server has the call; for the others from the call itself.
  let inTime: Promise<number> | undefined;
  const watched: Behaviour = (response, ...more) => {
    inTime ??= plainTimer();
    return behaviour?.(response, ...more);
  };
  const server = behaviour ? await loopback(watched) : { baseUrl: await mute() };
  const client = clientOf(server, { timeouts });
  if (phase === 'connect' || phase === 'total') inTime = plainTimer();
  const startedAt = performance.now();
  const error = await errorOf(client.meetingRequests.create(kickoff, { idempotencyKey: KEY }));
  const endedAt = performance.now();
  // Nothing was sent on a connection that was never made.
  expect(error).toMatchObject({ code: 'timeout', phase, retryable: true, ambiguous: phase !== 'connect' });
  expect(endedAt - startedAt).toBeGreaterThan(LIMIT - 10);
  expect(endedAt - ((await inTime) ?? 0)).toBeLessThan(100);
});

test('a body that keeps coming is not stalled, however long it takes', async () => {
  const server = await loopback((response) => {
    response.writeHead(200);
    const pieces = [...'{"data":{"id":"mr_1","status":"active"}}'];
    const drip = setInterval(() => {
      const piece = pieces.shift();
      if (piece !== undefined) return void response.write(piece);
      clearInterval(drip);
      response.end();
    }, 10);
  });
  const client = clientOf(server, { timeouts: { headersMs: 200, bodyMs: 200 } });
  const startedAt = performance.now();
  expect(await client.meetingRequests.get('mr_1')).toMatchObject({ id: 'mr_1' });
  expect(performance.now() - startedAt).toBeGreaterThan(200);
});

test('a signal ends the wait for a connection at once, and nothing was sent', async () => {
  const client = clientOf({ baseUrl: await mute() }, { timeouts: { connectMs: 600 } });
  const startedAt = performance.now();
  const signal = AbortSignal.timeout(50);
  const error = await errorOf(client.meetingRequests.create(kickoff, { idempotencyKey: KEY, signal }));
  expect(error).toMatchObject({ code: 'aborted', ambiguous: false });
  expect(performance.now() - startedAt).toBeLessThan(400);
});

test('the total time-out ends the wait for a connection, and nothing was sent', async () => {
  const client = clientOf({ baseUrl: await mute() }, { timeouts: { connectMs: 600, totalMs: 50 } });
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
