import { type Kysely, sql } from 'kysely';
import { expect, it } from 'vitest';
import { addressOptOut, kickoffsToWake, listStakeholderChanges, type Schema } from '../../../database/index.ts';
import { accountsNaming, defaultAssemblyPolicy, optedOutAmong, stakeholdersFor } from '../../../registry/index.ts';
import { eachDatabase } from '../../harness/databases.ts';

const PEOPLE = 4000;

async function fill(db: Kysely<Schema>): Promise<void> {
  await sql`
    insert into stakeholders (account_id, deal_id, email, side, roles, attendance, source)
    select 'account-' || i % 400, case when i % 2 = 0 then '' else 'deal-' || i end, 'person' || i || '@x.example',
      'customer', '[]', '{}', 'import'
    from generate_series(1, ${PEOPLE}::int) as i
  `.execute(db);
  await sql`
    insert into stakeholder_changes (account_id, deal_id, email, change, after, changed_by, source)
    select account_id, deal_id, email, 'added', '{}', 'ann', 'import people.csv' from stakeholders
  `.execute(db);
  await sql`
    insert into opt_outs (email, reason, recorded_by) select 'gone' || i || '@x.example', 'asked', 'ann'
    from generate_series(1, ${PEOPLE}::int) as i
  `.execute(db);
  for (const table of ['stakeholders', 'stakeholder_changes', 'opt_outs']) {
    await sql`analyze ${sql.table(table)}`.execute(db);
  }
}

/** How often each table has been read from one end to the other, as far as this connection has not handed it in yet. */
async function scans(tx: Kysely<Schema>): Promise<Map<string, number>> {
  const { rows } = await sql<{ relname: string; seq_scan: number }>`
    select relname, seq_scan from pg_stat_xact_user_tables where seq_scan > 0 order by relname
  `.execute(tx);
  return new Map(rows.map((row) => [row.relname, Number(row.seq_scan)]));
}

/** The tables that `work` reads from one end to the other. */
async function scannedBy(db: Kysely<Schema>, work: (tx: Kysely<Schema>) => Promise<unknown>): Promise<string[]> {
  return await db.transaction().execute(async (tx) => {
    const before = await scans(tx);
    await work(tx);
    return [...(await scans(tx))].filter(([table, count]) => count > (before.get(table) ?? 0)).map(([table]) => table);
  });
}

eachDatabase('looking somebody up', (open) => {
  it('reads no table of the registry from end to end', async () => {
    const { db } = await open();
    await fill(db);
    const deal = { id: 'deal-7', account: { id: 'account-7', name: 'Acme' } };
    const contacts = ['gone7@x.example', 'Gone8@X.example', 'ann@x.example'].map((email) => ({
      email,
      labels: [],
      isPrimary: false,
      optedOut: false,
    }));

    expect(await scannedBy(db, (tx) => sql`select count(name) from stakeholders`.execute(tx))).toEqual([
      'stakeholders',
    ]);
    const lookups: Record<string, (tx: Kysely<Schema>) => Promise<unknown>> = {
      accountsNaming: (tx) => accountsNaming(tx, 'Person7@x.example'),
      optedOutAmong: (tx) => optedOutAmong(tx, { deal, rows: [], contacts, policy: defaultAssemblyPolicy }),
      addressOptOut: (tx) => addressOptOut(tx, 'person7@x.example'),
      stakeholdersFor: (tx) => stakeholdersFor(tx, { accountId: 'account-7', dealId: 'deal-7' }),
      history: (tx) => listStakeholderChanges(tx, { limit: 50 }),
      'history of an account': (tx) => listStakeholderChanges(tx, { accountId: 'account-7', limit: 50 }),
      'history of a deal': (tx) => listStakeholderChanges(tx, { dealId: 'deal-7', limit: 50 }),
      'history of a person': (tx) => listStakeholderChanges(tx, { email: 'person7@x.example', limit: 50 }),
    };
    for (const [name, lookup] of Object.entries(lookups)) {
      expect({ [name]: await scannedBy(db, lookup) }).toEqual({ [name]: [] });
    }
    expect(await accountsNaming(db, 'Person7@x.example')).toEqual(['account-7']);
    expect([...(await optedOutAmong(db, { deal, rows: [], contacts, policy: defaultAssemblyPolicy })).keys()]).toEqual(
      expect.arrayContaining(['gone7@x.example', 'gone8@x.example']),
    );
    expect(await listStakeholderChanges(db, { dealId: 'deal-7', limit: 50 })).toMatchObject([{ deal_id: 'deal-7' }]);
  });

  it('asks for the kickoffs of more accounts than a statement may have parameters', async () => {
    const { db } = await open();
    const accounts = new Set(Array.from({ length: 70_000 }, (_, index) => `account-${index}`));
    expect(await kickoffsToWake(db, accounts)).toEqual([]);
  });
});
