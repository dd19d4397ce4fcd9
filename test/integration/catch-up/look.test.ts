import { MockActivityEnvironment } from '@temporalio/testing';
import { CancelledFailure } from '@temporalio/workflow';
import { expect, it } from 'vitest';
import { CrmError } from '../../../crm/index.ts';
import { type Database, insertInbox, lastCatchUps, markDelivered } from '../../../database/index.ts';
import { dealPayloadSchema } from '../../../triggers/deal-payload.ts';
import { eachDatabase } from '../../harness/databases.ts';
import { inbox, kickoffInLedger, type LookOptions, look } from './catching-up.ts';
import { FakeCrm } from './fake-crm.ts';

const MINUTE_MS = 60_000;
const at = (minute: number) => new Date(Date.UTC(2026, 10, 20, 9, minute));

/** A CRM that has been looked at once, at 9:00, and the looks at it. */
async function begun(database: Database, crm = new FakeCrm({ now: at(0) })) {
  const crms: LookOptions['crms'] = { [crm.name]: crm };
  const lookAt = async (minute: number, more: Partial<LookOptions> = {}) => {
    crm.now = at(minute);
    return await look({ database, crms, now: () => at(minute), ...more });
  };
  await lookAt(0);
  const winAt = (minute: number, id: string, more: Parameters<FakeCrm['win']>[1] = {}) => {
    crm.now = at(minute);
    crm.win(id, more);
  };
  return { crm, crms, lookAt, winAt };
}

const dealsIn = async (database: Database) => (await inbox(database)).map(({ subject }) => subject);

eachDatabase('looking through a CRM for won deals that told nobody', (open, kind) => {
  it('takes nothing the first time, nor ever what was won before', async () => {
    const database = await open();
    const crm = new FakeCrm({ now: at(0) });
    crm.win('old', { wonAt: at(-60), changedAt: at(-1) });
    const { lookAt } = await begun(database, crm);
    expect(crm.asked).toEqual([]);
    crm.now = at(4);
    crm.change('old');
    const report = await lookAt(5);
    expect(report).toMatchObject({ problems: [], crms: [{ scanned: 1, takenIn: 0, deals: [] }] });
    expect(await inbox(database)).toEqual([]);
    expect(await lastCatchUps(database.db)).toMatchObject([{ crm: 'hubspot', since: at(0), checkpoint: at(5) }]);
  });

  it('puts a won deal into the inbox, once, as the relay reads it', async () => {
    const database = await open();
    const { lookAt, winAt, crm } = await begun(database);
    winAt(3, '7');
    const lines: string[] = [];
    expect(await lookAt(5, { lines })).toEqual({
      problems: [],
      crms: [
        {
          crm: 'hubspot',
          from: at(-30).toISOString(),
          until: at(5).toISOString(),
          scanned: 1,
          takenIn: 1,
          deals: [{ dealId: '7', name: 'Deal 7', wonAt: at(3).toISOString() }],
          lost: [],
        },
      ],
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"takenIn":1');
    expect(lines[0]).not.toContain('Deal 7');
    const [row, ...others] = await inbox(database);
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      source: 'hubspot',
      event_type: 'catch_up',
      subject: '7',
      dedupe_key: `catch-up:7:${at(3).toISOString()}`,
      status: 'pending',
    });
    expect(dealPayloadSchema.strict().parse(row?.payload)).toEqual({
      dealId: '7',
      crm: 'hubspot',
      transitionKey: `catch-up:7:${at(3).toISOString()}`,
      occurredAt: at(3).toISOString(),
      eventType: 'catch_up',
    });
    // An edit after closing is no transition.
    await markDelivered(database.db, row?.id ?? 0, 'kickoff:7');
    crm.now = at(6);
    crm.change('7');
    expect(await lookAt(7)).toMatchObject({ crms: [{ scanned: 1, takenIn: 0 }] });
    expect(await inbox(database)).toHaveLength(1);
  });

  it('goes back before the last look, since a CRM’s search runs behind its deals', async () => {
    const database = await open();
    const { crm, lookAt, winAt } = await begun(database);
    crm.lagMs = 2 * MINUTE_MS;
    winAt(4, '7');
    expect(await lookAt(5)).toMatchObject({ crms: [{ scanned: 0 }] });
    expect(await lookAt(10)).toMatchObject({ crms: [{ scanned: 1, takenIn: 1 }] });
    expect(await lookAt(15)).toMatchObject({ crms: [{ scanned: 1, takenIn: 0 }] });
  });

  it('leaves alone what has a kickoff, whatever became of it, and what was merged into such a deal', async () => {
    const database = await open();
    const { lookAt, winAt } = await begun(database);
    for (const phase of ['resolving', 'scheduling', 'done', 'cancelled', 'expired', 'failed']) {
      await kickoffInLedger(database, phase, { phase });
      winAt(1, phase);
    }
    winAt(1, 'merged', { mergedIds: ['cancelled'] });
    await kickoffInLedger(database, 'elsewhere', { crm: 'pipedrive' });
    winAt(1, 'elsewhere');
    await kickoffInLedger(database, 'claimed', { started: false });
    winAt(1, 'claimed');
    expect(await lookAt(5)).toMatchObject({ crms: [{ scanned: 9, takenIn: 2 }] });
    expect(await dealsIn(database)).toEqual(['claimed', 'elsewhere']);
  });

  it('takes a deal that was lost and is won again, once for each time', async () => {
    const database = await open();
    const { lookAt, winAt } = await begun(database);
    await kickoffInLedger(database, 'over', { phase: 'cancelled', lostAt: at(2) });
    await kickoffInLedger(database, 'running', { phase: 'scheduling', lostAt: at(2) });
    await kickoffInLedger(database, 'cancelled', { phase: 'cancelled' });
    winAt(3, 'cancelled');
    winAt(3, 'over');
    winAt(3, 'running');
    expect(await lookAt(5)).toMatchObject({ crms: [{ scanned: 3, takenIn: 2 }] });
    expect(await dealsIn(database)).toEqual(['over', 'running']);
    for (const { id } of await inbox(database)) await markDelivered(database.db, id, 'kickoff:again');
    expect(await lookAt(6)).toMatchObject({ crms: [{ takenIn: 0 }] });
    winAt(8, 'over');
    expect(await lookAt(9)).toMatchObject({ crms: [{ takenIn: 1 }] });
  });

  it('takes only deals of the configured pipelines, and those of a CRM without pipelines', async () => {
    const database = await open();
    const { crm, lookAt, winAt } = await begun(database, new FakeCrm({ now: at(0), pipelines: ['sales', 'renewals'] }));
    winAt(1, 'a', { pipeline: 'sales' });
    winAt(1, 'b', { pipeline: 'partners' });
    winAt(1, 'c');
    await lookAt(5);
    expect(await dealsIn(database)).toEqual(['a', 'c']);
    expect(crm.asked[0]).toMatchObject({ pipelines: ['sales', 'renewals'], by: 'changed', limit: 100 });
  });

  it('leaves a deal to a row about it that waits to be read, and to no other row', async () => {
    const database = await open();
    const { lookAt, winAt } = await begun(database);
    const ids = ['waiting', 'worked-on', 'whole', 'generic', 'other-crm', 'settled'];
    for (const id of ids) winAt(1, id);
    const row = (subject: string, payload: object = {}, source: 'hubspot' | 'deal' = 'hubspot') =>
      ({ source, dedupeKey: `e ${subject}`, eventType: 'deal.propertyChange', subject, payload }) as const;
    const { ids: rows } = await insertInbox(database.db, [
      row('waiting'),
      row('worked-on'),
      row('whole', { deal: { isWon: false } }),
      row('generic', { crm: 'hubspot' }, 'deal'),
      row('other-crm', { crm: 'pipedrive' }, 'deal'),
      row('settled'),
    ]);
    await database.db
      .updateTable('inbox')
      .set({ locked_until: new Date(Date.now() + 30_000) })
      .where('id', '=', rows[1] ?? 0)
      .execute();
    await markDelivered(database.db, rows[5] ?? 0, 'kickoff:another');
    await lookAt(5);
    const taken = (await inbox(database)).filter(({ event_type: type }) => type === 'catch_up');
    expect(taken.map(({ subject }) => subject)).toEqual(['other-crm', 'settled', 'whole', 'worked-on']);
  });

  // More than HubSpot's search gives of one query; once is enough.
  const changes = kind === 'pglite' ? 12_000 : 1_200;
  it(`pages through ${changes} changes in one window, and names the first 50`, async () => {
    const database = await open();
    const { crm, lookAt, winAt } = await begun(database);
    for (let i = 0; i < changes; i += 1) {
      const isNews = i % 100 === 0 || i > changes - 100;
      winAt(1, String(i), { ...(isNews ? {} : { wonAt: at(-600) }), changedAt: new Date(at(1).getTime() + i) });
    }
    const report = await lookAt(5);
    expect(report.crms[0]).toMatchObject({ scanned: changes, takenIn: changes / 100 + 99 });
    expect(report.crms[0]?.deals).toHaveLength(50);
    expect(crm.asked).toHaveLength(changes / 100);
    const taken = await dealsIn(database);
    expect(taken).toHaveLength(changes / 100 + 99);
    expect(taken).toContain(String(changes - 1));
  });

  it('misses nothing that changes between two pages', async () => {
    const database = await open();
    const { crm, lookAt, winAt } = await begun(database);
    crm.pageLimit = 2;
    for (const id of ['1', '2', '3', '4', '5', '6']) winAt(Number(id) / 2, id);
    crm.beforeList = (nth) => {
      crm.now = at(6 + nth);
      if (nth === 1) crm.change('6');
      if (nth === 2) crm.change('1');
    };
    await lookAt(5);
    crm.beforeList = undefined;
    await lookAt(20);
    expect((await dealsIn(database)).toSorted()).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('goes on at the page where the CRM pushed back, and gets through however often it does', async () => {
    const database = await open();
    const { crm, lookAt, winAt } = await begun(database);
    crm.pageLimit = 1;
    for (let i = 0; i < 5; i += 1) winAt(1, String(i));
    // Two pages, then 429, each time: who kept no place would never get past the second page.
    let budget = 0;
    crm.beforeList = () => {
      budget -= 1;
      if (budget < 0) throw new CrmError('rate_limited', 'HubSpot asks to wait.', { retryAfterMs: 7_000 });
    };
    const lines: string[] = [];
    for (const [minute, rows] of [
      [10, 2],
      [11, 4],
    ] as const) {
      budget = 2;
      await expect(lookAt(minute, { lines })).rejects.toMatchObject({
        type: 'Crm.rate_limited',
        nonRetryable: false,
        nextRetryDelay: 7_000,
        message:
          'hubspot: HubSpot asks to wait. 2 won deals had been taken in before. The next look goes on from there.',
      });
      expect(await inbox(database)).toHaveLength(rows);
      expect(await lastCatchUps(database.db)).toMatchObject([
        { checkpoint: at(0), window_until: at(10), problem: expect.stringContaining('HubSpot asks to wait.') },
      ]);
    }
    expect(lines.filter((line) => line.startsWith('WARN a CRM could not be looked through'))).toHaveLength(2);
    budget = 100;
    crm.now = at(11);
    crm.win('later');
    // The window that was left behind is finished first; then the next one begins.
    crm.asked.length = 0;
    expect(await lookAt(12)).toMatchObject({ crms: [{ takenIn: 2, until: at(12).toISOString() }] });
    expect(crm.asked[0]).toMatchObject({ before: at(10).toISOString(), cursor: expect.any(String) });
    expect(crm.asked.map(({ before }) => before).at(-1)).toBe(at(12).toISOString());
    expect(await dealsIn(database)).toEqual(['0', '1', '2', '3', '4', 'later']);
    expect(await lastCatchUps(database.db)).toMatchObject([
      { checkpoint: at(12), window_until: null, cursor: null, problem: null },
    ]);
  });

  it('begins a window anew when the CRM does not know the place any more', async () => {
    const database = await open();
    const { crm, lookAt, winAt } = await begun(database);
    crm.pageLimit = 1;
    for (const id of ['1', '2', '3']) winAt(1, id);
    crm.beforeList = (nth) => {
      if (nth === 2) throw new CrmError('refused', 'HubSpot refused the cursor.');
    };
    await expect(lookAt(5)).rejects.toMatchObject({ nonRetryable: true });
    expect(await lastCatchUps(database.db)).toMatchObject([{ window_until: at(5), cursor: null }]);
    expect(await lookAt(6)).toMatchObject({ problems: [], crms: [{ takenIn: 1 }] });
    expect(await dealsIn(database)).toEqual(['1', '2', '3']);
  });

  it('does not page for ever through a list that leads to itself', async () => {
    const database = await open();
    const { crm, lookAt, winAt } = await begun(database);
    winAt(1, '1');
    crm.listWonDeals = async () => ({ deals: [], next: 'here' });
    await expect(lookAt(5)).rejects.toMatchObject({ type: 'Crm.malformed_answer', nonRetryable: true });
  });

  it('two looks at once harm nothing: one gets past a page, the other goes on where that one is', async () => {
    const database = await open();
    const { crm, crms, lookAt, winAt } = await begun(database);
    crm.pageLimit = 2;
    for (let i = 0; i < 10; i += 1) winAt(1, String(i));
    let other: Awaited<ReturnType<typeof lookAt>> | undefined;
    crm.beforeList = async (nth) => {
      // While the first look has read its second page and not kept it, another looks from there to the end.
      if (nth === 1) other = await look({ database, crms, now: () => at(6) });
    };
    const first = await lookAt(5);
    expect(other).toMatchObject({ problems: [], crms: [{ takenIn: 8 }] });
    expect(first).toMatchObject({ problems: [], crms: [{ takenIn: 2 }] });
    expect((await dealsIn(database)).toSorted()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(await lastCatchUps(database.db)).toMatchObject([{ checkpoint: at(6), window_until: null }]);
    crm.beforeList = undefined;
    for (let i = 10; i < 30; i += 1) winAt(8, String(i));
    const both = await Promise.all([lookAt(10), lookAt(10), lookAt(10)]);
    expect(both.reduce((sum, { crms: [found] }) => sum + (found?.takenIn ?? 0), 0)).toBe(20);
    expect(await inbox(database)).toHaveLength(30);
  });

  it('leaves out a deal of which the CRM does not say since when it is won, and says so', async () => {
    const database = await open();
    const { crm, lookAt, winAt } = await begun(database);
    winAt(1, '1');
    crm.deals.set('2', { id: '2', isWon: true, changedAt: at(1) });
    expect(await lookAt(5)).toMatchObject({
      crms: [{ scanned: 2, takenIn: 1 }],
      problems: ['hubspot: of 1 won deals it does not say since when; they were left out.'],
    });
  });
});

eachDatabase('looking through several CRMs', (open) => {
  it('a CRM that cannot be asked keeps no other from being asked', async () => {
    const database = await open();
    const hubspot = new FakeCrm({ now: at(0) });
    const pipedrive = new FakeCrm({ now: at(0), name: 'pipedrive' });
    const salesforce = new FakeCrm({ now: at(0), name: 'salesforce' });
    const crms = { hubspot, pipedrive, salesforce };
    await look({ database, crms, now: () => at(0) });
    for (const crm of [hubspot, pipedrive, salesforce]) crm.win(crm.name, { wonAt: at(1), changedAt: at(1) });
    hubspot.beforeList = () => {
      throw new CrmError('unauthorized', 'HubSpot does not know the token: correct HUBSPOT_ACCESS_TOKEN.');
    };
    pipedrive.beforeList = () => {
      throw new CrmError('rate_limited', 'Pipedrive asks to wait.', { retryAfterMs: 60_000 });
    };
    for (const crm of [hubspot, pipedrive, salesforce]) crm.now = at(5);
    expect(await look({ database, crms, now: () => at(5) })).toMatchObject({
      crms: [{ crm: 'salesforce', takenIn: 1 }],
      problems: [
        'hubspot: HubSpot does not know the token: correct HUBSPOT_ACCESS_TOKEN.',
        'pipedrive: Pipedrive asks to wait. The next look goes on from there.',
      ],
    });
    expect(await dealsIn(database)).toEqual(['salesforce']);
    // When every one fails the activity does, and waits as long as was asked for.
    const two = { hubspot, pipedrive };
    await expect(look({ database, crms: two, now: () => at(6) })).rejects.toMatchObject({
      nonRetryable: false,
      nextRetryDelay: 60_000,
    });
    // What a person must mend is not tried again before the next look.
    await expect(look({ database, crms: { hubspot }, now: () => at(6) })).rejects.toMatchObject({
      nonRetryable: true,
      type: 'Crm.unauthorized',
    });
  });

  it('has nothing to say where no CRM can be asked', async () => {
    const database = await open();
    const { listWonDeals: _none, ...generic } = new FakeCrm({ now: at(0), name: 'generic' });
    const crm = Object.assign(Object.create(FakeCrm.prototype), generic, { listWonDeals: undefined });
    expect(await look({ database, crms: { generic: crm }, now: () => at(0) })).toEqual({ crms: [], problems: [] });
    expect(await lastCatchUps(database.db)).toEqual([]);
  });

  it('ends when it is cancelled, without a problem on record', async () => {
    const database = await open();
    const { crm, lookAt } = await begun(database);
    const environment = new MockActivityEnvironment();
    crm.beforeList = (_nth, signal) => {
      environment.cancel();
      expect(signal?.aborted).toBe(true);
      throw new CrmError('unavailable', 'The caller gave up.');
    };
    await expect(lookAt(5, { environment })).rejects.toBeInstanceOf(CancelledFailure);
    expect(await lastCatchUps(database.db)).toMatchObject([{ problem: null, window_until: at(5) }]);
  });
});
