import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import {
  claimInbox,
  type Database,
  type InboxEntry,
  insertInbox,
  listAudit,
  listInbox,
  markDead,
} from '../../../database/index.ts';
import { eachDatabase, openEmptied } from '../../harness/databases.ts';
import { openConsole, seedBooked, type TestConsole } from './console.ts';

const EVENT = { source: 'hubspot', eventType: 'deal.propertyChange', subject: '1', payload: {} } as const;

/** The numbers of the rows that a page shows. */
const rowsIn = (text: string) =>
  [...text.matchAll(/<th scope="row"><a href="\/inbox\/(\d+)">/g)].map(([, id]) => Number(id));

/** Events that could not be delivered. @returns their numbers */
async function seedDead({ db }: Database, entries: readonly Partial<InboxEntry>[]): Promise<number[]> {
  const rows = entries.map((entry, nth) => ({ ...EVENT, dedupeKey: `dead-${nth}`, ...entry }));
  const { ids } = await insertInbox(db, rows);
  await claimInbox(db, { limit: 100, leaseMs: 1 });
  for (const id of ids) await markDead(db, id, 'the CRM did not know the deal');
  return ids;
}

const send = async (console: TestConsole, action: string, fields: Record<string, string>) =>
  await console.post(`/actions/${action}`, { attempt: randomUUID(), reason: 'the CRM is back', ...fields });

/** What came of an action: the page that its answer is on. */
async function answerOf(console: TestConsole, answered: { headers: Headers }): Promise<string> {
  const page = await console(answered.headers.get('location') ?? '');
  return /<p class="answer[^>]*>(.*?)<\/p>/s.exec(page.text)?.[1] ?? '';
}

/** Only what is found differs between databases. */
eachDatabase('the inbox', (open) => {
  it('filters by status, source, day and text, and pages through what is left, newest first', async () => {
    const database = await open();
    const workflowId = await seedBooked(database);
    const { ids } = await insertInbox(
      database.db,
      Array.from({ length: 60 }, (_, nth) => ({ ...EVENT, dedupeKey: `k${nth}` })),
    );
    await sql`update inbox set received_at = '2026-02-10T23:30:00Z' where id <= ${ids[9]}`.execute(database.db);
    const get = await openConsole(database);
    const seen = async (address: string) => rowsIn((await get(address)).text);
    const first = await get('/inbox?source=hubspot&q=1');
    const next = /<a href="([^"]+)" rel="next">/.exec(first.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(next).toMatch(/^\/inbox\?source=hubspot&q=1&before=\d+$/);
    expect([...rowsIn(first.text), ...(await seen(next))]).toEqual([...ids].reverse());
    const known = await listInbox(database.db, { limit: 100 });
    const of = (which: (row: (typeof known)[number]) => boolean) => known.filter(which).map(({ id }) => id);
    expect(await seen('/inbox?status=ignored')).toEqual(of(({ status }) => status === 'ignored'));
    expect(await seen('/inbox?q=5012')).toEqual(
      of(({ subject, workflow_id: id }) => subject === '5012' || id === workflowId),
    );
    expect(await seen('/inbox?q=mr_5012')).toEqual(of(({ subject }) => subject === 'mr_5012'));
    expect(await seen('/inbox?q=BOOKED')).toEqual(of(({ event_type: type }) => type === 'meeting_request.booked'));
    expect(await seen('/inbox?q=booked&source=skipup')).toEqual(await seen('/inbox?q=booked'));
    for (const none of ['source=hubspot', 'status=dead', 'until=2000-01-01'])
      expect(await seen(`/inbox?q=booked&${none}`), none).toEqual([]);
    expect(await seen(`/inbox?q=${encodeURIComponent(workflowId)}`)).toEqual(
      of((row) => row.workflow_id === workflowId),
    );
    const early = of(({ id }) => id <= (ids[9] ?? 0));
    expect(await seen('/inbox?until=2026-02-10')).toEqual(early);
    expect(await seen('/inbox?since=2026-02-10&until=2026-02-10')).toEqual(early);
    expect(await seen('/inbox?since=2026-02-11&until=2026-02-11')).toEqual([]);
    expect(await seen('/inbox?since=2026-02-11')).toHaveLength(50);
    expect((await get('/inbox?status=unmatched')).text).toContain('No event is unmatched.');
    expect((await get('/inbox?q=nothing')).text).toContain('No event is like that.');
    for (const wrong of ['status=lost', 'source=fax', 'since=yesterday', 'before=0', 'q=%00', 'q=a&q=b']) {
      expect((await get(`/inbox?${wrong}`)).status, wrong).toBe(400);
    }
  });
});

describe('the inbox', () => {
  it('says what to connect when nothing has come in', async () => {
    const page = await (await openConsole(await openEmptied()))('/inbox');
    expect(page.status).toBe(200);
    expect(page.text).toContain('/webhooks/skipup');
  });

  it('shows every event with its fate, the reason and how it was verified', async () => {
    const database = await openEmptied();
    const workflowId = await seedBooked(database);
    await insertInbox(database.db, [
      { ...EVENT, dedupeKey: 'v', status: 'ignored', verification: { by: 'hubspot-v3', secret: 2 } },
    ]);
    const [dead] = await seedDead(database, [{ source: 'deal', subject: '99' }]);
    const get = await openConsole(database);
    const all = (await get('/inbox')).text;
    expect(all).toContain('Dead: 1');
    expect(all).toContain('property amount, not dealstage');
    expect(all).toContain('HubSpot’s signature (v3) is right; with the configured secret number 2.');
    expect(all).toContain('How it was verified is not written down');
    expect(all).toContain(
      `the CRM did not know the deal <br><a class="button" href="/actions/inbox.replay?on=${dead}">`,
    );
    expect(all).toContain(`<a href="/kickoffs/${encodeURIComponent(workflowId)}"><bdi>${workflowId}</bdi></a>`);
    const looking = (await (await openConsole(database, { as: 'viewer' }))('/inbox')).text;
    expect(looking).toContain('the CRM did not know the deal');
    expect(looking).not.toContain('/actions/inbox');
  });

  describe('one event', () => {
    it('has all that came, cut where it is long, and what else came about the same', async () => {
      const database = await openEmptied();
      const hostile = '<script>alert(1)</script>';
      const { ids } = await insertInbox(database.db, [
        { ...EVENT, dedupeKey: 'a', payload: { a: hostile, long: 'x'.repeat(40_000) } },
        { ...EVENT, dedupeKey: 'b' },
        { ...EVENT, dedupeKey: 'c', subject: '2' },
      ]);
      const get = await openConsole(database);
      const { text } = await get(`/inbox/${ids[0]}`);
      expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
      expect(text).not.toContain(hostile);
      expect(text).toContain('Its first 16 KB.');
      expect(text.length).toBeLessThan(30_000);
      expect(rowsIn(text)).toEqual([ids[1]]);
      const whole = await get(`/inbox/${ids[0]}/payload.json`);
      expect(JSON.parse(whole.text)).toEqual({ a: hostile, long: 'x'.repeat(40_000) });
      expect(whole.headers.get('content-disposition')).toBe(`attachment; filename="event-${ids[0]}.json"`);
      for (const unknown of ['0', '9999999', 'x', '1e3', `${ids[0]}/nothing`]) {
        expect((await get(`/inbox/${unknown}`)).status, unknown).toBe(404);
      }
    });

    it('is replayed when it is dead or ignored, with a reason, once', async () => {
      const database = await openEmptied();
      const [dead = 0] = await seedDead(database, [{}]);
      let wakes = 0;
      const console = await openConsole(database, { relay: { wake: () => (wakes += 1) } });
      expect((await console(`/actions/inbox.replay?on=${dead}`)).text).toContain('put back in the line');
      const without = await send(console, 'inbox.replay', { on: String(dead), reason: ' ' });
      expect(without).toMatchObject({ status: 422, text: expect.stringContaining('Say why') });
      const attempt = randomUUID();
      const done = await send(console, 'inbox.replay', { on: String(dead), attempt });
      expect(done.headers.get('location')).toMatch(`/inbox/${dead}?`);
      expect(await answerOf(console, done)).toContain('back in the line');
      await send(console, 'inbox.replay', { on: String(dead), attempt });
      expect(wakes).toBe(1);
      expect(await listInbox(database.db)).toMatchObject([{ status: 'pending', attempts: 0, reason: null }]);
      expect(await listAudit(database.db, { action: 'inbox.replay', limit: 10 })).toMatchObject([
        { target: String(dead), reason: 'the CRM is back', outcome: 'done' },
      ]);
      const again = await send(console, 'inbox.replay', { on: String(dead) });
      expect(again).toMatchObject({ status: 409, text: expect.stringContaining('this one is pending') });
      for (const on of ['', '-1', '1e2', '999999', `${dead} or 1=1`]) {
        expect((await send(console, 'inbox.replay', { on })).status, on).toBe(404);
      }
    });
  });

  describe('all dead events of a filter', () => {
    it('are replayed together after a preview', async () => {
      const database = await openEmptied();
      const ids = await seedDead(database, [{}, {}, { source: 'deal' }]);
      const console = await openConsole(database);
      const filter = '/inbox?status=dead&source=hubspot';
      expect((await console(filter)).text).toContain(
        `/actions/inbox.replayAll?${new URLSearchParams({ on: filter }).toString().replaceAll('&', '&amp;')}`,
      );
      const preview = (await console(`/actions/inbox.replayAll?${new URLSearchParams({ on: filter })}`)).text;
      expect(preview).toContain('2 dead events');
      const [, digest = ''] = /name="digest" value="(\w+)"/.exec(preview) ?? [];
      const done = await send(console, 'inbox.replayAll', { on: filter, count: '2', digest });
      expect(await answerOf(console, done)).toContain('2 events are back in the line');
      const after = await listInbox(database.db);
      expect(after.filter(({ status }) => status === 'dead').map(({ id }) => id)).toEqual([ids[2]]);
    });

    it('are left alone when they are others than were shown, and without a filter for the dead', async () => {
      const database = await openEmptied();
      await seedDead(database, [{}, {}]);
      const console = await openConsole(database);
      const on = '/inbox?status=dead';
      const changed = await send(console, 'inbox.replayAll', { on, count: '1', digest: 'x' });
      expect(await answerOf(console, changed)).toContain('other dead events now than were shown: 2 dead events');
      for (const other of ['/inbox', '/inbox?status=ignored', '/inbox?status=dead&source=fax', '/?status=dead', 'x']) {
        const refused = await send(console, 'inbox.replayAll', { on: other, count: '2', digest: 'x' });
        expect(refused.status, other).toBe(404);
      }
      const viewer = await openConsole(database, { as: 'viewer' });
      expect((await send(viewer, 'inbox.replayAll', { on, count: '2', digest: 'x' })).status).toBe(403);
      expect((await listInbox(database.db, { status: 'dead' })).length).toBe(2);
    });
  });
});
