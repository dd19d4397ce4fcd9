import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { describe, expect, it, vi } from 'vitest';
import { type Database, listStakeholderChanges } from '../../../database/index.ts';
import {
  applyImport,
  type ComparedRegistry,
  compareForImport,
  compareRegistry,
  countStakeholders,
  type ParsedRegistry,
  parseRegistry,
  type Stakeholder,
  setOptedOut,
  stakeholdersFor,
  stakeholdersOfAccounts,
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

eachDatabase('registry', (open, kind) => {
  it('keeps texts that a format of its own could take for something else, some given and some not', async () => {
    const { db } = await open();
    const rows = [
      person('a@acme.example', { name: 'null', roles: ['champion'], attendance: { kickoff: 'none' } }),
      person('b@acme.example', { name: 'NULL', optedOutReason: 'one\ntwo\t"three" \\n {four,}', optedOut: true }),
      person('c@acme.example', { verifiedAt: '2026-01-15T09:30:00.123Z', workstreams: ['data', 'main'] }),
      person('d@acme.example', { name: "{'a', \\N}", timezone: 'Asia/Tokyo', timezoneSource: 'crm', dealId: '\\.' }),
      person('e@acme.example', { name: '😀 é ”', activeFrom: '2026-01-01', source: 'manual', side: 'vendor' }),
    ];
    expect(await applyImport(db, rows, FILE)).toEqual({ ...NOTHING, added: 5 });
    const kept = rows.map((row) => ({ ...row, ...FILE }));
    expect(new Set(await stakeholdersOfAccounts(db, ['acme']))).toEqual(new Set(kept));
    expect(new Set(await known(db, '\\.'))).toEqual(new Set(kept));
    expect(await applyImport(db, rows, FILE)).toEqual({ ...NOTHING, unchanged: 5 });
    const changes = await listStakeholderChanges(db, { limit: 10 });
    expect(changes.map(({ email, before }) => [email, before])).toEqual(
      rows.toReversed().map((row) => [row.email, null]),
    );
    expect(changes[3]).toMatchObject({ after: { name: 'NULL', optedOutReason: 'one\ntwo\t"three" \\n {four,}' } });
    expect(changes[2]).toMatchObject({ after: { name: null, workstreams: ['data', 'main'] } });
  });

  it('takes a text that no database keeps as what it can keep of it', async () => {
    const { db } = await open();
    await applyImport(
      db,
      [person('a@acme.example', { name: 'A\0B' }), person('b@acme.example', { name: 'C\uD800' })],
      FILE,
    );
    expect((await known(db)).map(({ name }) => name)).toEqual(['A\uFFFDB', 'C\uFFFD']);
    const [second, first] = await listStakeholderChanges(db, { limit: 2 });
    expect([first?.after, second?.after]).toMatchObject([{ name: 'A\uFFFDB' }, { name: 'C\uFFFD' }]);
  });

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

    it('writes what was shown before, without comparing again', async () => {
      const { db } = await open();
      await applyImport(db, [person('ann@acme.example')], FILE);
      const rows = [person('ann@acme.example', { name: 'Ann' }), person('bob@acme.example')];
      const compared = await compareForImport(db, { rows });
      expect(compared.differences).toMatchObject({ added: [{ email: 'bob@acme.example' }], changed: [{}] });
      // Only what was found before is looked at, so nobody is read again.
      expect(await applyImport(db, [], { ...FILE, compared })).toEqual({ ...NOTHING, added: 1, changed: 1 });
      expect(await known(db)).toMatchObject([{ name: 'Ann' }, { email: 'bob@acme.example' }]);
    });

    it('compares again when the registry has changed since it was shown', async () => {
      const { db } = await open();
      await applyImport(db, [person('ann@acme.example')], FILE);
      const rows = [person('ann@acme.example', { name: 'Ann' }), person('bob@acme.example')];
      const compared = await compareForImport(db, { rows });
      await setOptedOut(db, { accountId: 'acme', email: 'ann@acme.example', optedOut: true, reason: 'left' }, SOMEBODY);
      await applyImport(db, [person('bob@acme.example')], FILE);
      expect(await applyImport(db, rows, { ...FILE, compared })).toEqual({ ...NOTHING, changed: 1, unchanged: 1 });
      expect(await known(db)).toMatchObject([{ name: 'Ann', optedOut: true, optedOutReason: 'left' }, {}]);
    });

    // PGlite has one connection: there the one waits for the other anyway.
    if (kind === 'postgres')
      it('is compared only after whoever is writing has finished', async () => {
        const { db } = await open();
        let compared: Promise<ComparedRegistry> | undefined;
        await db.transaction().execute(async (tx) => {
          await applyImport(tx, [person('ann@acme.example')], FILE);
          compared = compareForImport(db, { rows: [person('ann@acme.example')] });
          await vi.waitFor(async () => {
            const waiting = sql<{ count: number }>`
            select count(*) from pg_locks where not granted and relation = 'stakeholders'::regclass`;
            expect((await waiting.execute(tx)).rows).toEqual([{ count: 1 }]);
          });
        });
        expect(await compared).toMatchObject({ lastChange: 1, differences: { added: [], unchanged: [{}] } });
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
