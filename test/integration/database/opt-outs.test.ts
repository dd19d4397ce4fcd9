import { expect, it } from 'vitest';
import { optedOut, optIn, optOut } from '../../../database/index.ts';
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
});
