import { sql } from 'kysely';
import { expect, it } from 'vitest';
import {
  attachRequestId,
  beginMeetingRequest,
  beginStep,
  claimKickoff,
  type Database,
  failStep,
  type KickoffCursor,
  type KickoffFilter,
  kickoffsMatching,
  listKickoffs,
  markDealLost,
  pageOfKickoffs,
  recordPhase,
  recordResolution,
} from '../../../database/index.ts';
import { eachDatabase } from '../../harness/databases.ts';

type Db = Database['db'];

async function claim(db: Db, dealId: string, more: { name?: string; account?: string; workstream?: string } = {}) {
  const { name = `Deal ${dealId}`, account = `Account ${dealId}`, workstream = '' } = more;
  const workflowId = workstream === '' ? `kickoff:${dealId}` : `kickoff:${dealId}:${workstream}`;
  await claimKickoff(db, {
    workflowId,
    crm: 'hubspot',
    dealId,
    workstream,
    deal: { id: dealId, name },
    accountId: `a-${dealId}`,
    accountName: account,
    origin: { kind: 'hubspot', reference: '' },
  });
  return workflowId;
}

async function resolved(db: Db, workflowId: string, people: { name: string; email: string }[], organizer: string) {
  await recordResolution(db, {
    workflowId,
    revision: 1,
    organizer: { email: organizer, name: 'Olga Organizer' },
    participants: people,
    excluded: [{ name: 'Otto Out', email: 'otto@gone.example', reason: 'opted out' }],
    gaps: [],
    phase: 'requesting',
  });
}

eachDatabase('the list of kickoffs', (open) => {
  it.each([
    ['few enough to be counted', 100],
    ['more than are counted', 3],
  ])('is newest first, and has pages both ways without a gap or a repeat: %s', async (_many, most) => {
    const { db } = await open();
    // Several begin in one instant.
    for (let n = 0; n < 7; n++) await claim(db, `${n}`);
    await db
      .updateTable('kickoffs')
      .set({ created_at: sql<Date>`'2026-02-10T09:00:00Z'::timestamptz + (deal_id::int / 3) * interval '1 second'` })
      .execute();
    const pages: string[][] = [];
    const cursors: KickoffCursor[] = [];
    for (let before: KickoffCursor | undefined; ; ) {
      const { rows: page, count } = await pageOfKickoffs(db, {}, { limit: 2, before }, most);
      const [first] = page;
      expect(count).toBe(Math.min(7, most + 1));
      if (first === undefined) break;
      pages.push(page.map((row) => row.deal_id));
      cursors.push(first);
      before = page.at(-1);
    }
    expect(pages).toEqual([['6', '5'], ['4', '3'], ['2', '1'], ['0']]);
    for (let page = pages.length - 1; page > 0; page -= 1) {
      const newer = await pageOfKickoffs(db, {}, { limit: 2, after: cursors[page] }, most);
      expect(newer.rows.map((row) => row.deal_id)).toEqual(pages[page - 1]);
    }
    expect((await pageOfKickoffs(db, {}, { after: cursors[0] }, most)).rows).toEqual([]);
  });

  it('finds deal, account, people and request, whatever characters they have', async () => {
    const { db } = await open();
    await claim(db, '100', { name: 'Acme 100% annual', account: 'Acme Corp' });
    const second = await claim(db, '200', { name: 'Renewal_2026 \\ "Gold" [EU]', account: 'Globex' });
    const people = [
      { name: 'Grace "Amazing" Hopper', email: 'grace@navy.example' },
      { name: 'Ada Lovelace', email: 'ada@engine.example' },
    ];
    await resolved(db, second, people, 'olga@vendor.example');
    const key = 'impl:200:kickoff:2026-02-10';
    await beginMeetingRequest(db, {
      workflowId: second,
      revision: 1,
      idempotencyKey: key,
      organizerEmail: 'olga@vendor.example',
      participantEmails: [],
      timeframeStart: '2026-02-12T14:00:00Z',
      timeframeEnd: '2026-02-22T04:59:59Z',
      firstTriedAt: '2026-02-10T09:00:05Z',
    });
    await attachRequestId(db, { idempotencyKey: key, requestId: 'mr_01kh', status: 'active' });
    const found = async (search: string) => (await listKickoffs(db, { search })).map((row) => row.deal_id);
    for (const search of ['200', 'globex', 'GOLD', 'renewal', '"Gold"', '[eu]', 'l_2', 'grace "amazing" hopper']) {
      expect(await found(search), search).toEqual(['200']);
    }
    for (const search of ['hopper', 'navy.ex', 'ada@engine.example', 'olga', 'olga@vendor', 'otto out', 'mr_01kh']) {
      expect(await found(search), search).toEqual(['200']);
    }
    expect(await found('lovelace globex')).toEqual(['200']);
    expect(await found('lovelace acme')).toEqual([]);
    expect(await found('0%')).toEqual([]);
    expect(await found('100%')).toEqual(['100']);
    expect(await found('l%2')).toEqual([]);
    expect(await found('mr_01')).toEqual([]);
    // Less than three letters: where a word begins.
    expect(await found('ac')).toEqual(['100']);
    expect(await found('10')).toEqual(['100']);
    expect(await found('ov')).toEqual([]);
    for (const nothing of ['', '  ', '"', '\\', '...', '\0']) {
      expect(await found(nothing), JSON.stringify(nothing)).toHaveLength(2);
    }
  });

  it('chooses by everything that is given', async () => {
    const { db } = await open();
    const first = await claim(db, '1');
    const second = await claim(db, '2', { workstream: 'data' });
    await resolved(db, second, [], 'Olga@Vendor.example');
    await sql`update kickoffs set created_at = '2026-02-10T09:00:00Z' where workflow_id = ${first}`.execute(db);
    const cases: [KickoffFilter, string[]][] = [
      [{ phases: ['requesting', 'paused'] }, ['2']],
      [{ phases: ['requesting', 'resolving'] }, ['2', '1']],
      [{ workstream: '' }, ['1']],
      [{ workstream: 'data' }, ['2']],
      [{ crm: 'hubspot', accountId: 'a-1' }, ['1']],
      [{ crm: 'pipedrive' }, []],
      [{ organizer: 'olga@vendor.EXAMPLE' }, ['2']],
      [{ begunBefore: new Date('2026-02-10T09:00:00Z') }, []],
      [{ begunFrom: new Date('2026-02-10T09:00:00Z'), begunBefore: new Date('2026-02-10T09:00:01Z') }, ['1']],
    ];
    for (const [filter, deals] of cases) {
      const rows = await listKickoffs(db, filter);
      expect([filter, rows.map((row) => row.deal_id)]).toEqual([filter, deals]);
      expect((await pageOfKickoffs(db, filter, {}, 10)).count).toBe(deals.length);
      expect(await kickoffsMatching(db, filter, 10)).toEqual(rows.map((row) => row.workflow_id));
    }
    expect((await pageOfKickoffs(db, {}, {}, 1)).count).toBe(2);
    expect(await kickoffsMatching(db, {}, 1)).toEqual([second]);
  });

  it('knows about which of them a person is asked something', async () => {
    const { db } = await open();
    const [waiting, lost, failed, closed] = ['1', '2', '3', '4'].map((deal) => `kickoff:${deal}`);
    for (const deal of ['1', '2', '3', '4', '5']) await claim(db, deal);
    await recordPhase(db, { workflowId: waiting ?? '', revision: 1, phase: 'needs_attention', needs: [] });
    await recordPhase(db, { workflowId: lost ?? '', revision: 1, phase: 'scheduling', needs: ['Is it lost?'] });
    await markDealLost(db, lost ?? '', '2026-02-10T09:00:00Z');
    for (const workflowId of [failed ?? '', closed ?? '']) {
      const step = { workflowId, revision: 1, list: 'on_booked', stepId: 's', occurrence: '' };
      await beginStep(db, { ...step, kind: 'slack' });
      await failStep(db, step, 'refused');
    }
    await recordPhase(db, { workflowId: closed ?? '', revision: 1, phase: 'done', closesAt: '2020-01-01T00:00:00Z' });
    const rows = await listKickoffs(db, { needsPerson: true });
    expect(rows.map((row) => row.workflow_id).sort()).toEqual([waiting, lost, failed]);
  });
});
