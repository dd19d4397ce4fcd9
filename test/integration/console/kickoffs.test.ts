import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { recordPhase } from '../../../database/index.ts';
import { eachDatabase } from '../../harness/databases.ts';
import { openConsole, type Page, seedBooked, seedKickoff, seedStep } from './console.ts';

const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`;

/** The deals of the list, in its order. */
function deals({ text }: Page): string[] {
  return [...text.matchAll(/<th scope="row"><a href="\/kickoffs\/([^"]+)"/g)].map(([, id = '']) =>
    decodeURIComponent(id).replace('kickoff:', ''),
  );
}

function linkTo({ text }: Page, label: string): string | undefined {
  return new RegExp(`<a href="([^"]+)"[^>]*>${label}</a>`).exec(text)?.[1]?.replaceAll('&amp;', '&');
}

eachDatabase('the list of kickoffs', (open) => {
  it('says what to do first while there is none, and what a search is when it finds none', async () => {
    const database = await open();
    const get = await openConsole(database);
    const empty = await get('/kickoffs');
    expect(empty.status).toBe(200);
    expect(empty.text).toContain('No deal has closed yet');
    expect(empty.text).toContain('href="/start"');
    const none = await get('/kickoffs?q=nobody');
    expect(none.text).toContain('No kickoff is like that');
    expect(none.text).toContain('value="nobody" maxlength');
    expect(none.text).toContain('href="/kickoffs">Show all kickoffs</a>');
  });

  it('finds by deal, account, person and request, shows what it is narrowed to, and leads back out of it', async () => {
    const database = await open();
    await seedBooked(database, '5012', HOSTILE);
    await seedKickoff(database, '2', { account: 'Hooli', name: 'Stapler rollout' });
    const get = await openConsole(database);
    for (const q of ['5012', 'acme corp', 'ada@acme', 'otto out', 'cy ess', 'mr_5012', '<script>', 'onerror=alert']) {
      expect(deals(await get(`/kickoffs?${new URLSearchParams({ q })}`)), q).toEqual(['5012']);
    }
    const found = await get('/kickoffs?q=stapler&phase=resolving&phase=paused&crm=hubspot');
    expect(deals(found)).toEqual(['2']);
    expect(found.text).toContain('<h2 id="list-title">1 kickoff</h2>');
    expect(found.text).toContain(
      'href="/kickoffs?phase=resolving&amp;phase=paused&amp;crm=hubspot">“<bdi>stapler</bdi>”',
    );
    expect(found.text).toContain('href="/kickoffs?q=stapler&amp;phase=resolving&amp;crm=hubspot">Phase: Paused');
    expect(found.text).toMatch(/<input type="checkbox" id="phase-paused" name="phase" value="paused" checked>/);
    const hostile = await get(`/kickoffs?${new URLSearchParams({ q: HOSTILE, account: HOSTILE, organizer: HOSTILE })}`);
    expect(hostile.status).toBe(200);
    expect(hostile.text).not.toContain('<script>alert');
  });

  it('shows what each needs, failed steps included, and only those that ask for somebody', async () => {
    const database = await open();
    const booked = await seedBooked(database, '1');
    await seedStep(database, booked, 'welcome', 'refused too');
    const waiting = await seedKickoff(database, '2');
    const needs = ['Name an organizer.', 'Name a lead.'];
    await recordPhase(database.db, { workflowId: waiting, revision: 1, phase: 'needs_attention', needs });
    await seedKickoff(database, '3');
    const page = await (await openConsole(database))('/kickoffs?needs=person');
    expect(deals(page).sort()).toEqual(['1', '2']);
    expect(page.text).toContain('Name an organizer. <span class="quiet">and 1 more</span>');
    expect(page.text).toContain('2 failed steps');
    expect(page.text).toContain('href="/kickoffs?organizer=cs%40vendor.example"');
  });

  it('takes days to be those of the viewer, and keeps them in the form', async () => {
    const database = await open();
    await seedKickoff(database, '1');
    await sql`update kickoffs set created_at = '2026-02-10T23:30:00Z'`.execute(database.db);
    const get = await openConsole(database);
    const from = async (query: string) => deals(await get(`/kickoffs?${query}`));
    expect(await from('from=2026-02-10&to=2026-02-10')).toEqual(['1']);
    expect(await from('from=2026-02-11')).toEqual([]);
    expect((await get('/kickoffs?to=2026-02-10')).text).toContain('name="to" value="2026-02-10"');
  });

  it('has pages both ways, keeps the filter in them, and comes back to the first', async () => {
    const database = await open();
    for (let deal = 1; deal <= 120; deal += 1) await seedKickoff(database, `${deal}`);
    await sql`update kickoffs set created_at = now() - deal_id::int / 2 * interval '1 second'`.execute(database.db);
    const get = await openConsole(database);
    const seen: string[][] = [];
    const paths: string[] = [];
    for (let path: string | undefined = '/kickoffs?crm=hubspot'; path !== undefined && paths.length < 9; ) {
      paths.push(path);
      const page = await get(path);
      seen.push(deals(page));
      expect(page.text).toContain('120 kickoffs');
      path = linkTo(page, 'Older');
    }
    expect(seen.map((page) => page.length)).toEqual([50, 50, 20]);
    expect(new Set(seen.flat()).size).toBe(120);
    const middle = await get(linkTo(await get(paths[2] ?? ''), 'Newer') ?? '');
    expect(deals(middle)).toEqual(seen[1]);
    const first = await get(linkTo(middle, 'Newer') ?? '');
    expect(deals(first)).toEqual(seen[0]);
    expect(linkTo(first, 'Newest')).toBe('/kickoffs?crm=hubspot');
  });

  it('offers to do something with all of them to those who may, and never without a filter', async () => {
    const database = await open();
    await seedKickoff(database, '1');
    const get = await openConsole(database);
    expect((await get('/kickoffs')).text).not.toContain('/bulk/');
    expect((await get('/kickoffs?q=1&phase=resolving')).text).toContain(
      'href="/bulk/kickoff.cancel?q=1&amp;phase=resolving"',
    );
    const viewer = await openConsole(database, { as: 'viewer' });
    expect((await viewer('/kickoffs?q=1')).text).not.toContain('/bulk/');
  });

  it('answers an address that cannot be meant with 400 and a page that says so', async () => {
    const get = await openConsole(await open());
    for (const query of ['phase=nonsense', 'before=x', 'q=a&q=b', 'from=2026-02-31', 'needs=robot', 'account=%00']) {
      const page = await get(`/kickoffs?${query}`);
      expect(page.status, query).toBe(400);
      expect(page.text).toContain('<h1>That address leads nowhere</h1>');
    }
  });
});
