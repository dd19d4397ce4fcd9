import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PagePace } from '../../../skipup/page-pace.ts';
import { type Behaviour, clientOf, errorOf, json, loopback, refusal } from './loopback.ts';

/** A clock that only waiting moves. */
function clock() {
  const waits: number[] = [];
  const self = {
    time: 0,
    waits,
    now: () => self.time,
    sleep: async (ms: number) => {
      waits.push(ms);
      self.time += ms;
    },
  };
  return self;
}

/** How many of the instants fall into the busiest minute. */
function busiestMinute(instants: readonly number[]): number {
  return Math.max(...instants.map((from) => instants.filter((at) => at >= from && at < from + 60_000).length));
}

/** A list that never ends, and when each page was asked for. */
function endless(time: { now: () => number }, asked: number[]): Behaviour {
  return (response, seen, request) => {
    asked.push(time.now());
    const next_cursor = `c${asked.length}`;
    json(200, { data: [{ id: 'mr_1', status: 'active' }], meta: { has_more: true, next_cursor } })(
      response,
      seen,
      request,
    );
  };
}

test('no minute has more pages than allowed, however many were asked for and whenever', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 120 }),
      fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 50, maxLength: 200 }),
      async (perMinute, gaps) => {
        const time = clock();
        const pace = new PagePace(perMinute, time);
        const asked: number[] = [];
        for (const gap of gaps) {
          time.time += gap < 15_000 ? 0 : gap;
          await pace.turn(undefined);
          asked.push(time.time);
        }
        expect(busiestMinute(asked)).toBeLessThanOrEqual(perMinute);
      },
    ),
    { numRuns: 100 },
  );
});

test('a long list takes its share and no more, the first page included', async () => {
  const time = clock();
  const asked: number[] = [];
  const server = await loopback(endless(time, asked));
  const client = clientOf(server, { pagesPerMinute: 60, now: time.now, retry: { sleep: time.sleep } });
  await client.meetingRequests.list().toArray({ limit: 300 });
  expect(asked).toHaveLength(300);
  expect(busiestMinute(asked)).toBeLessThanOrEqual(60);
  // A tenth at once, the rest evenly: 300 pages take a little over five minutes.
  expect(asked.filter((at) => at === 0)).toHaveLength(6);
  expect(time.time).toBeGreaterThan(5 * 60_000);
  expect(time.time).toBeLessThan(6 * 60_000);
});

test('all lists of a client share its pace, one-page lists too', async () => {
  const time = clock();
  const asked: number[] = [];
  const server = await loopback(endless(time, asked));
  const client = clientOf(server, { pagesPerMinute: 30, now: time.now, retry: { sleep: time.sleep } });
  for (let n = 0; n < 40; n += 1) {
    await client.meetingRequests.list().firstPage();
    await client.webhookEndpoints.list().firstPage();
  }
  expect(busiestMinute(asked)).toBeLessThanOrEqual(30);
  expect(asked.at(-1)).toBeGreaterThan(120_000);
});

test('a list can have a pace of its own, and other lists none', async () => {
  const time = clock();
  const asked: number[] = [];
  const server = await loopback(endless(time, asked));
  const client = clientOf(server, { now: time.now, retry: { sleep: time.sleep } });
  await client.meetingRequests.list({}, { pagesPerMinute: 12 }).toArray({ limit: 13 });
  // 60.5 s by 12, in whole milliseconds.
  expect(time.waits.every((ms) => ms === 5_041 || ms === 5_042)).toBe(true);
  expect(time.waits).toHaveLength(12);
  await client.meetingRequests.list().toArray({ limit: 100 });
  expect(time.waits).toHaveLength(12);
});

test('calls that are no lists do not wait', async () => {
  const time = clock();
  const server = await loopback(json(200, { data: { id: 'mr_1', status: 'active' } }));
  const client = clientOf(server, { pagesPerMinute: 1, now: time.now, retry: { sleep: time.sleep } });
  for (let n = 0; n < 5; n += 1) await client.meetingRequests.get('mr_1');
  expect(time.waits).toEqual([]);
});

test('a page that is asked for again counts again: the next one waits the longer', async () => {
  const time = clock();
  const server = await loopback(refusal(503, 'down'), json(200, { data: [] }));
  const client = clientOf(server, {
    pagesPerMinute: 1,
    now: time.now,
    retry: { maxAttempts: 2, baseMs: 0, sleep: time.sleep },
  });
  await client.meetingRequests.list().firstPage();
  await client.meetingRequests.list().firstPage();
  expect(time.waits).toEqual([0, 121_000]);
});

test('a signal ends the wait for a page, and the turn is another’s', async () => {
  const time = clock();
  const server = await loopback(json(200, { data: [] }));
  const controller = new AbortController();
  const reason = new Error('the worker stops');
  const waits: number[] = [];
  const client = clientOf(server, {
    pagesPerMinute: 1,
    now: time.now,
    retry: {
      sleep: (ms, signal) => {
        waits.push(ms);
        if (waits.length > 1) return Promise.resolve();
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('woken')));
          controller.abort(reason);
        });
      },
    },
  });
  await client.meetingRequests.list().firstPage();
  const error = await errorOf(client.meetingRequests.list({}, { signal: controller.signal }).firstPage());
  expect(error).toMatchObject({ code: 'aborted', ambiguous: false, cause: reason });
  expect(server.seen).toHaveLength(1);
  await client.meetingRequests.list().firstPage();
  expect(waits).toEqual([60_500, 60_500]);
});

test('the real clock’s wait ends with the signal, too', async () => {
  const server = await loopback(json(200, { data: [] }));
  const client = clientOf(server, { pagesPerMinute: 1, retry: { sleep: undefined } });
  await client.meetingRequests.list().firstPage();
  const call = client.meetingRequests.list({}, { signal: AbortSignal.timeout(20) }).firstPage();
  expect(await errorOf(call)).toMatchObject({ code: 'aborted' });
});

test('a sleep that fails by itself is not called an abort', async () => {
  const pace = new PagePace(1, { now: () => 0, sleep: () => Promise.reject(new Error('broken clock')) });
  await pace.turn(undefined);
  await expect(pace.turn(undefined)).rejects.toThrow('broken clock');
});

test('a clock that is set back does not stop a list', async () => {
  const time = clock();
  const pace = new PagePace(60, time);
  for (let n = 0; n < 6; n += 1) await pace.turn(undefined);
  time.time -= 3_600_000;
  await pace.turn(undefined);
  expect(time.waits).toEqual([Math.ceil(60_500 / 55)]);
});

test.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('a pace of %s is refused', async (pagesPerMinute) => {
  const server = await loopback(json(200, { data: [] }));
  expect(() => clientOf(server, { pagesPerMinute })).toThrow(expect.objectContaining({ code: 'configuration' }));
  const page = clientOf(server).meetingRequests.list({}, { pagesPerMinute }).firstPage();
  expect(await errorOf(page)).toMatchObject({ code: 'validation', status: undefined });
  expect(server.seen).toHaveLength(0);
});
