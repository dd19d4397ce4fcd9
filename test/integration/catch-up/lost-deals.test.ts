import { expect, it } from 'vitest';
import { CrmError } from '../../../crm/index.ts';
import { type Database, insertInbox, lastCatchUps, markDelivered } from '../../../database/index.ts';
import { dealPayloadSchema } from '../../../triggers/deal-payload.ts';
import { eachDatabase } from '../../harness/databases.ts';
import { inbox, kickoffInLedger, look } from './catching-up.ts';
import { FakeCrm } from './fake-crm.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 20, 9, minute));

function lookingAt(database: Database, crm: FakeCrm) {
  return async (minute: number, lines?: string[]) => {
    crm.now = at(minute);
    crm.read.length = 0;
    return await look({ database, crms: { hubspot: crm }, now: () => at(minute), ...(lines && { lines }) });
  };
}

eachDatabase('looking after the deals of running kickoffs', (open) => {
  it('tells of one that is not won any more, or gone, and told nobody', async () => {
    const database = await open();
    const crm = new FakeCrm({ now: at(0) });
    const lookAt = lookingAt(database, crm);
    for (const id of ['gone', 'lost', 'won', 'booked', 'known', 'waiting']) await kickoffInLedger(database, id);
    await kickoffInLedger(database, 'booked', { phase: 'booked' });
    await kickoffInLedger(database, 'known', { lostAt: at(-10) });
    await insertInbox(database.db, [
      { source: 'hubspot', dedupeKey: 'e', eventType: 'deal.propertyChange', subject: 'waiting', payload: {} },
    ]);
    crm.win('won');
    for (const id of ['lost', 'booked', 'known', 'waiting']) crm.change(id);
    expect(await lookAt(1)).toMatchObject({
      crms: [{ takenIn: 0, lost: [{ dealId: 'gone' }, { dealId: 'lost', stage: 'closedlost' }] }],
    });
    expect(crm.read).toEqual(['gone', 'lost', 'waiting', 'won']);
    const [, gone, lost, ...others] = await inbox(database);
    expect(others).toEqual([]);
    expect(gone).toMatchObject({
      source: 'hubspot',
      subject: 'gone',
      dedupe_key: 'catch-up:lost:gone:gone:2026-11-20T09',
    });
    expect(dealPayloadSchema.strict().parse(lost?.payload)).toEqual({
      dealId: 'lost',
      crm: 'hubspot',
      transitionKey: 'catch-up:lost:lost:closedlost:2026-11-20T09',
      occurredAt: at(1).toISOString(),
      eventType: 'catch_up',
    });
    // Until the kickoff knows it, it is told once an hour.
    for (const row of [gone, lost]) await markDelivered(database.db, row?.id ?? 0, 'kickoff:x');
    expect(await lookAt(2)).toMatchObject({ crms: [{ lost: [] }] });
    expect(await inbox(database)).toHaveLength(3);
    expect(await lookAt(60)).toMatchObject({ crms: [{ lost: [{ dealId: 'gone' }, { dealId: 'lost' }] }] });
  });

  it('says nothing of one that was not won when a person began its kickoff, unless it is gone', async () => {
    const database = await open();
    const crm = new FakeCrm({ now: at(0) });
    const lookAt = lookingAt(database, crm);
    for (const id of ['gone', 'open']) await kickoffInLedger(database, id, { deal: { isWon: false } });
    crm.change('open');
    expect(await lookAt(1)).toMatchObject({ crms: [{ lost: [{ dealId: 'gone' }] }] });
    expect(crm.read).toEqual(['gone', 'open']);
  });

  it('reads 20 at a time, and all of them in turn', async () => {
    const database = await open();
    const crm = new FakeCrm({ now: at(0) });
    const lookAt = lookingAt(database, crm);
    const ids = Array.from({ length: 45 }, (_, i) => `d${String(i).padStart(2, '0')}`);
    for (const id of ids) {
      await kickoffInLedger(database, id);
      crm.win(id);
    }
    await lookAt(1);
    expect(crm.read).toEqual(ids.slice(0, 20));
    // The CRM pushes back in the middle: the next look goes on behind the last one that was read.
    crm.beforeRead = (id) => {
      if (id === 'd25') throw new CrmError('rate_limited', 'HubSpot asks to wait.');
    };
    await expect(lookAt(2)).rejects.toMatchObject({ nonRetryable: false });
    crm.beforeRead = undefined;
    await lookAt(3);
    expect(crm.read).toEqual(ids.slice(25));
    await lookAt(4);
    expect(crm.read).toEqual(ids.slice(0, 20));
    expect(await lastCatchUps(database.db)).toMatchObject([{ findings: { rounds: { after: 'kickoff:d19' } } }]);
  });

  it('one deal that the CRM will not show keeps no other from being looked at', async () => {
    const database = await open();
    const crm = new FakeCrm({ now: at(0) });
    const lookAt = lookingAt(database, crm);
    for (const id of ['1', '2']) {
      await kickoffInLedger(database, id);
      crm.change(id);
    }
    crm.beforeRead = (id) => {
      if (id === '1') throw new CrmError('refused', 'HubSpot refused it.');
    };
    const lines: string[] = [];
    expect(await lookAt(1, lines)).toMatchObject({ problems: [], crms: [{ lost: [{ dealId: '2' }] }] });
    expect(lines.filter((line) => line.startsWith('WARN'))).toHaveLength(1);
  });
});
