import { expect, test } from 'vitest';
import type { PagedList } from '../../../skipup/index.ts';
import { type Behaviour, clientOf, errorOf, json, loopback } from './loopback.ts';

/** A workspace with so many requests, in pages. */
function pages(total: number): Behaviour {
  return (response, seen, request) => {
    const limit = Number(seen.query.get('limit') ?? 25);
    const from = Number(seen.query.get('cursor')?.replace('c', '') ?? 0);
    const data = Array.from({ length: Math.min(limit, total - from) }, (_, index) => ({
      id: `mr_${from + index}`,
      status: 'active',
    }));
    const next = from + limit;
    const meta = next < total ? { limit, has_more: true, next_cursor: `c${next}` } : { limit, has_more: false };
    json(200, { data, meta })(response, seen, request);
  };
}

async function all<T>(list: PagedList<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of list) items.push(item);
  return items;
}

test('a list is read to its end, page by page', async () => {
  const server = await loopback(pages(60));
  const list = clientOf(server).meetingRequests.list({ status: 'active' });
  expect(server.seen).toHaveLength(0);
  const items = await all(list);
  expect(items.map(({ id }) => id)).toEqual(Array.from({ length: 60 }, (_, index) => `mr_${index}`));
  expect(server.seen.map(({ query }) => query.get('cursor'))).toEqual([null, 'c25', 'c50']);
  expect(server.seen.every(({ query }) => query.get('status') === 'active')).toBe(true);
});

test('a list can be read twice, and each time from the beginning', async () => {
  const server = await loopback(pages(3));
  const list = clientOf(server).meetingRequests.list();
  expect(await all(list)).toEqual(await all(list));
  expect(server.seen).toHaveLength(2);
});

test('toArray stops at its limit and fetches no page too many', async () => {
  const server = await loopback(pages(1000));
  const list = clientOf(server).meetingRequests.list({ limit: 10 });
  expect(await list.toArray({ limit: 20 })).toHaveLength(20);
  expect(server.seen).toHaveLength(2);
  expect(await list.toArray({ limit: 0 })).toEqual([]);
  expect(server.seen).toHaveLength(2);
});

test('toArray without a limit is refused', async () => {
  const server = await loopback(pages(1));
  const list = clientOf(server).meetingRequests.list();
  // @ts-expect-error a limit is needed
  expect(await errorOf(list.toArray())).toMatchObject({ code: 'validation' });
  for (const limit of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(await errorOf(list.toArray({ limit }))).toMatchObject({ code: 'validation' });
  }
});

test('a page tells where the next one starts, and a list can go on from there', async () => {
  const server = await loopback(pages(30));
  const { meetingRequests } = clientOf(server);
  const first = await meetingRequests.list({ limit: 20 }).firstPage();
  expect(first.items).toHaveLength(20);
  expect(first.nextCursor).toBe('c20');
  expect(first.meta).toEqual({ limit: 20, has_more: true, next_cursor: 'c20' });
  const rest = await all(meetingRequests.list({ limit: 20, cursor: 'c20' }));
  expect(rest).toHaveLength(10);
});

test.each<[string, Behaviour[]]>([
  ['to itself', [json(200, { data: [], meta: { has_more: true, next_cursor: 'a' } })]],
  [
    'round several pages',
    [
      json(200, { data: [], meta: { has_more: true, next_cursor: 'a' } }),
      json(200, { data: [], meta: { has_more: true, next_cursor: 'b' } }),
      json(200, { data: [], meta: { has_more: true, next_cursor: 'a' } }),
    ],
  ],
])('a cursor that leads %s ends the list with an error', async (_name, behaviours) => {
  const server = await loopback(...behaviours);
  const error = await errorOf(all(clientOf(server).meetingRequests.list()));
  expect(error).toMatchObject({ code: 'decoding' });
  expect(server.seen.length).toBeLessThanOrEqual(3);
});

test('a cursor that leads back to the caller’s own ends the list too', async () => {
  const server = await loopback(json(200, { data: [], meta: { has_more: true, next_cursor: 'mine' } }));
  expect(await errorOf(all(clientOf(server).meetingRequests.list({ cursor: 'mine' })))).toMatchObject({
    code: 'decoding',
  });
  expect(server.seen).toHaveLength(1);
});

test('more without a cursor is an error, for reading on would leave items out', async () => {
  const server = await loopback(json(200, { data: [{ id: 'mr_1', status: 'active' }], meta: { has_more: true } }));
  expect(await errorOf(all(clientOf(server).meetingRequests.list()))).toMatchObject({ code: 'decoding' });
});

test.each([
  ['no meta', { data: [] }],
  ['an empty meta', { data: [], meta: {} }],
  ['a null cursor', { data: [], meta: { has_more: null, next_cursor: null } }],
  ['a cursor left over', { data: [], meta: { has_more: false, next_cursor: 'x' } }],
])('a page with %s is the last', async (_name, body) => {
  const server = await loopback(json(200, body));
  expect(await all(clientOf(server).meetingRequests.list())).toEqual([]);
  expect(server.seen).toHaveLength(1);
});

test('a wrong query is refused before anything is sent', async () => {
  const server = await loopback(pages(1));
  const { meetingRequests, workspaceMembers } = clientOf(server);
  for (const list of [
    meetingRequests.list({ limit: 101 }),
    meetingRequests.list({ limit: 0 }),
    meetingRequests.list({ created_after: 'yesterday' }),
    meetingRequests.list({ participant_email: 'nobody' }),
    workspaceMembers.list({ email: 'nobody' }),
  ]) {
    expect(await errorOf(list.firstPage())).toMatchObject({ code: 'validation', status: undefined });
  }
  expect(server.seen).toHaveLength(0);
});
