import { Client, Connection } from '@temporalio/client';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Database, listStakeholderChanges, plainText } from '../../../database/index.ts';
import { applyImport, parseRegistry, stakeholdersOfAccounts } from '../../../registry/index.ts';
import { emptyTables } from '../../harness/databases.ts';
import { openPglite } from '../../harness/pglite.ts';
import { openConsole, seedBooked, seedKickoff } from './console.ts';
import { act, inputsIn, send } from './forms.ts';

let database: Database;
beforeAll(async () => {
  database = await openPglite();
});
afterAll(() => database.close());

let accounts = 0;
/** An account that no other test has, with people as a file has them. */
async function account(...people: string[]): Promise<string> {
  accounts += 1;
  const id = `acc-${accounts}`;
  const lines = people.map((line) => `${id},${line}`);
  const text = ['account_id,email,name,roles,deal_id,side,opted_out,active_to,kickoff', ...lines].join('\n');
  const { rows, faults } = parseRegistry(text, 'csv');
  expect(faults).toEqual([]);
  await applyImport(database.db, rows, { sourceRef: 'people.csv', by: 'Ines' });
  return id;
}

const on = encodeURIComponent;
const accountPath = (id: string) => `/registry/account?id=${on(id)}`;
const rowsOf = (id: string) => stakeholdersOfAccounts(database.db, [id]);
const changesOf = (accountId: string) => listStakeholderChanges(database.db, { accountId, limit: 50 });

describe('the accounts', () => {
  it('says what to do first when nobody is known', async () => {
    await emptyTables(database);
    const page = await (await openConsole(database))('/registry');
    expect(page.status).toBe(200);
    expect(page.text).toContain('The registry is empty');
    expect(page.text).toContain('href="/registry/import"');
    expect((await (await openConsole(database, { as: 'viewer' }))('/registry')).text).not.toContain('/registry/import');
  });

  it('shows for each who fills a chair and which is empty, and finds those with empty ones', async () => {
    const full = await account(
      'ann@full.example,Ann,champion;executive_sponsor,,,,,',
      'bob@full.example,Bob,it_security;integration_specialist;billing,,,,,',
    );
    const lacking = await account(
      'ann@lack.example,Ann,champion,,,,,',
      'out@lack.example,Otto,billing,,,yes,,',
      'old@lack.example,Olga,executive_sponsor,,,,2020-01-01,',
      'no@lack.example,Nora,it_security,,,,,none',
    );
    const get = await openConsole(database);
    const lineOf = (text: string, id: string) => text.split('<tr>').find((line) => line.includes(`id=${id}"`)) ?? '';
    const all = (await get('/registry')).text;
    expect(lineOf(all, full)).toContain('executive sponsor');
    expect(lineOf(all, full)).not.toContain('chip');
    for (const title of ['executive sponsor', 'IT/security lead', 'integration specialist', 'billing contact']) {
      expect(lineOf(all, lacking)).toContain(`No ${title}`);
    }
    expect(lineOf(all, lacking)).not.toContain('Needed');
    const empty = (await get('/registry?chairs=empty')).text;
    expect(lineOf(empty, lacking)).not.toBe('');
    expect(lineOf(empty, full)).toBe('');
  });

  it('finds accounts and people by any part of id, name and address, in any casing', async () => {
    const id = await account('pat.o+x@find.example,Zoë Üñïcode,champion,,,,,');
    const get = await openConsole(database);
    expect((await get('/registry?q=ZOË')).text).toContain('/registry/person?email=pat.o%2Bx%40find.example');
    expect((await get('/registry?q=O%2Bx%40FIND')).text).toContain('Zoë Üñïcode');
    expect((await get(`/registry?q=${id.toUpperCase()}`)).text).toContain(accountPath(id));
    expect((await get('/registry?q=100%25_nobody')).text).toContain('Nobody’s name or address contains “100%_nobody”.');
  });

  it('pages through accounts in their order, each once', async () => {
    const rows = Array.from({ length: 120 }, (_, index) => `z-${index},a@z${index}.example,champion`);
    const { rows: people } = parseRegistry(`account_id,email,roles\n${rows.join('\n')}`, 'csv');
    await applyImport(database.db, people, { sourceRef: 'z.csv' });
    const get = await openConsole(database);
    const seen: string[] = [];
    for (let path: string | undefined = '/registry?chairs=empty'; path !== undefined; ) {
      const { text }: { text: string } = await get(path);
      seen.push(...[...text.matchAll(/account\?id=(z-\d+)"/g)].map(([, id]) => id ?? ''));
      path = /<a href="([^"]+)" rel="next">/.exec(text)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(seen).toHaveLength(120);
    expect(new Set(seen).size).toBe(120);
  });

  it('answers 400 to an address that cannot be meant, and 404 to what nobody knows', async () => {
    const get = await openConsole(database);
    for (const path of [
      '/registry?chairs=x',
      '/registry?q=a&q=b',
      '/registry/account',
      '/registry/account?id=%00',
      '/registry/person?email=',
    ]) {
      expect((await get(path)).status, path).toBe(400);
    }
    expect((await get('/registry/account?id=nobody')).status).toBe(404);
    expect((await get('/registry/person?email=nobody@example.com')).status).toBe(404);
    expect((await get('/actions/registry.editPerson?on=nobody')).status).toBe(404);
  });
});

describe('one account', () => {
  it('offers to fill each empty chair, and shows its kickoffs, also when the registry knows nobody', async () => {
    await seedKickoff(database, '7001');
    const get = await openConsole(database);
    const { text } = await get(accountPath('acme'));
    expect(text).toContain('<h1><bdi>Acme Corp</bdi></h1>');
    expect(text).toContain('/kickoffs/kickoff%3A7001');
    expect(text).toContain('/actions/registry.addPerson?roles=billing&amp;on=acme');
    const form = (await get('/actions/registry.addPerson?roles=billing&on=acme')).text;
    expect(form).toMatch(/value="billing" checked/);
  });

  it('fills a deal’s chair from the account’s people and the deal’s own', async () => {
    const id = await account('a@d.example,Ann,champion,,,,,', 'b@d.example,Bob,billing,d1,,,,');
    const { text } = await (await openConsole(database))(accountPath(id));
    const chairs = (label: string) => text.split(`aria-label="Chairs: ${label}"`)[1]?.split('</table>')[0] ?? '';
    expect(chairs('Every deal')).toContain('No billing contact');
    expect(chairs('Deal d1')).not.toContain('No billing contact');
    expect(chairs('Deal d1')).toContain('Ann');
  });

  it('shows a viewer everything and no button', async () => {
    const id = await account('a@v.example,Ann,champion,,,,,');
    const get = await openConsole(database, { as: 'viewer' });
    const { text } = await get(accountPath(id));
    expect(text).toContain('Ann');
    expect(text).not.toContain('/actions/');
    const answer = await get.post('/actions/registry.addPerson', { on: id, email: 'x@v.example' });
    expect(answer.status).toBe(403);
    expect((await get.post('/actions/registry.import/preview', { text: 'account_id,email' })).status).toBe(403);
    expect(await rowsOf(id)).toHaveLength(1);
  });

  it('keeps hostile names as names', async () => {
    const name = `<script>alert("1")</script>'&`;
    const id = `x<b>"'&/é#?%`;
    await applyImport(
      database.db,
      [
        {
          accountId: id,
          email: `o'x+y@q.example`,
          name,
          side: 'customer',
          roles: ['champion'],
          attendance: {},
          optedOut: false,
          source: 'manual',
        },
      ],
      { sourceRef: '<i>.csv' },
    );
    const get = await openConsole(database);
    for (const path of ['/registry', accountPath(id), `/registry/person?email=${on("o'x+y@q.example")}`]) {
      const { status, text } = await get(path);
      expect(status, path).toBe(200);
      expect(text).not.toContain('<script>alert');
      expect(text).not.toContain('<b>"');
      expect(text).not.toContain('<i>.csv');
    }
    const edited = await act(get, 'registry.editPerson', `o'x+y@q.example of ${encodeURIComponent(id)}`, {
      name: '"&<',
    });
    expect(edited.page).toContain('&quot;&amp;&lt; was changed.');
    expect((await rowsOf(id))[0]?.name).toBe('"&<');
  });

  it('pages through its people and its changes', async () => {
    const id = await account(...Array.from({ length: 130 }, (_, index) => `p${index}@many.example,,,,,,,`));
    const get = await openConsole(database);
    const first = (await get(accountPath(id))).text;
    const links = [...first.matchAll(/<a href="([^"]+)" rel="next">/g)].map(([, path]) =>
      path?.replaceAll('&amp;', '&'),
    );
    expect(links).toHaveLength(2);
    const peopleIn = (text: string) =>
      new Set([...text.matchAll(/person\?email=(p\d+)%40many/g)].map(([, email]) => email));
    const people = (text: string) => peopleIn(text.split('id="people"')[1]?.split('</section>')[0] ?? '');
    const second = (await get(links[0] ?? '')).text;
    expect(people(first).size).toBe(100);
    expect(people(second).size).toBe(30);
    expect([...people(second)].filter((email) => people(first).has(email))).toEqual([]);
    const changes = (text: string) => peopleIn(text.split('id="history"')[1] ?? '');
    const earlier = (await get(links[1] ?? '')).text;
    expect(changes(first).size).toBe(20);
    expect([...changes(earlier)].filter((email) => changes(first).has(email))).toEqual([]);
  });
});

describe('somebody of the registry', () => {
  it('is added by hand, for every deal or one, and the history says by whom', async () => {
    const id = await account('a@add.example,Ann,champion,,,,,');
    const get = await openConsole(database);
    const added = await act(get, 'registry.addPerson', id, {
      email: ' Pat@Add.Example ',
      name: 'Pat Kumar',
      roles: 'billing',
      other_roles: 'steering_board',
      timezone: 'Asia/Kolkata',
      go_live: 'none',
      active_to: '2099-01-31',
      workstreams: 'main, data-migration',
      verified_at: '2026-02-03',
    });
    expect(added.page).toContain('Pat Kumar was added.');
    const row = (await rowsOf(id)).find(({ email }) => email === 'pat@add.example');
    expect(row).toMatchObject({
      name: 'Pat Kumar',
      roles: ['billing', 'steering_board'],
      timezone: 'Asia/Kolkata',
      timezoneSource: 'person',
      attendance: { go_live: 'none' },
      activeTo: '2099-01-31',
      workstreams: ['data-migration', 'main'],
      source: 'manual',
      verifiedAt: '2026-02-03T00:00:00.000Z',
    });
    const [change] = await changesOf(id);
    expect(change).toMatchObject({ change: 'added', changed_by: 'olive', source: 'console', email: 'pat@add.example' });

    const again = await act(get, 'registry.addPerson', id, { email: 'pat@add.example' });
    expect(again.status).toBe(422);
    expect(again.text).toContain('They are there already');
    expect(again.text).toContain('change that entry</a>');
    await act(get, 'registry.addPerson', id, { email: 'pat@add.example', deal_id: 'd 9/ü' });
    expect((await rowsOf(id)).map(({ dealId }) => dealId)).toEqual([undefined, undefined, 'd 9/ü']);
  });

  it('is checked as an import checks a file, each fault beside its field, and what was typed stays', async () => {
    const id = await account('a@chk.example,Ann,champion,,,,,');
    const get = await openConsole(database);
    const wrong = await act(get, 'registry.addPerson', id, {
      email: 'no address',
      name: 'N'.repeat(201),
      other_roles: 'Not-A-Role',
      timezone: 'Mars/Base',
      active_from: '2026-03-01',
      active_to: '2026-02-01',
      side: 'stranger',
    });
    expect(wrong.status).toBe(422);
    const faults = new Map(
      [...wrong.text.matchAll(/id="fault-([\w]+)">([^<]+)</g)].map(([, field, text]) => [field, text]),
    );
    expect(Object.fromEntries(faults)).toEqual({
      email: 'E-mail: must be an e-mail address.',
      name: 'name: must not be longer than 200 characters.',
      other_roles: 'Roles: roles are written with letters and _, like executive_sponsor.',
      timezone: 'Time zone: must be an IANA time zone like America/New_York.',
      side: expect.stringContaining('side:'),
    });
    expect(wrong.text).toContain('value="Mars/Base"');
    const order = await act(get, 'registry.addPerson', id, {
      email: 'b@chk.example',
      active_from: '2026-03-01',
      active_to: '2026-02-01',
    });
    expect(order.text).toContain('Last day: must not be before the first day.');
    expect(await rowsOf(id)).toHaveLength(1);
  });

  it('is changed, and keeps what the form does not ask for', async () => {
    const id = await account('o@chg.example,Otto,champion;own_role,,,yes,,optional');
    const get = await openConsole(database);
    const target = `o@chg.example of ${id}`;
    expect(
      (await act(get, 'registry.editPerson', target, { roles: 'champion', other_roles: 'own_role' })).page,
    ).toContain('Otto was changed');
    expect((await rowsOf(id))[0]).toMatchObject({
      optedOut: true,
      attendance: { kickoff: 'optional' },
      source: 'manual',
      roles: ['champion', 'own_role'],
    });
    const same = await act(get, 'registry.editPerson', target, { roles: 'champion', other_roles: 'own_role' });
    expect(same.page).toContain('Nothing was different.');
    const { text } = await get(`/registry/person?email=o%40chg.example`);
    expect(text).toContain('<del><bdi>import</bdi></del> → <ins><bdi>manual</bdi></ins>');
  });

  it('is not changed over what somebody else has written meanwhile: both are shown', async () => {
    const id = await account('c@con.example,Carl,champion,,,,,');
    const get = await openConsole(database);
    const target = `c@con.example of ${id}`;
    const stale = inputsIn(
      (await get(`/actions/registry.editPerson?on=${on(target)}`)).text,
      '/actions/registry.editPerson',
    );
    await act(get, 'registry.editPerson', target, { name: 'Carla', roles: 'champion' });
    const refused = await send(get, 'registry.editPerson', { ...stale, name: 'Karl', roles: 'champion' });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('Changed meanwhile');
    expect(refused.text).toMatch(/<bdi>Carl<\/bdi><\/td><td[^>]*><bdi>Carla<\/bdi>/);
    expect(refused.text).toContain('value="Karl"');
    expect((await rowsOf(id))[0]?.name).toBe('Carla');
    const again = await send(get, 'registry.editPerson', {
      ...inputsIn(refused.text, '/actions/registry.editPerson'),
      roles: 'champion',
    });
    expect(again.page).toContain('Karl was changed');
    const tampered = await send(get, 'registry.editPerson', { ...stale, attempt: crypto.randomUUID(), seen: '{' });
    expect(tampered.status).toBeLessThan(500);
    expect((await rowsOf(id))[0]?.name).toBe('Karl');
  });

  it('is ended with a last day, never deleted', async () => {
    const id = await account('e@end.example,Eve,billing,,,,,');
    const get = await openConsole(database, { now: () => new Date('2026-05-10T12:00:00Z') });
    const ended = await act(get, 'registry.endPerson', `e@end.example of ${id}`);
    expect(ended.page).toContain('Eve counts until 2026-05-09.');
    expect(ended.page).toContain('Ended');
    expect((await changesOf(id))[0]).toMatchObject({ change: 'ended', after: { activeTo: '2026-05-09' } });
    const wrong = await act(get, 'registry.endPerson', `e@end.example of ${id}`, { last_day: '31.12.2026' });
    expect(wrong.text).toContain('must be a date like');
  });

  it('is opted out of an account and in again, with a reason that is kept', async () => {
    const id = await account('f@opt.example,Fay,billing,,,,,', 'f@opt.example,Fay,billing,d1,,,,');
    const get = await openConsole(database);
    const target = `f@opt.example of ${id}, deal d1`;
    expect((await act(get, 'registry.optOut', target)).status).toBe(422);
    const out = await act(get, 'registry.optOut', target, { reason: 'asked us to' });
    expect(out.page).toContain('f@opt.example is opted out.');
    expect((await rowsOf(id)).map(({ optedOut, optedOutReason }) => [optedOut, optedOutReason])).toEqual([
      [true, 'asked us to'],
      [true, 'asked us to'],
    ]);
    expect((await get(`/actions/registry.optOut?on=${on(target)}`)).text).toContain('opted out already');
    await act(get, 'registry.optIn', target, { reason: 'asked us back' });
    expect((await rowsOf(id)).some(({ optedOut }) => optedOut)).toBe(false);
  });

  it('has a page with every account, kickoff and change; the address can be opted out everywhere', async () => {
    await seedBooked(database, '7100');
    const id = await account('ada@acme.example,Ada L,champion,,,,,');
    const get = await openConsole(database);
    const path = '/registry/person?email=ADA%40acme.example';
    const { text } = await get(path);
    expect(text).toContain(accountPath(id));
    expect(text).toContain('/kickoffs/kickoff%3A7100');
    const out = await act(get, 'registry.optOutEverywhere', 'ada@acme.example', { reason: 'never again' });
    expect(out.page).toContain('Never written to');
    expect(out.page).toContain('never again');
    expect((await get(accountPath(id))).text).toContain('Opted out everywhere');
    const back = await act(get, 'registry.optInEverywhere', 'ada@acme.example', { reason: 'called us' });
    expect(back.page).toContain('May be written to');
    expect((await get('/registry/person?email=cs%40vendor.example')).text).toContain('/kickoffs/kickoff%3A7100');
  });

  it('is added even when Temporal cannot be reached, and the answer says that nobody was told', async () => {
    await seedKickoff(database, '7200');
    await sql`update kickoffs set started_at = now(), account_id = 'down' where deal_id = '7200'`.execute(database.db);
    const get = await openConsole(database);
    const added = await act(get, 'registry.addPerson', 'down', { email: 'x@down.example' });
    expect(added.page).toContain('x@down.example was added. Temporal cannot be reached');
    expect(await rowsOf('down')).toHaveLength(1);
  });
});

describe('the kickoffs that a change is about', () => {
  it('look again, those without a booking alone, and the answer says how many', async () => {
    for (const deal of ['7301', '7302', '7303']) await seedKickoff(database, deal);
    await sql`update kickoffs set started_at = now(), account_id = 'woken' where deal_id in ('7301', '7302', '7303')`.execute(
      database.db,
    );
    await sql`update kickoffs set phase = 'booked' where deal_id = '7303'`.execute(database.db);
    const told: string[] = [];
    const client = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) });
    const getHandle = client.workflow.getHandle.bind(client.workflow);
    vi.spyOn(client.workflow, 'getHandle').mockImplementation((workflowId: string) => {
      const handle = getHandle(workflowId);
      vi.spyOn(handle, 'signal').mockImplementation(async () => void told.push(workflowId));
      return handle;
    });
    const get = await openConsole(database, { client });
    const added = await act(get, 'registry.addPerson', 'woken', { email: 'pat@w.example', name: 'Pat Kumar' });
    expect(added.page).toContain('Pat Kumar was added; 2 kickoffs look again.');
    expect(told.sort()).toEqual(['kickoff:7301', 'kickoff:7302']);
  });
});

describe('an account itself', () => {
  it('is added and edited, checked as an import does', async () => {
    const get = await openConsole(database);
    const wrong = await act(get, 'registry.addAccount', 'registry', { account_id: 'new-1', account_country: 'UK' });
    expect(wrong.text).toContain('Country: must be a country of ISO 3166');
    const added = await act(get, 'registry.addAccount', 'registry', {
      account_id: 'new-1',
      account_name: 'New One',
      account_country: 'de',
    });
    expect(added.page).toContain('Account New One was added.');
    expect(added.page).toContain('<h1><bdi>New One</bdi></h1>');
    expect((await act(get, 'registry.addAccount', 'registry', { account_id: 'new-1' })).text).toContain(
      'such an account already',
    );
    const stale = inputsIn((await get('/actions/registry.editAccount?on=new-1')).text, '/actions/registry.editAccount');
    expect(stale.account_country).toBe('DE');
    await act(get, 'registry.editAccount', 'new-1', { account_timezone: 'Europe/Berlin' });
    const refused = await send(get, 'registry.editAccount', { ...stale, account_name: 'Old' });
    expect(refused.text).toContain('Changed meanwhile');
    expect((await changesOf('new-1'))[0]).toMatchObject({
      email: '',
      after: { timezone: 'Europe/Berlin' },
      changed_by: 'olive',
    });
    expect(plainText((await get('/registry?q=new one')).text, 1e6)).toContain('New One');
  });
});
