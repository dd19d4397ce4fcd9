import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, listAudit, listStakeholderChanges } from '../../../database/index.ts';
import { applyImport, parseRegistry, stakeholdersOfAccounts } from '../../../registry/index.ts';
import { openPglite } from '../../harness/pglite.ts';
import { openConsole, type TestConsole } from './console.ts';
import { inputsIn, send } from './forms.ts';

let database: Database;
beforeAll(async () => {
  database = await openPglite();
});
afterAll(() => database.close());

const HEADER = 'account_id,email,name,roles,opted_out';
const IMPORT = 'registry.import';
const PREVIEW = `/actions/${IMPORT}/preview`;
const formOf = (text: string) => inputsIn(text, `/actions/${IMPORT}`);

async function upload(
  get: TestConsole,
  content: string | Uint8Array,
  name = 'people.csv',
  more: Record<string, string> = {},
) {
  const body = new FormData();
  const fields = { csrf: await get.csrf(), ...more };
  for (const [field, value] of Object.entries(fields)) body.set(field, value);
  body.set('file', new Blob([content]), name);
  return await get(PREVIEW, { method: 'POST', body });
}

async function known(text: string): Promise<void> {
  const { rows } = parseRegistry(text, 'csv');
  await applyImport(database.db, rows, { sourceRef: 'earlier.csv' });
}

const peopleOf = async (account: string) =>
  (await stakeholdersOfAccounts(database.db, [account])).map(({ email, name }) => [email, name]);

describe('an import in the console', () => {
  it('shows every fault with its line and cell, and has nothing to send', async () => {
    const get = await openConsole(database);
    const { status, text } = await upload(get, `${HEADER}\nf-1,no address,Ann,champion,\nf-1,b@f.example,=1+1,x-y,\n`);
    expect(status).toBe(200);
    expect(text).toContain('The file has 3 faults; nothing was imported.');
    const cells = [...text.matchAll(/<th scope="row"[^>]*>(\d+)<\/th><td[^>]*>(\d+)<\/td><td[^>]*><bdi>([^<]+)</g)].map(
      ([, line, column, what]) => [line, column, what?.slice(0, 30)],
    );
    expect(cells).toEqual([
      ['2', '2', 'email: must be an e-mail addre'],
      ['3', '3', 'name: looks like a spreadsheet'],
      ['3', '4', 'roles.0: roles are written wit'],
    ]);
    expect(text).not.toContain(`/actions/${IMPORT}`);
    expect((await upload(get, 'PK', 'people.xlsx')).text).toContain('export the sheet as CSV UTF-8');
    expect((await upload(get, new Uint8Array([0xff, 0xfe, 0x41, 0x00]))).text).toContain('UTF-16');
  });

  it('shows what would change as the command line does, and then changes that', async () => {
    await known(
      `${HEADER}\ni-1,keep@i.example,Kay,champion,\ni-1,chg@i.example,Old Name,billing,\ni-1,gone@i.example,Gus,billing,\ni-1,out@i.example,Otto,billing,yes`,
    );
    const get = await openConsole(database, { now: () => new Date('2026-05-10T12:00:00Z') });
    const file = `${HEADER}\ni-1,keep@i.example,Kay,champion,\ni-1,chg@i.example,New Name,billing;it_security,\ni-1,new@i.example,Nia,project_lead,\ni-1,out@i.example,Otto,billing,`;
    const { text } = await upload(get, file, 'may.csv', { remove_missing: 'yes' });
    expect(text).toContain('1 new person, 1 changed, 1 ended, 2 unchanged; 0 accounts.');
    expect(text).toContain('name: <del><bdi>Old Name</bdi></del> → <ins><bdi>New Name</bdi></ins>');
    expect(text).toContain(
      'roles: <del><bdi>billing contact</bdi></del> → <ins><bdi>IT/security lead, billing contact</bdi></ins>',
    );
    expect(text).toContain('active to: <del><bdi>–</bdi></del> → <ins><bdi>2026-05-09</bdi></ins>');
    expect(text.split('id="kept-heading"')[1]).toContain('out@i.example');
    expect(text).toContain('>Import these 3 changes</button>');
    expect(await peopleOf('i-1')).toHaveLength(4);

    const done = await send(get, IMPORT, formOf(text));
    expect(done.page).toContain('3 changes were imported from may.csv: 1 new, 1 changed, 1 ended, 0 accounts.');
    expect(await peopleOf('i-1')).toContainEqual(['chg@i.example', 'New Name']);
    const [change] = await listStakeholderChanges(database.db, { accountId: 'i-1', email: 'new@i.example', limit: 1 });
    expect(change).toMatchObject({ changed_by: 'olive', source: 'console, import may.csv' });
    const [asked] = await listAudit(database.db, { action: IMPORT, limit: 1 });
    expect(JSON.stringify(asked)).not.toContain('content');
    const again = await upload(get, file, 'may.csv', { remove_missing: 'yes' });
    expect(again.text).toContain('Nothing to import');
  });

  it('shows the difference anew when the registry has changed in between, and writes nothing', async () => {
    await known(`${HEADER}\nm-1,a@m.example,Ann,champion,`);
    const get = await openConsole(database);
    const { text } = await upload(get, `${HEADER}\nm-1,a@m.example,Anna,champion,\nm-1,b@m.example,Bob,billing,`);
    await known(`${HEADER}\nm-1,a@m.example,Annette,champion,`);
    const refused = await send(get, IMPORT, formOf(text));
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('The registry has changed since you looked');
    expect(refused.text).toContain('<del><bdi>Annette</bdi></del> → <ins><bdi>Anna</bdi></ins>');
    expect(await peopleOf('m-1')).toEqual([['a@m.example', 'Annette']]);
    const done = await send(get, IMPORT, formOf(refused.text));
    expect(done.page).toContain('2 changes were imported');
    // What changes in another account is none of its business.
    const other = (await upload(get, `${HEADER}\nm-1,c@m.example,Cy,,`)).text;
    await known(`${HEADER}\nm-2,a@m.example,Ann,champion,`);
    expect((await send(get, IMPORT, formOf(other))).page).toContain('1 change was imported');
  });

  it('takes pasted text, CSV and YAML, with line breaks inside of quotes as they were', async () => {
    const get = await openConsole(database);
    const csv = `account_id,email,opted_out,opted_out_reason\np-1,a@p.example,yes,"two\nlines"`;
    const pasted = await get.post(PREVIEW, { text: csv.replaceAll('\n', '\r\n') });
    expect((await send(get, IMPORT, formOf(pasted.text))).page).toContain('imported from pasted text');
    expect((await stakeholdersOfAccounts(database.db, ['p-1']))[0]?.optedOutReason).toBe('two\nlines');
    const yaml =
      '# people\naccounts:\n  - id: p-2\n    people:\n      - email: y@p.example\n        name: Yé "q" \'a\' <b>\n';
    const preview = await get.post(PREVIEW, { text: yaml });
    await send(get, IMPORT, formOf(preview.text));
    expect(await peopleOf('p-2')).toEqual([['y@p.example', 'Yé "q" \'a\' <b>']]);
    expect((await get.post(PREVIEW, { text: ' ' })).status).toBe(422);
  });

  it('refuses what is too large and what was tampered with', async () => {
    const get = await openConsole(database);
    const large = await upload(get, 'x'.repeat(2_000_001));
    expect(large.status).toBe(413);
    expect(large.text).toContain('kickoff registry import');
    const { gzipSync } = await import('node:zlib');
    const bomb = gzipSync(Buffer.alloc(30_000_000)).toString('base64url');
    const form = { attempt: crypto.randomUUID(), on: 'registry', format: 'csv', file_name: 'x.csv', digest: 'x' };
    for (const content of [bomb, 'not packed', '']) {
      const answer = await send(get, IMPORT, { ...form, attempt: crypto.randomUUID(), content });
      expect(answer.status, content.slice(0, 10)).toBe(409);
    }
    const { text } = await upload(get, `${HEADER}\nt-1,a@t.example,Ann,,`);
    const foreign = await send(get, IMPORT, { ...formOf(text), csrf: 'another session’s' });
    expect(foreign.status).toBe(403);
    expect((await upload(get, `${HEADER}\n`, 'a.csv', { csrf: 'no' })).status).toBe(403);
    const unseen = await send(get, IMPORT, { ...formOf(text), digest: '' });
    expect(unseen.status).toBe(422);
    expect(await peopleOf('t-1')).toEqual([]);
  });

  it('lists a hundred of ten thousand and says how many more', async () => {
    const get = await openConsole(database);
    const lines = Array.from(
      { length: 10_000 },
      (_, index) => `l-${index % 500},p${index}@l.example,Person ${index},champion,`,
    );
    const { text } = await upload(get, [HEADER, ...lines].join('\n'));
    expect(text).toContain('10,000 new people');
    expect(text).toContain('… and 9,900 more.');
    expect(text.match(/@l\.example/g)).toHaveLength(100);
    expect(text.length).toBeLessThan(500_000);
  });
});

describe('an export from the console', () => {
  it('is read back unchanged, of one account or all, and no cell is a formula', async () => {
    const rows = Array.from({ length: 450 }, (_, index) => `e-${index},a@e${index}.example,"Ann, ""A""",champion,`);
    await known(`${HEADER}\n${rows.join('\n')}\ne-1,f@e.example,'=cmd,billing,yes`);
    const get = await openConsole(database, { as: 'viewer' });
    for (const format of ['csv', 'yaml'] as const) {
      const { headers, text } = await get(`/registry/export.${format}`);
      expect(headers.get('content-disposition')).toBe(`attachment; filename="registry.${format}"`);
      const { rows: read, faults } = parseRegistry(text, format);
      expect(faults).toEqual([]);
      const all = await stakeholdersOfAccounts(database.db);
      const byKey = (list: typeof read) =>
        list.map(({ sourceRef: _, ...row }) => JSON.stringify(row, Object.keys(row).sort())).sort();
      expect(byKey(read)).toEqual(byKey(all));
    }
    const one = await get('/registry/export.csv?account=e-1');
    expect(one.headers.get('content-disposition')).toBe('attachment; filename="registry-e-1.csv"');
    expect(one.text).toContain("'=cmd");
    expect(one.text.trim().split('\r\n')).toHaveLength(3);
    expect((await get('/registry/export.yaml?account=nobody%22%0d%0ax')).status).toBe(404);
  });
});
