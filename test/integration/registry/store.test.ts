import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Database } from '../../../database/index.ts';
import {
  applyImport,
  compareRegistry,
  countStakeholders,
  type ParsedRegistry,
  parseRegistry,
  type Stakeholder,
  setOptedOut,
  stakeholdersFor,
} from '../../../registry/index.ts';
import { eachDatabase } from '../../harness/databases.ts';

const FILE = { sourceRef: 'registry.csv' };
const NOTHING = { added: 0, changed: 0, ended: 0, unchanged: 0, accounts: 0 };
const SOMEBODY = { by: 'jordan', source: 'console' };
const example = (name: 'registry.yaml' | 'registry.csv') =>
  parseRegistry(
    readFileSync(new URL(`../../../examples/acme/${name}`, import.meta.url), 'utf8'),
    name === 'registry.yaml' ? 'yaml' : 'csv',
  );

function person(email: string, more: Partial<Stakeholder> = {}): Stakeholder {
  return {
    accountId: 'acme',
    email,
    side: 'customer',
    roles: [],
    attendance: {},
    optedOut: false,
    source: 'import',
    ...more,
  };
}

const known = (db: Database['db'], dealId = '1') => stakeholdersFor(db, { accountId: 'acme', dealId });

eachDatabase('registry', (open) => {
  it('gives every field back as it was imported', async () => {
    const { db } = await open();
    const full = person('ann@acme.example', {
      dealId: '1',
      name: 'Ann “Zoë” Lee',
      side: 'partner',
      roles: ['champion', 'billing'],
      attendance: { kickoff: 'optional', go_live: 'none' },
      timezone: 'Europe/Berlin',
      timezoneSource: 'account',
      activeFrom: '2026-01-01',
      activeTo: '2026-12-31',
      optedOut: true,
      optedOutReason: 'left',
      source: 'manual',
      verifiedAt: '2026-01-15T09:30:00.000Z',
    });
    await applyImport(db, [full, person('bob@acme.example')], FILE);
    expect(await known(db)).toEqual([
      { ...full, ...FILE },
      { ...person('bob@acme.example'), ...FILE },
    ]);
  });

  it('finds the account’s rows and the deal’s own, and who opted out under any deal', async () => {
    const { db } = await open();
    await applyImport(
      db,
      [
        person('account@acme.example'),
        person('deal@acme.example', { dealId: '1' }),
        person('other@acme.example', { dealId: '2' }),
        person('out@acme.example', { dealId: '2', optedOut: true }),
        person('stranger@globex.example', { accountId: 'globex' }),
      ],
      FILE,
    );
    expect((await known(db)).map((row) => row.email)).toEqual([
      'account@acme.example',
      'deal@acme.example',
      'out@acme.example',
    ]);
    expect(await countStakeholders(db)).toBe(5);
    expect(await countStakeholders(db, 'acme')).toBe(4);
    expect(await countStakeholders(db, 'none')).toBe(0);
  });

  describe('import', () => {
    it('reads the example, and changes nothing the second time, from whichever file', async () => {
      const { db } = await open();
      const take = ({ rows, accounts }: ParsedRegistry) => applyImport(db, rows, { ...FILE, accounts });
      expect(await take(example('registry.yaml'))).toEqual({ ...NOTHING, added: 4, accounts: 1 });
      expect(await take(example('registry.csv'))).toEqual({ ...NOTHING, unchanged: 4 });
      expect(await countStakeholders(db, '9087654321')).toBe(4);
    });

    it('tells before it does anything what would be added and what would change', async () => {
      const { db } = await open();
      await applyImport(db, [person('ann@acme.example', { name: 'Ann' }), person('bob@acme.example')], FILE);
      const rows = [
        person('ann@acme.example', { name: 'Ann Lee', roles: ['champion'] }),
        person('bob@acme.example'),
        person('cid@acme.example'),
      ];
      const preview = await compareRegistry(db, { rows });
      expect(preview.added).toEqual([person('cid@acme.example')]);
      expect(preview.changed).toEqual([
        {
          before: { ...person('ann@acme.example', { name: 'Ann' }), ...FILE },
          after: rows[0],
          fields: ['name', 'roles'],
        },
      ]);
      expect(preview.unchanged.map((row) => row.email)).toEqual(['bob@acme.example']);
      expect(await countStakeholders(db)).toBe(2);
    });

    it('changes what differs, also to nothing, and removes nobody', async () => {
      const { db } = await open();
      await applyImport(
        db,
        [person('ann@acme.example', { name: 'Ann', timezone: 'Asia/Tokyo' }), person('bob@acme.example')],
        FILE,
      );
      const summary = await applyImport(db, [person('ann@acme.example', { roles: ['billing'] })], {
        sourceRef: 'second.csv',
      });
      expect(summary).toEqual({ ...NOTHING, changed: 1 });
      expect(await known(db)).toEqual([
        { ...person('ann@acme.example', { roles: ['billing'] }), sourceRef: 'second.csv' },
        { ...person('bob@acme.example'), ...FILE },
      ]);
    });

    it('never opts anybody in again; a person can', async () => {
      const { db } = await open();
      await applyImport(db, [person('ann@acme.example', { optedOut: true, optedOutReason: 'left' })], FILE);
      expect(await applyImport(db, [person('ann@acme.example')], FILE)).toEqual({ ...NOTHING, unchanged: 1 });
      await applyImport(db, [person('ann@acme.example', { name: 'Ann' })], FILE);
      expect(await known(db)).toMatchObject([{ name: 'Ann', optedOut: true, optedOutReason: 'left' }]);
      const change = { accountId: 'acme', email: ' ANN@acme.example' };
      expect(await setOptedOut(db, { ...change, optedOut: false }, SOMEBODY)).toBe(1);
      expect((await known(db))[0]).toMatchObject({ optedOut: false });
      expect((await known(db))[0]).not.toHaveProperty('optedOutReason');
      expect(await setOptedOut(db, { ...change, optedOut: true, reason: 'asked' }, SOMEBODY)).toBe(1);
      expect(await setOptedOut(db, { ...change, optedOut: true, reason: 'asked' }, SOMEBODY)).toBe(0);
      expect(await known(db)).toMatchObject([{ optedOut: true, optedOutReason: 'asked' }]);
    });

    it('takes all rows or none', async () => {
      const { db } = await open();
      const rows = [person('ann@acme.example'), person('UPPER@acme.example')];
      await expect(applyImport(db, rows, FILE)).rejects.toMatchObject({ code: '23514' });
      expect(await countStakeholders(db)).toBe(0);
    });

    it('takes thousands of rows, and none', async () => {
      const { db } = await open();
      const rows = Array.from({ length: 3_000 }, (_, n) =>
        person(`p${n}@acme.example`, { accountId: `account-${n % 1_200}`, roles: ['billing'] }),
      );
      expect(await applyImport(db, rows, FILE)).toEqual({ ...NOTHING, added: 3_000 });
      expect(await applyImport(db, rows, FILE)).toEqual({ ...NOTHING, unchanged: 3_000 });
      expect(await applyImport(db, [], FILE)).toEqual(NOTHING);
    });

    it('run twice at once adds each person once, and says so', async () => {
      const { db } = await open();
      const { rows } = example('registry.yaml');
      const summaries = await Promise.all([applyImport(db, rows, FILE), applyImport(db, rows, FILE)]);
      expect(summaries.map((summary) => summary.added).sort()).toEqual([0, 4]);
      expect(await countStakeholders(db)).toBe(4);
    });
  });
});
