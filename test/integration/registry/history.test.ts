import { describe, expect, it } from 'vitest';
import { type Database, listStakeholderChanges } from '../../../database/index.ts';
import {
  accountsOf,
  applyCrm,
  applyImport,
  compareRegistry,
  exportRegistry,
  parseRegistry,
  type Stakeholder,
  setOptedOut,
  stakeholdersFor,
  stakeholdersOfAccounts,
} from '../../../registry/index.ts';
import { eachDatabase } from '../../harness/databases.ts';

const FILE = { sourceRef: 'people.csv', by: 'jordan' };
const person = (email: string, more: Partial<Stakeholder> = {}): Stakeholder => ({
  accountId: 'acme',
  email,
  side: 'customer',
  roles: [],
  attendance: {},
  optedOut: false,
  source: 'import',
  ...more,
});
const history = async (db: Database['db'], filter: { accountId?: string; dealId?: string; email?: string } = {}) =>
  (await listStakeholderChanges(db, { ...filter, limit: 100 })).toReversed();

eachDatabase('the registry’s history', (open) => {
  it('keeps who came, with everything that was known of them', async () => {
    const { db } = await open();
    await applyImport(db, [person('ann@acme.example', { dealId: '1', name: 'Ann', roles: ['champion'] })], FILE);
    expect(await history(db)).toMatchObject([
      {
        account_id: 'acme',
        deal_id: '1',
        email: 'ann@acme.example',
        change: 'added',
        before: null,
        after: { name: 'Ann', roles: ['champion'], side: 'customer', timezone: null },
        changed_by: 'jordan',
        source: 'import people.csv',
        changed_at: expect.any(Date),
      },
    ]);
  });

  it('keeps of a change the fields that changed, as they were and as they are', async () => {
    const { db } = await open();
    await applyImport(db, [person('ann@acme.example', { name: 'Ann' }), person('bob@acme.example')], FILE);
    await applyImport(db, [person('ann@acme.example', { name: 'Ann', timezone: 'Asia/Tokyo' })], FILE);
    const [change] = await history(db, { email: 'ann@acme.example' }).then((all) => all.slice(1));
    expect(change).toMatchObject({ change: 'changed', before: { timezone: null }, after: { timezone: 'Asia/Tokyo' } });
    expect(Object.keys(change?.after ?? {})).toEqual(['timezone']);
  });

  it('has nothing of an import that changes nothing, and nothing of one that fails', async () => {
    const { db } = await open();
    await applyImport(db, [person('ann@acme.example')], FILE);
    await applyImport(db, [person('ann@acme.example')], FILE);
    expect(await history(db)).toHaveLength(1);
    const rows = [person('bob@acme.example'), person('UPPER@acme.example')];
    await expect(applyImport(db, rows, { ...FILE, accounts: [{ id: 'acme', country: 'DE' }] })).rejects.toThrow();
    expect(await history(db)).toHaveLength(1);
    expect(await accountsOf(db)).toEqual([]);
  });

  it('keeps who opted out and who was opted in again, by whom and why', async () => {
    const { db } = await open();
    await applyImport(db, [person('ann@acme.example'), person('ann@acme.example', { dealId: '1' })], FILE);
    const change = { accountId: 'acme', email: 'ann@acme.example' };
    await setOptedOut(db, { ...change, optedOut: true, reason: ' asked ' }, { by: 'kim', source: 'console' });
    await setOptedOut(db, { ...change, optedOut: false }, { by: 'lee', source: 'console' });
    await applyImport(db, [person('ann@acme.example', { optedOut: true })], FILE);
    expect((await history(db)).map((row) => [row.change, row.deal_id, row.changed_by, row.after]).slice(2)).toEqual([
      ['opted_out', '', 'kim', { optedOut: true, optedOutReason: 'asked' }],
      ['opted_out', '1', 'kim', { optedOut: true, optedOutReason: 'asked' }],
      ['opted_in', '', 'lee', { optedOut: false, optedOutReason: null }],
      ['opted_in', '1', 'lee', { optedOut: false, optedOutReason: null }],
      ['opted_out', '', 'jordan', { optedOut: true }],
    ]);
  });

  it('is found by account, deal and person, the newest first', async () => {
    const { db } = await open();
    await applyImport(
      db,
      [
        person('a@acme.example'),
        person('a@acme.example', { dealId: '1' }),
        person('a@acme.example', { accountId: 'b' }),
      ],
      FILE,
    );
    const found = async (filter: Parameters<typeof history>[1]) => (await history(db, filter)).length;
    expect(await found({ accountId: 'acme' })).toBe(2);
    expect(await found({ accountId: 'acme', dealId: '1' })).toBe(1);
    expect(await found({ email: 'a@acme.example' })).toBe(3);
    const [newest] = await listStakeholderChanges(db, { limit: 1 });
    expect(newest?.account_id).toBe('b');
  });
});

eachDatabase('what the registry knows of accounts', (open) => {
  it('is imported with the people, kept when a file does not say it, and has a history', async () => {
    const { db } = await open();
    const accounts = [{ id: 'acme', name: 'Acme', country: 'DE', timezone: 'Europe/Berlin' }];
    expect(await applyImport(db, [], { ...FILE, accounts })).toMatchObject({ accounts: 1 });
    expect(await applyImport(db, [], { ...FILE, accounts: [{ id: 'acme', country: 'FR' }] })).toMatchObject({
      accounts: 1,
    });
    expect(await applyImport(db, [], { ...FILE, accounts: [{ id: 'acme', country: 'FR' }] })).toMatchObject({
      accounts: 0,
    });
    expect(await accountsOf(db, ['acme', 'globex'])).toEqual([{ ...accounts[0], country: 'FR' }]);
    expect((await history(db)).map((row) => [row.change, row.email, row.before, row.after])).toEqual([
      ['added', '', null, { name: 'Acme', country: 'DE', timezone: 'Europe/Berlin' }],
      ['changed', '', { country: 'DE' }, { country: 'FR' }],
    ]);
  });
});

eachDatabase('an import that removes who is missing', (open) => {
  const today = '2026-02-10';
  const removeMissing = { accountIds: ['acme'], today };

  it('ends them with yesterday, and deletes nobody', async () => {
    const { db } = await open();
    await applyImport(
      db,
      [
        person('stays@acme.example'),
        person('goes@acme.example'),
        person('deal@acme.example', { dealId: '1' }),
        person('later@acme.example', { activeFrom: '2026-05-01' }),
        person('gone@acme.example', { activeTo: '2026-01-01' }),
        person('crm@acme.example', { source: 'crm' }),
        person('other@globex.example', { accountId: 'globex' }),
      ],
      FILE,
    );
    const rows = [person('stays@acme.example')];
    expect((await compareRegistry(db, { rows, removeMissing })).ended.map(({ after }) => after.email)).toEqual([
      'goes@acme.example',
      'later@acme.example',
      'deal@acme.example',
    ]);
    expect(await applyImport(db, rows, { ...FILE, removeMissing })).toMatchObject({ ended: 3, unchanged: 1 });
    const after = await stakeholdersOfAccounts(db);
    expect(after).toHaveLength(7);
    expect(after.filter((row) => row.activeTo === '2026-02-09').map((row) => row.email)).toEqual([
      'goes@acme.example',
      'later@acme.example',
      'deal@acme.example',
    ]);
    expect((await history(db, { email: 'goes@acme.example' })).at(-1)).toMatchObject({
      change: 'ended',
      before: { activeTo: null },
      after: { activeTo: '2026-02-09' },
    });
    expect(await applyImport(db, rows, { ...FILE, removeMissing })).toMatchObject({ ended: 0 });
    // What is exported then can be imported.
    const text = exportRegistry({ rows: after, accounts: [] }, 'csv');
    expect(parseRegistry(text, 'csv').faults).toEqual([]);
  });

  it('leaves everybody alone when it is not asked to', async () => {
    const { db } = await open();
    await applyImport(db, [person('ann@acme.example')], FILE);
    expect(await applyImport(db, [person('bob@acme.example')], FILE)).toMatchObject({ ended: 0 });
    expect(await stakeholdersFor(db, { accountId: 'acme', dealId: '1' })).toHaveLength(2);
  });
});

eachDatabase('what is taken over from the CRM', (open) => {
  it('is written once, with where it comes from, and has a history', async () => {
    const { db } = await open();
    const sync = {
      crm: 'hubspot',
      deal: { id: '1', account: { id: 'acme', name: 'Acme' } },
      contacts: [{ id: '7', email: 'ann@acme.example', labels: ['Champion'], isPrimary: false, optedOut: false }],
      roleOfLabel: { champion: 'champion' },
      today: '2026-02-10',
    };
    expect(await applyCrm(db, sync, 'kim')).toMatchObject({ added: 1 });
    expect(await applyCrm(db, sync, 'kim')).toMatchObject({ added: 0, unchanged: 1 });
    expect(await stakeholdersOfAccounts(db)).toMatchObject([
      { source: 'crm', sourceRef: 'hubspot contact 7', dealId: '1' },
    ]);
    expect(await history(db)).toMatchObject([{ change: 'added', changed_by: 'kim', source: 'crm hubspot' }]);
  });
});

describe('an export of the whole registry', () => {
  eachDatabase('imported again', (open) => {
    it.each(['csv', 'yaml'] as const)('as %s, changes nothing', async (format) => {
      const { db } = await open();
      const rows = [
        person('ann@acme.example', {
          name: '=Ann',
          roles: ['champion'],
          timezone: 'Asia/Tokyo',
          timezoneSource: 'crm',
        }),
        person('ann@acme.example', {
          dealId: '007',
          attendance: { go_live: 'none' },
          optedOut: true,
          optedOutReason: 'a\nb',
        }),
        person('zoe@globex.example', { accountId: 'globex', source: 'manual', verifiedAt: '2026-01-01T10:00:00.000Z' }),
      ];
      const accounts = [
        { id: 'acme', name: 'Acme, "Inc"', country: 'US-CA' },
        { id: 'empty', timezone: 'Europe/Paris' },
      ];
      await applyImport(db, rows, { ...FILE, accounts });
      const text = exportRegistry({ rows: await stakeholdersOfAccounts(db), accounts: await accountsOf(db) }, format);
      const { faults, ...read } = parseRegistry(text, format);
      expect(faults).toEqual([]);
      const removeMissing = { accountIds: read.accountIds, today: '2026-02-10' };
      expect(await applyImport(db, read.rows, { ...FILE, accounts: read.accounts, removeMissing })).toEqual({
        added: 0,
        changed: 0,
        ended: 0,
        unchanged: 3,
        accounts: 0,
      });
    });
  });
});
