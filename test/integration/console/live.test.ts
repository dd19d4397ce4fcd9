import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Database, failStep, insertInbox, markDead, recordPhase } from '../../../database/index.ts';
import { eachDatabase, openEmptied } from '../../harness/databases.ts';
import { openConsole, seedBooked, seedKickoff, seedStep, type TestConsole } from './console.ts';

const QUICK = { pace: { busyMs: 20, quietMs: 40, brokenMs: 40 } };

interface Listening {
  status: number;
  headers: Headers;
  /** Everything that has come, comments too. */
  text(): string;
  /** Waits for an event; with `data`, for that of this thing. */
  hears(event: string, data?: string): Promise<void>;
  /** Settles when the server has ended it. */
  ended: Promise<void>;
  leave(): void;
}

async function listen({ url, cookie }: TestConsole, topics: string): Promise<Listening> {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const answer = await fetch(`${url}/live?topics=${encodeURIComponent(topics)}`, {
    headers: { cookie },
    signal: leaving.signal,
  });
  let text = '';
  const read = async () => {
    for await (const part of answer.body ?? []) text += Buffer.from(part).toString('utf8');
  };
  const ended = read().catch((error: Error) => {
    if (error.name !== 'AbortError') throw error;
  });
  return {
    status: answer.status,
    headers: answer.headers,
    text: () => text,
    hears: async (event, data) => {
      await vi.waitFor(() => expect(text).toContain(`event: ${event}\ndata: ${data ?? ''}`), { interval: 10 });
    },
    ended,
    leave: () => leaving.abort(),
  };
}

eachDatabase('what pages that are open hear', (open) => {
  it('says what has changed, to those alone who follow it, whoever has changed it', async () => {
    const database = await open();
    const { db } = database;
    const [ours, other] = [await seedKickoff(database, '1'), await seedKickoff(database, '2')];
    const { ids } = await insertInbox(db, [
      { source: 'deal', dedupeKey: 'a', eventType: 'deal.won', subject: '9', payload: {} },
    ]);
    const console = await openConsole(database, { live: QUICK });
    const one = await listen(console, `kickoff:${ours}`);
    const lists = await listen(console, 'kickoffs inbox');
    const log = await listen(console, 'audit registry');
    await Promise.all([one, lists, log].map((each) => each.hears('ready')));

    await recordPhase(db, { workflowId: other, revision: 1, phase: 'scheduling', needs: [] });
    await lists.hears('changed', 'kickoffs');
    expect(lists.text()).not.toContain('data: inbox');
    expect(one.text()).not.toContain('event: changed');

    await seedStep(database, ours, 'project', 'no permission');
    await one.hears('changed', `kickoff:${ours}`);

    await markDead(db, ids[0] ?? 0, 'nobody knows it');
    await lists.hears('changed', 'inbox');
    expect(log.text()).not.toContain('event: changed');
  });

  it('a step that is tried again, and one that fails again, are changes of its kickoff', async () => {
    const database = await open();
    const workflowId = await seedBooked(database, '77');
    const console = await openConsole(database, { live: QUICK });
    for (const change of [
      () => seedStep(database, workflowId, 'project', { detail: 'made' }),
      () => failStep(database.db, { workflowId, revision: 1, list: 'on_booked', stepId: 'more', occurrence: '' }, 'x'),
    ]) {
      await seedStep(database, workflowId, 'more', 'no');
      const one = await listen(console, `kickoff:${workflowId}`);
      await one.hears('ready');
      await change();
      await one.hears('changed', `kickoff:${workflowId}`);
      one.leave();
    }
  });
});

describe('the stream', () => {
  let database: Database;
  async function opened(live = {}) {
    database = await openEmptied();
    return await openConsole(database, { live: { ...QUICK, ...live } });
  }

  it('is a stream of events that nothing between keeps, gathers or compresses', async () => {
    const { status, headers, text, hears } = await listen(await opened(), 'overview');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store, no-transform');
    expect(headers.get('x-accel-buffering')).toBe('no');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    await hears('ready');
    expect(text()).toMatch(/^retry: 3000\n\n/);
  });

  it('refuses what cannot be followed, and whoever is not signed in', async () => {
    const console = await opened();
    const many = Array.from({ length: 9 }, (_, index) => `kickoff:${index}`).join(' ');
    for (const topics of [
      '',
      'everything',
      'kickoff:',
      'kickoff:a\nb',
      'lead:\0',
      many,
      `kickoff:${'x'.repeat(1200)}`,
    ]) {
      expect((await listen(console, topics)).status, topics).toBe(400);
    }
    expect((await console('/live')).status).toBe(400);
    expect((await console('/live?topics=audit&topics=inbox')).status).toBe(400);
    const nobody = await console('/live?topics=audit', { headers: { cookie: 'kickoff_session=none' } });
    expect([nobody.status, nobody.headers.get('content-type')]).toEqual([401, 'text/plain; charset=utf-8']);
  });

  it('follows a workflow whose id has spaces in it', async () => {
    const console = await opened();
    const workflowId = await seedKickoff(database, 'a  b inbox-c');
    const one = await listen(console, `inbox kickoff:${workflowId}`);
    await one.hears('ready');
    await recordPhase(database.db, { workflowId, revision: 1, phase: 'scheduling', needs: [] });
    await one.hears('changed', `kickoff:${workflowId}\n`);
  });

  it('has a comment now and then, so that a dead connection is noticed', async () => {
    const one = await listen(await opened({ beatMs: 20 }), 'audit');
    await vi.waitFor(() => expect(one.text().match(/^: /gm)?.length).toBeGreaterThan(1));
  });

  it('ends when its session does, and says why', async () => {
    const console = await opened({ recheckMs: 20 });
    const one = await listen(console, 'audit');
    await one.hears('ready');
    expect((await console.post('/sign-out')).status).toBe(303);
    await one.ended;
    expect(one.text()).toMatch(/event: ended\ndata: session\n\n$/);
  });

  it('does not keep the server from closing', async () => {
    const console = await opened();
    const both = [await listen(console, 'audit'), await listen(console, 'inbox')];
    await Promise.all(both.map((each) => each.hears('ready')));
    await console.close();
    await Promise.all(both.map((each) => each.ended));
    await expect(fetch(console.url)).rejects.toThrow();
  });

  it('gives a session so many and no more, and takes one back when it is left', async () => {
    const console = await opened({ bySession: 2 });
    const [first] = [await listen(console, 'audit'), await listen(console, 'audit')];
    const refused = await listen(console, 'audit');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '30']);
    first?.leave();
    await vi.waitFor(async () => {
      const again = await listen(console, 'audit');
      again.leave();
      expect(again.status).toBe(200);
    });
  });

  it('outlives a database that does not answer: what changed meanwhile is said afterwards', async () => {
    const console = await opened();
    const workflowId = await seedKickoff(database, '5');
    const one = await listen(console, 'kickoffs');
    await one.hears('ready');
    const broken = vi.spyOn(database.db, 'getExecutor').mockImplementation(() => {
      throw new Error('the connection is gone');
    });
    await vi.waitFor(() => expect(broken.mock.calls.length).toBeGreaterThan(2));
    broken.mockRestore();
    expect(one.text()).not.toContain('event: changed');
    await recordPhase(database.db, { workflowId, revision: 1, phase: 'scheduling', needs: [] });
    await one.hears('changed', 'kickoffs');
  });

  it('does not keep the server from closing by a connection that nothing has been asked on', async () => {
    const console = await opened();
    const { hostname, port } = new URL(console.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    // The server has it once it has answered somebody who came later.
    await console('/console/console.js');
    await Promise.all([console.close(), once(socket, 'close')]);
    expect(socket.destroyed).toBe(true);
  });

  it('the script is the same for everybody, small, and asked for again only when it has changed', async () => {
    const get = await openConsole(await openEmptied(), { as: 'nobody' });
    const first = await get('/console/console.js');
    expect(first.status).toBe(200);
    expect(first.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(first.text).toContain('EventSource');
    expect(Buffer.byteLength(first.text)).toBeLessThan(9_000);
    const etag = first.headers.get('etag') ?? '';
    const again = await get('/console/console.js', { headers: { 'if-none-match': etag } });
    expect([again.status, again.text]).toEqual([304, '']);
  });
});
