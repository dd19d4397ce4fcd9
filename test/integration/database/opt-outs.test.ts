import { expect, it } from 'vitest';
import { addressOptOut, addressOptOuts, optedOut, optIn, optOut } from '../../../database/index.ts';
import { eachDatabase } from '../../harness/databases.ts';

eachDatabase('addresses that are opted out', (open) => {
  it('are found in any casing until they are opted in again; the first word stands', async () => {
    const { db } = await open();
    expect(await optOut(db, { email: ' Ana@X.io', reason: 'asked us by mail', recordedBy: 'mia' })).toBe(true);
    expect(await optOut(db, { email: 'ana@x.io', reason: 'again', recordedBy: 'otto' })).toBe(false);
    const found = await optedOut(db, ['ANA@x.io ', 'bo@x.io', 'ana@x.io']);
    expect([...found.keys()]).toEqual(['ana@x.io']);
    expect(found.get('ana@x.io')).toMatchObject({ reason: 'asked us by mail', recorded_by: 'mia' });
    expect(await optIn(db, 'ANA@X.IO')).toBe(true);
    expect(await optIn(db, 'ana@x.io')).toBe(false);
    expect(await optedOut(db, ['ana@x.io'])).toEqual(new Map());
  });

  it('may hold characters that the database does not take', async () => {
    const { db } = await open();
    expect(await optOut(db, { email: 'a\0b@x.io', reason: '\0', recordedBy: '\0' })).toBe(true);
    expect((await optedOut(db, ['a\0b@x.io', 'lone \ud800', ''])).size).toBe(1);
    expect(await optedOut(db, [])).toEqual(new Map());
  });

  it('are those of the list and those of the registry, of whatever account; the list’s word counts first', async () => {
    const { db } = await open();
    const person = { account_id: '501', side: 'customer', roles: '[]', attendance: '{}', source: 'import' };
    await db
      .insertInto('stakeholders')
      .values([
        { ...person, email: 'bo@x.io', opted_out: true, opted_out_reason: 'by phone' },
        { ...person, email: 'cy@x.io', opted_out: true },
        { ...person, email: 'di@x.io' },
        { ...person, email: 'ana@x.io', opted_out: true, opted_out_reason: 'by phone' },
      ])
      .execute();
    await optOut(db, { email: 'ana@x.io', reason: 'by mail', recordedBy: 'mia' });
    expect(await addressOptOuts(db, ['Ana@x.io', 'BO@x.io', 'cy@x.io', 'di@x.io', 'eve@x.io'])).toEqual(
      new Map([
        ['ana@x.io', 'by mail'],
        ['bo@x.io', 'by phone'],
        ['cy@x.io', 'opted out in the registry'],
      ]),
    );
    expect(await addressOptOut(db, ' Bo@X.io')).toBe('by phone');
    expect(await addressOptOut(db, 'di@x.io')).toBeUndefined();
  });
});
