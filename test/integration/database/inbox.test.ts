import { sql } from 'kysely';
import { describe, expect, it, vi } from 'vitest';
import {
  attachRequestId,
  beginMeetingRequest,
  claimInbox,
  claimKickoff,
  type Database,
  expireUnmatched,
  type InboxEntry,
  inboxCounts,
  insertInbox,
  listInbox,
  markDead,
  markDelivered,
  markIgnored,
  markUnmatched,
  replayInbox,
  retryLater,
} from '../../../database/index.ts';
import { eachDatabase } from '../../harness/databases.ts';

const LEASE = { limit: 10, leaseMs: 60_000 };

function webhook(key: string, subject = 'mr_1'): InboxEntry {
  return { source: 'skipup', dedupeKey: key, eventType: 'meeting_request.booked', subject, payload: { key } };
}

async function one(db: Database['db'], entry = webhook('a')): Promise<number> {
  const { ids } = await insertInbox(db, [entry]);
  const [id] = ids;
  if (id === undefined) throw new Error('nothing was inserted');
  return id;
}

async function row(db: Database['db'], id: number) {
  return await db.selectFrom('inbox').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

/** Gives the request a kickoff and an id at SkipUp. */
async function knowRequest(db: Database['db'], requestId: string, workflowId = 'kickoff:1') {
  const dealId = workflowId.slice('kickoff:'.length);
  await claimKickoff(db, {
    workflowId,
    crm: 'hubspot',
    dealId,
    workstream: '',
    deal: {},
    accountId: 'acme',
    accountName: 'Acme',
    origin: {},
  });
  const idempotencyKey = `impl:${dealId}:kickoff:${requestId}`;
  await beginMeetingRequest(db, {
    idempotencyKey,
    workflowId,
    revision: 1,
    organizerEmail: 'jordan@yourcompany.example',
    participantEmails: ['pat@acme.example'],
    timeframeStart: '2026-02-12T00:00:00Z',
    timeframeEnd: '2026-02-21T23:59:59Z',
    firstTriedAt: '2026-02-10T09:00:00Z',
  });
  return await attachRequestId(db, { idempotencyKey, requestId, status: 'active' });
}

eachDatabase('inbox', (open) => {
  describe('insertInbox', () => {
    it('keeps new rows and counts those it knows', async () => {
      const { db } = await open();
      expect(await insertInbox(db, [webhook('a'), webhook('b')])).toEqual({ inserted: 2, duplicates: 0, ids: [1, 2] });
      const again = await insertInbox(db, [webhook('b'), webhook('c')]);
      expect(again).toMatchObject({ inserted: 1, duplicates: 1 });
      expect(again.ids).toHaveLength(1);
    });

    it('keeps one row of a key that comes twice in one batch', async () => {
      const { db } = await open();
      expect(await insertInbox(db, [webhook('a'), webhook('a')])).toMatchObject({ inserted: 1, duplicates: 1 });
    });

    it('tells equal keys of different sources apart', async () => {
      const { db } = await open();
      await insertInbox(db, [webhook('a')]);
      const deal: InboxEntry = { source: 'deal', dedupeKey: 'a', eventType: 'deal', payload: {} };
      expect(await insertInbox(db, [deal])).toMatchObject({ inserted: 1, duplicates: 0 });
    });

    it('takes an empty batch', async () => {
      const { db } = await open();
      expect(await insertInbox(db, [])).toEqual({ inserted: 0, duplicates: 0, ids: [] });
    });

    it('keeps ignored rows with their reason and never hands them out', async () => {
      const { db } = await open();
      const id = await one(db, { ...webhook('a'), status: 'ignored', reason: 'another property' });
      expect(await row(db, id)).toMatchObject({ status: 'ignored', reason: 'another property' });
      expect(await claimInbox(db, LEASE)).toEqual([]);
    });

    it('gives the payload back as it was, whatever its characters', async () => {
      const { db } = await open();
      const payload = {
        text: 'Zoë “quoted” \\u0000 ✓ 😀 \\',
        nested: { list: [1, 2.5, null, true] },
        big: 9007199254740991,
      };
      const id = await one(db, { ...webhook('a'), payload });
      expect((await row(db, id)).payload).toEqual(payload);
    });

    it('replaces what PostgreSQL cannot keep: NUL and lone surrogates', async () => {
      const { db } = await open();
      const payload = { text: 'a\u0000b', 'key\u0000': '\ud800x\udc00', kept: '\\u0000' };
      const id = await one(db, { ...webhook('a\u0000'), subject: 'mr\u0000', payload });
      expect(await row(db, id)).toMatchObject({
        subject: 'mr\ufffd',
        payload: { text: 'a\ufffdb', 'key\ufffd': '\ufffdx\ufffd', kept: '\\u0000' },
      });
    });

    it('keeps exactly one row of ten insertions at once', async () => {
      const { db } = await open();
      const results = await Promise.all(Array.from({ length: 10 }, () => insertInbox(db, [webhook('a')])));
      expect(results.reduce((sum, result) => sum + result.inserted, 0)).toBe(1);
      expect(await inboxCounts(db)).toMatchObject({ pending: 1 });
    });
  });

  describe('claimInbox', () => {
    it('hands out pending rows, oldest first, up to the limit', async () => {
      const { db } = await open();
      await insertInbox(
        db,
        ['a', 'b', 'c'].map((key) => webhook(key)),
      );
      const claimed = await claimInbox(db, { limit: 2, leaseMs: 60_000 });
      expect(claimed.map((found) => found.dedupe_key)).toEqual(['a', 'b']);
      expect(claimed[0]).toMatchObject({ attempts: 1, status: 'pending', subject: 'mr_1', payload: { key: 'a' } });
      expect(claimed[0]?.received_at).toBeInstanceOf(Date);
      expect(claimed[0]?.locked_until).toBeInstanceOf(Date);
    });

    it('hands a row out once while its lease lasts', async () => {
      const { db } = await open();
      await one(db);
      expect(await claimInbox(db, LEASE)).toHaveLength(1);
      expect(await claimInbox(db, LEASE)).toEqual([]);
    });

    it('hands a row out again when the lease has run out, and counts the attempts', async () => {
      const { db } = await open();
      await one(db);
      await claimInbox(db, { limit: 1, leaseMs: 0 });
      const again = await vi.waitFor(async () => {
        const rows = await claimInbox(db, LEASE);
        expect(rows).toHaveLength(1);
        return rows;
      });
      expect(again[0]?.attempts).toBe(2);
    });

    it('leaves an unmatched row until its meeting request is known', async () => {
      const { db } = await open();
      const id = await one(db);
      await claimInbox(db, LEASE);
      expect(await markUnmatched(db, id)).toBe(true);
      expect(await claimInbox(db, LEASE)).toEqual([]);
      // As after a markUnmatched that came just after the mapping was committed.
      await knowRequest(db, 'mr_other');
      await db.updateTable('meeting_requests').set({ request_id: 'mr_1' }).execute();
      expect((await claimInbox(db, LEASE)).map((found) => found.id)).toEqual([id]);
    });

    it('mixes pending and matched rows by age', async () => {
      const { db } = await open();
      const first = await one(db, webhook('a', 'mr_1'));
      await markUnmatched(db, first);
      const second = await one(db, webhook('b', 'mr_2'));
      await knowRequest(db, 'mr_other');
      await db.updateTable('meeting_requests').set({ request_id: 'mr_1' }).execute();
      expect((await claimInbox(db, { limit: 1, leaseMs: 60_000 })).map((found) => found.id)).toEqual([first]);
      expect((await claimInbox(db, { limit: 5, leaseMs: 60_000 })).map((found) => found.id)).toEqual([second]);
    });

    it('gives ten claims at once every row once', async () => {
      const { db } = await open();
      const entries = Array.from({ length: 50 }, (_, index) => webhook(`k${index}`));
      await insertInbox(db, entries);
      const claims = await Promise.all(Array.from({ length: 10 }, () => claimInbox(db, { limit: 8, leaseMs: 60_000 })));
      const ids = claims.flat().map((found) => found.id);
      expect(new Set(ids).size).toBe(ids.length);
      const rest = await claimInbox(db, { limit: 100, leaseMs: 60_000 });
      expect(ids.length + rest.length).toBe(50);
    });
  });

  describe('settling', () => {
    it('delivers once: the second to say so changes nothing', async () => {
      const { db } = await open();
      const id = await one(db);
      expect(await markDelivered(db, id, 'kickoff:1')).toBe(true);
      expect(await markDelivered(db, id, 'kickoff:2')).toBe(false);
      const found = await row(db, id);
      expect(found).toMatchObject({ status: 'delivered', workflow_id: 'kickoff:1', locked_until: null });
      expect(found.delivered_at).toBeInstanceOf(Date);
    });

    it.each([
      ['markIgnored', (db: Database['db'], id: number) => markIgnored(db, id, 'x')],
      ['markDead', (db: Database['db'], id: number) => markDead(db, id, 'x')],
      ['markUnmatched', (db: Database['db'], id: number) => markUnmatched(db, id)],
      ['retryLater', (db: Database['db'], id: number) => retryLater(db, id, { delayMs: 0, reason: 'x' })],
    ])('%s leaves a delivered row delivered', async (_name, settle) => {
      const { db } = await open();
      const id = await one(db);
      await markDelivered(db, id, 'kickoff:1');
      expect(await settle(db, id)).toBe(false);
      expect(await row(db, id)).toMatchObject({ status: 'delivered', reason: null });
    });

    it.each([
      ['markIgnored', 'ignored', (db: Database['db'], id: number) => markIgnored(db, id, 'why')],
      ['markDead', 'dead', (db: Database['db'], id: number) => markDead(db, id, 'why')],
    ])('%s keeps the reason, and the row is handed out no more', async (_name, status, settle) => {
      const { db } = await open();
      const id = await one(db);
      expect(await settle(db, id)).toBe(true);
      expect(await row(db, id)).toMatchObject({ status, reason: 'why' });
      expect(await claimInbox(db, LEASE)).toEqual([]);
    });

    it('retries later, not before', async () => {
      const { db } = await open();
      const id = await one(db);
      await claimInbox(db, LEASE);
      expect(await retryLater(db, id, { delayMs: 60_000, reason: 'Temporal does not answer' })).toBe(true);
      expect(await claimInbox(db, LEASE)).toEqual([]);
      expect(await row(db, id)).toMatchObject({
        status: 'pending',
        reason: 'Temporal does not answer',
        locked_until: null,
      });
      await retryLater(db, id, { delayMs: -1, reason: 'now' });
      expect(await claimInbox(db, LEASE)).toHaveLength(1);
    });

    it('holds a matched row back too when its delivery failed', async () => {
      const { db } = await open();
      const id = await one(db, webhook('a', 'mr_9'));
      await markUnmatched(db, id);
      await knowRequest(db, 'mr_other');
      await db.updateTable('meeting_requests').set({ request_id: 'mr_9' }).execute();
      await retryLater(db, id, { delayMs: 60_000, reason: 'Temporal does not answer' });
      expect(await claimInbox(db, LEASE)).toEqual([]);
    });
  });

  describe('expireUnmatched', () => {
    it('ignores what has waited too long, and says why', async () => {
      const { db } = await open();
      const id = await one(db);
      await markUnmatched(db, id);
      expect(await expireUnmatched(db, { olderThanMs: 60_000 })).toBe(0);
      await db.updateTable('inbox').set({ received_at: sql<Date>`now() - interval '2 minutes'` }).execute();
      expect(await expireUnmatched(db, { olderThanMs: 60_000 })).toBe(1);
      expect(await row(db, id)).toMatchObject({ status: 'ignored', reason: 'no meeting request of ours' });
    });

    it('spares a row whose meeting request has become known, and pending ones', async () => {
      const { db } = await open();
      const id = await one(db, webhook('a', 'mr_1'));
      await one(db, webhook('b', 'mr_2'));
      await markUnmatched(db, id);
      await knowRequest(db, 'mr_other');
      await db.updateTable('meeting_requests').set({ request_id: 'mr_1' }).execute();
      expect(await expireUnmatched(db, { olderThanMs: -1000 })).toBe(0);
      expect(await inboxCounts(db)).toMatchObject({ pending: 1, unmatched: 1 });
    });
  });

  describe('replayInbox', () => {
    it('puts a dead or an ignored row back in the line', async () => {
      const { db } = await open();
      for (const settle of [markDead, markIgnored]) {
        const id = await one(db, webhook(settle.name));
        await claimInbox(db, LEASE);
        await settle(db, id, 'broken');
        expect(await replayInbox(db, id)).toMatchObject({ id, status: 'pending', attempts: 0, reason: null });
        expect((await claimInbox(db, LEASE)).map((found) => found.id)).toEqual([id]);
      }
    });

    it('refuses a row that is under way, delivered or unknown', async () => {
      const { db } = await open();
      const id = await one(db);
      expect(await replayInbox(db, id)).toBeUndefined();
      await markDelivered(db, id, 'kickoff:1');
      expect(await replayInbox(db, id)).toBeUndefined();
      expect(await replayInbox(db, 999)).toBeUndefined();
    });
  });

  it('lists newest first, by status, source, subject and workflow, page by page', async () => {
    const { db } = await open();
    await insertInbox(db, [
      webhook('a', 'mr_1'),
      webhook('b', 'mr_2'),
      { source: 'hubspot', dedupeKey: 'c', eventType: 'deal.propertyChange', subject: '77', payload: {} },
    ]);
    await markDelivered(db, 1, 'kickoff:1');
    const keys = async (filter: Parameters<typeof listInbox>[1]) =>
      (await listInbox(db, filter)).map((found) => found.dedupe_key);
    expect(await keys({})).toEqual(['c', 'b', 'a']);
    expect(await keys({ status: 'delivered' })).toEqual(['a']);
    expect(await keys({ source: 'hubspot' })).toEqual(['c']);
    expect(await keys({ subject: 'mr_2' })).toEqual(['b']);
    expect(await keys({ workflowId: 'kickoff:1' })).toEqual(['a']);
    expect(await keys({ limit: 2 })).toEqual(['c', 'b']);
    expect(await keys({ limit: 2, before: 2 })).toEqual(['a']);
  });

  it('counts every status, also those with no rows', async () => {
    const { db } = await open();
    await insertInbox(db, [webhook('a'), webhook('b'), { ...webhook('c'), status: 'ignored' }]);
    await markDead(db, 1, 'broken');
    expect(await inboxCounts(db)).toEqual({ pending: 1, unmatched: 0, delivered: 0, ignored: 1, dead: 1 });
  });

  describe('the webhook that comes before the answer', () => {
    it('is taken by whoever learns of the request', async () => {
      const { db } = await open();
      const early = await one(db, webhook('early', 'mr_1'));
      const held = await one(db, webhook('held', 'mr_1'));
      await one(db, webhook('stranger', 'mr_2'));
      await markUnmatched(db, held);
      const rows = await knowRequest(db, 'mr_1');
      expect(rows.map((found) => found.id)).toEqual([early, held]);
      expect(await row(db, early)).toMatchObject({ status: 'delivered', workflow_id: 'kickoff:1' });
      expect(await inboxCounts(db)).toMatchObject({ pending: 1, delivered: 2, unmatched: 0 });
    });

    it('is told again to the attempt that repeats a lost one', async () => {
      const { db } = await open();
      await one(db, webhook('early', 'mr_1'));
      const first = await knowRequest(db, 'mr_1');
      const second = await knowRequest(db, 'mr_1');
      expect(second.map((found) => found.id)).toEqual(first.map((found) => found.id));
    });

    it('is never left behind, however insertion, relay and answer interleave', async () => {
      const { db } = await open();
      for (let round = 0; round < 20; round++) {
        const requestId = `mr_${round}`;
        const relay = async () => {
          for (const claimed of await claimInbox(db, LEASE)) {
            const request = await db
              .selectFrom('meeting_requests')
              .select('workflow_id')
              .where('request_id', '=', claimed.subject)
              .executeTakeFirst();
            if (request === undefined) await markUnmatched(db, claimed.id);
            else await markDelivered(db, claimed.id, request.workflow_id);
          }
        };
        const webhooks = [0, 1, 2].map((n) => insertInbox(db, [webhook(`${round}-${n}`, requestId)]));
        await Promise.all([...webhooks, relay(), knowRequest(db, requestId, `kickoff:${round}`), relay(), relay()]);
        await relay(); // the relay comes round again
        const rows = await listInbox(db, { subject: requestId });
        expect(rows.map((found) => [found.status, found.workflow_id])).toEqual(
          Array.from({ length: 3 }, () => ['delivered', `kickoff:${round}`]),
        );
      }
    });
  });
});
