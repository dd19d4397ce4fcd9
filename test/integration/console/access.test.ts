import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hashPassword, newSignInLink } from '../../../console/index.ts';
import { REFRESH_HEADER } from '../../../console/live/protocol.ts';
import {
  addConsoleAccount,
  changeConsoleAccount,
  type Database,
  endConsoleSessions,
  listAudit,
} from '../../../database/index.ts';
import { openPglite } from '../../harness/pglite.ts';
import { Browser, type Visited } from './browser.ts';
import { ACCOUNTS, CHEAP_COST, cookiesOf, csrfIn, openConsole, PASSWORD, type TestConsoleOptions } from './console.ts';

const HOUR = 3_600_000;
const HOSTILE = `"><script>alert(1)</script>`;

let database: Database;
beforeAll(async () => {
  database = await openPglite();
});
afterAll(async () => {
  await database.close();
});
beforeEach(async () => {
  for (const table of ['console_accounts', 'console_sessions', 'console_links'] as const) {
    await database.db.deleteFrom(table).execute();
  }
});

async function addAccount(name = 'ada', role: 'operator' | 'viewer' = 'operator'): Promise<void> {
  await addConsoleAccount(database.db, { name, role, passwordHash: await hashPassword(PASSWORD, CHEAP_COST) });
}

/** The console with nobody signed in, and a browser in front of it. */
async function front(options: TestConsoleOptions = {}) {
  const { url } = await openConsole(database, { as: 'nobody', ...options });
  const browser = new Browser();
  const signIn = async (fields: Record<string, string> = {}, to = '') =>
    await browser.submit(await browser.ask(`${url}/sign-in${to}`), '/sign-in', {
      name: 'ada',
      password: PASSWORD,
      ...fields,
    });
  return { url, browser, signIn };
}

function clock(start = '2026-02-10T09:00:00Z') {
  const time = { at: new Date(start).getTime() };
  return { pass: (ms: number) => (time.at += ms), now: () => new Date(time.at) };
}

const isSignedIn = async (browser: Browser, url: string) => (await browser.ask(`${url}/`)).status === 200;
const sessions = async () => await database.db.selectFrom('console_sessions').selectAll().execute();

describe('who is not signed in', () => {
  it('is led to the sign-in from every page, and back afterwards', async () => {
    await addAccount();
    const { url, browser } = await front();
    const wanted = '/inbox?status=dead&q=a%26b';
    const page = await browser.go(`${url}${wanted}`);
    expect(page.url).toBe(`${url}/sign-in?to=${encodeURIComponent(wanted)}`);
    expect(page.status).toBe(200);
    const answer = await browser.submit(page, '/sign-in', { name: ' ADA ', password: PASSWORD });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, wanted]);
    expect((await browser.go(`${url}${wanted}`)).text).toContain('Signed in as <bdi>ada</bdi>, operator.');
  });

  it.each(['/', '/kickoffs/x', '/inbox', '/leads', '/registry', '/audit', '/start', '/backfills'])(
    'sees nothing of %s',
    async (path) => {
      const { url, browser } = await front();
      const { status, text, headers } = await browser.ask(`${url}${path}`);
      expect([status, text]).toEqual([303, '']);
      expect(headers.get('location')).toBe(path === '/' ? '/sign-in' : `/sign-in?to=${encodeURIComponent(path)}`);
    },
  );

  it('is signed out by signing out, and gets 401 for the stream of changes', async () => {
    const { url, browser } = await front();
    const posted = await browser.ask(`${url}/sign-out`, { method: 'POST' });
    expect(posted.headers.get('location')).toBe('/signed-out');
    expect((await browser.ask(`${url}/live?topics=inbox`)).status).toBe(401);
    expect((await browser.ask(`${url}/inbox`, { headers: { [REFRESH_HEADER]: '1' } })).status).toBe(401);
  });

  it('still gets the stylesheet, the health and the receivers’ answers as ever', async () => {
    const { url, browser } = await front();
    expect((await browser.ask(`${url}/console/style.css`)).status).toBe(200);
    expect((await browser.ask(`${url}/healthz`)).status).toBe(200);
    expect((await browser.ask(`${url}/webhooks/skipup`, { method: 'POST', body: '{}' })).status).toBe(401);
    expect((await browser.ask(`${url}/nothing`)).status).toBe(404);
  });

  it('is told how the first account is made, by the command', async () => {
    const { url, browser } = await front();
    const { text } = await browser.ask(`${url}/sign-in`);
    expect(text).toContain('<code>kickoff console users add &lt;name&gt; --role operator</code>');
    expect(text).not.toContain('type="password"');
  });
});

describe('a local account', () => {
  it('lets nobody in with what is wrong, and says the same whatever it is', async () => {
    await addAccount();
    await addAccount('gone');
    await changeConsoleAccount(database.db, 'gone', { isDisabled: true });
    const { url, browser, signIn } = await front();
    for (const fields of [
      { password: 'wrong horse battery' },
      { password: '' },
      { name: 'nobody' },
      { name: '' },
      { name: 'gone' },
      { name: 'ad a' },
      { name: "ada' or 1=1 --" },
      { name: 'ada\0' },
      { name: HOSTILE },
    ]) {
      const { status, text, headers } = await signIn(fields);
      expect(status, JSON.stringify(fields)).toBe(401);
      expect(text).toContain('That name and password do not go together, or the account is disabled.');
      expect(text).not.toContain('<script>alert');
      expect(text).not.toContain(PASSWORD);
      expect(cookiesOf(headers)).not.toContain('session');
    }
    expect(await isSignedIn(browser, url)).toBe(false);
    expect(await sessions()).toEqual([]);
  });

  it('gets a stronger hash at the next sign-in when it has an older one, and stays signed in', async () => {
    await addAccount();
    const { url, browser, signIn } = await front({ access: { passwordCost: { n: 4, r: 1, p: 1 } } });
    expect((await signIn()).status).toBe(303);
    const account = await database.db.selectFrom('console_accounts').selectAll().executeTakeFirstOrThrow();
    expect(account.password_hash).toMatch(/^scrypt\$n=4,r=1,p=1\$/);
    expect(await isSignedIn(browser, url)).toBe(true);
  });

  it.each([
    ['another password', { passwordHash: 'scrypt$n=2,r=1,p=1$AA$AA' }],
    ['another role', { role: 'viewer' }],
    ['being disabled', { isDisabled: true }],
  ] as const)('is signed out everywhere by %s', async (_what, change) => {
    await addAccount();
    const { url, browser, signIn } = await front();
    await signIn();
    expect(await isSignedIn(browser, url)).toBe(true);
    expect(await changeConsoleAccount(database.db, 'ada', change)).toBe(1);
    expect(await isSignedIn(browser, url)).toBe(false);
  });

  it('may do what its role lets it at this moment, whatever it was when it signed in', async () => {
    const get = await openConsole(database);
    expect((await get('/')).text).toContain('<bdi>olive</bdi>, operator');
    await database.db.updateTable('console_accounts').set({ role: 'viewer' }).execute();
    expect((await get('/')).text).toContain('<bdi>olive</bdi>, viewer');
    await database.db.deleteFrom('console_accounts').execute();
    expect((await get('/', { redirect: 'manual' })).status).toBe(303);
  });

  it('may be tried only so often by name, from however many addresses and whether there is one or not', async () => {
    await addAccount();
    const time = clock();
    const limits = { byName: 2, windowMs: 60_000 };
    const { signIn } = await front({ now: time.now, access: { limits } });
    for (const name of ['ada', 'nobody']) {
      for (const _ of [1, 2]) expect((await signIn({ name, password: 'wrong horse battery' })).status).toBe(401);
      const refused = await signIn({ name: name.toUpperCase() });
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
      expect(refused.text).toContain('Try again in a minute.');
    }
    time.pass(60_000);
    expect((await signIn()).status).toBe(303);
  });

  it('may be tried only so often from one address', async () => {
    const { url, browser, signIn } = await front({ access: { limits: { byAddress: 3 } } });
    await addAccount();
    for (const name of ['ada', 'bo', 'cy']) expect((await signIn({ name, password: 'no' })).status).toBe(401);
    const refused = await signIn();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.text).toContain('<h1>Not so fast</h1>');
    expect((await browser.ask(`${url}/sign-in`)).status).toBe(200);
  });
});

describe('the audit log', () => {
  it('has who came in and went, and who was refused under a name that there is', async () => {
    await addAccount();
    const { url, browser, signIn } = await front();
    const last = (await listAudit(database.db, { limit: 1 }))[0]?.id ?? 0;
    await signIn({ name: 'nobody' });
    await signIn({ password: 'wrong horse battery' });
    await signIn();
    await browser.submit(await browser.ask(`${url}/`), '/sign-out');
    const log = (await listAudit(database.db, { limit: 50 })).filter(({ id }) => id > last).reverse();
    expect(log.map(({ subject, action, outcome, answer }) => [subject, action, outcome, answer])).toEqual([
      ['account:ada', 'console.sign-in', 'refused', 'Refused: a wrong password.'],
      ['account:ada', 'console.sign-in', 'done', 'Signed in by a password.'],
      ['account:ada', 'console.sign-out', 'done', 'Signed out.'],
    ]);
    expect(JSON.stringify(log)).not.toContain('horse');
  });
});

describe('a session', () => {
  it('is a cookie that script cannot read, of this host alone, and only over TLS where there is TLS', async () => {
    await addAccount();
    const plain = await front();
    const [cookie] = (await plain.signIn()).headers.getSetCookie();
    expect(cookie).toMatch(/^kickoff_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/);
    const behindTls = await front({ access: { secureCookies: true } });
    const cookies = (await behindTls.signIn()).headers.getSetCookie();
    expect(cookies[0]).toMatch(
      /^__Host-kickoff_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(cookies[1]).toMatch(/^__Host-kickoff_browser=; .*Secure/);
  });

  it('is kept as a digest: who reads the database cannot come in with it', async () => {
    await addAccount();
    const { url, browser, signIn } = await front();
    await signIn();
    const token = browser.cookie(url, 'kickoff_session') ?? '';
    const [row] = await sessions();
    expect(JSON.stringify(row)).not.toContain(token);
    browser.setCookie(url, 'kickoff_session', row?.token_digest ?? '');
    expect(await isSignedIn(browser, url)).toBe(false);
  });

  it('has a token of its own each time, never one that the browser came with, and ends the one before', async () => {
    await addAccount();
    const { url, browser, signIn } = await front();
    const planted = 'A'.repeat(43);
    browser.setCookie(url, 'kickoff_session', planted);
    await signIn();
    const first = browser.cookie(url, 'kickoff_session') ?? '';
    expect(first).not.toBe(planted);
    const other = new Browser();
    other.setCookie(url, 'kickoff_session', first);
    const page = await new Browser().ask(`${url}/sign-in`);
    const answer = await fetch(`${url}/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: `${cookiesOf(page.headers)}; kickoff_session=${first}` },
      body: new URLSearchParams({ csrf: csrfIn(page.text) ?? '', name: 'ada', password: PASSWORD }),
    });
    expect(answer.status).toBe(303);
    expect(cookiesOf(answer.headers)).not.toContain(first);
    expect(await isSignedIn(other, url)).toBe(false);
  });

  it('ends when it is old, used or not, and when nobody has used it for a while', async () => {
    await addAccount();
    const time = clock();
    const { url, browser, signIn } = await front({ now: time.now, access: { sessionHours: 3, idleHours: 1 } });
    await signIn();
    for (const _ of [1, 2, 3]) {
      time.pass(0.9 * HOUR);
      expect(await isSignedIn(browser, url)).toBe(true);
    }
    time.pass(0.4 * HOUR);
    expect(await isSignedIn(browser, url)).toBe(false);
    await signIn();
    expect(await sessions()).toHaveLength(1);
    time.pass(1.1 * HOUR);
    expect(await isSignedIn(browser, url)).toBe(false);
    expect((await browser.ask(`${url}/sign-in`)).text).toContain('Your session has ended.');
  });

  it('is noted as used once a minute at most, and not by what watches for changes', async () => {
    await addAccount();
    const time = clock();
    const { url, browser, signIn } = await front({ now: time.now });
    const seen = async () => (await sessions())[0]?.seen_at.toISOString();
    await signIn();
    time.pass(50_000);
    await browser.ask(`${url}/`);
    expect(await seen()).toBe('2026-02-10T09:00:00.000Z');
    time.pass(50_000);
    await browser.ask(`${url}/inbox`, { headers: { [REFRESH_HEADER]: '1' } });
    expect(await seen()).toBe('2026-02-10T09:00:00.000Z');
    await browser.ask(`${url}/`);
    expect(await seen()).toBe('2026-02-10T09:01:40.000Z');
  });

  it('is ended on the server by signing out: its cookie is worth nothing to whoever has kept it', async () => {
    const get = await openConsole(database);
    const out = await get.post('/sign-out');
    expect([out.status, out.headers.get('location')]).toEqual([303, '/signed-out']);
    expect(out.headers.getSetCookie()[0]).toMatch(/^kickoff_session=; /);
    expect((await get('/', { redirect: 'manual' })).status).toBe(303);
    expect((await get('/signed-out')).text).toContain('<h1>You are signed out</h1>');
  });

  it('can be ended by whoever runs the server', async () => {
    const get = await openConsole(database);
    expect(await endConsoleSessions(database.db, { name: ACCOUNTS.operator })).toBe(1);
    expect(await endConsoleSessions(database.db, 'everybody')).toBe(0);
    expect((await get('/', { redirect: 'manual' })).status).toBe(303);
  });

  it.each(['', 'x', 'A'.repeat(43), `${'A'.repeat(43)}; x`, "' or 1=1 --", 'Ω'.repeat(43), 'A'.repeat(8_000)])(
    'is none for a cookie that was made up: %j',
    async (value) => {
      const { url } = await openConsole(database, { as: 'nobody' });
      const cookie = `kickoff_session=${encodeURIComponent(value)}`;
      const { status } = await fetch(`${url}/`, { headers: { cookie }, redirect: 'manual' });
      expect(status).toBe(303);
    },
  );

  it('says what may be done: a viewer looks, an operator acts, nobody while the console is read-only', async () => {
    const seen = async (options: TestConsoleOptions) => (await (await openConsole(database, options))('/')).text;
    expect(await seen({})).toContain('href="/start"');
    expect(await seen({ as: 'viewer' })).not.toContain('href="/start"');
    const readOnly = await seen({ access: { readOnly: true } });
    expect(readOnly).not.toContain('href="/start"');
    expect(readOnly).toContain('switched to read-only');
  });

  it('has the zone that the browser has told, when there is such a one', async () => {
    const get = await openConsole(database);
    const zone = async (value: string) => {
      const { text } = await get('/', {
        headers: { cookie: `${get.cookie}; kickoff_zone=${encodeURIComponent(value)}` },
      });
      return /Times are in ([^<]+?)\. </.exec(text)?.[1];
    };
    expect(await zone('Europe/Berlin')).toBe('Europe/Berlin');
    expect(await zone('=Asia/Tokyo')).toBe('Asia/Tokyo');
    for (const wrong of ['Mars/Base', HOSTILE, '', 'x'.repeat(5_000)]) expect(await zone(wrong)).toBe('UTC');
  });
});

describe('a form', () => {
  it('is refused without the session’s token, with another’s, and with one that is no text', async () => {
    const [olive, vera] = [await openConsole(database), await openConsole(database, { as: 'viewer' })];
    const bodies = {
      none: '',
      empty: 'csrf=',
      wrong: `csrf=${'A'.repeat(43)}`,
      foreign: `csrf=${await vera.csrf()}`,
      twice: `csrf=${await olive.csrf()}&csrf=x`,
      nested: `csrf[value]=${await olive.csrf()}`,
    };
    for (const [what, body] of Object.entries(bodies)) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const page = await olive('/sign-out', { method: 'POST', redirect: 'manual', body, headers });
      expect(page.status, what).toBe(403);
      expect(page.text, what).toContain('Nothing was done.');
    }
    expect((await olive('/', { redirect: 'manual' })).status).toBe(200);
  });

  it('may carry the token in a header, as script does', async () => {
    const get = await openConsole(database);
    const headers = { 'x-csrf-token': await get.csrf() };
    expect((await get('/sign-out', { method: 'POST', redirect: 'manual', headers })).status).toBe(303);
  });

  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'odd' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1.evil.example' },
  ])('is refused when another site has sent it, even with the token: %j', async (headers) => {
    const get = await openConsole(database);
    const page = await get.post('/sign-out', {}, { headers });
    expect(page.status).toBe(403);
    expect(page.text).toContain('Another site had your browser send this. Nothing was done.');
    expect((await get('/', { redirect: 'manual' })).status).toBe(200);
  });

  it('is taken from our own pages, also behind a proxy that changes the host', async () => {
    const get = await openConsole(database, { access: { publicUrl: 'https://kickoff.example' } });
    const own = { origin: 'https://kickoff.example' };
    expect((await get.post('/sign-out', {}, { headers: own })).status).toBe(303);
    const again = await openConsole(database);
    expect((await again.post('/sign-out', {}, { headers: { origin: again.url } })).status).toBe(303);
  });

  it('is not read beyond its limit', async () => {
    const get = await openConsole(database);
    expect((await get.post('/sign-out', { more: 'x'.repeat(70_000) })).status).toBe(413);
  });
});

describe('the sign-in form', () => {
  it('is refused from a browser that was not given it, so that nobody is signed in under another’s name', async () => {
    await addAccount();
    const { url } = await openConsole(database, { as: 'nobody' });
    const mine = new Browser();
    const page = await mine.ask(`${url}/sign-in`);
    const fields = { name: 'ada', password: PASSWORD };
    const refused = await new Browser().submit(page, '/sign-in', fields);
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('did not send this page’s cookie');
    const victim = new Browser();
    await victim.ask(`${url}/sign-in`);
    expect((await victim.submit(page, '/sign-in', fields)).status).toBe(403);
    expect((await mine.submit(page, '/sign-in', { ...fields, csrf: '' })).status).toBe(403);
    expect(await sessions()).toEqual([]);
    expect((await mine.submit(page, '/sign-in', fields)).status).toBe(303);
  });

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', '/.//evil.example', '/%2fevil.example'])(
    'leads nowhere but into the console: not to %s',
    async (to) => {
      await addAccount();
      const [byAddress, byField] = [await front(), await front()];
      expect((await byAddress.signIn({}, `?to=${encodeURIComponent(to)}`)).headers.get('location')).toBe('/');
      expect((await byField.signIn({ to })).headers.get('location')).toBe('/');
    },
  );

  it('is not shown to who is signed in already', async () => {
    const get = await openConsole(database);
    const page = await get('/sign-in?to=%2Finbox', { redirect: 'manual' });
    expect([page.status, page.headers.get('location')]).toEqual([303, '/inbox']);
  });

  it('has labels, one heading, and nothing that runs', async () => {
    await addAccount();
    const { signIn } = await front();
    const { text, headers } = await signIn({ name: HOSTILE, password: 'x' });
    expect(text.match(/<h1/g)).toHaveLength(1);
    for (const id of ['name', 'password']) {
      expect(text).toContain(`<label for="${id}">`);
      expect(text).toMatch(new RegExp(`<input id="${id}"[^>]*aria-describedby="fault"`));
    }
    expect(text).toContain('role="alert" id="fault"');
    expect(text).toContain('&quot;&gt;&lt;script&gt;');
    expect(headers.get('content-security-policy')).toContain("form-action 'self'");
    expect(headers.get('referrer-policy')).toBe('same-origin');
  });
});

describe('a one-time link', () => {
  const publicUrl = 'http://console.test';
  const linked = async (options: TestConsoleOptions = {}, role: 'operator' | 'viewer' = 'viewer', now = new Date()) => {
    const { url } = await openConsole(database, { as: 'nobody', ...options });
    const { url: link } = await newSignInLink(database.db, { name: 'grace', role, publicUrl, now });
    const browser = new Browser({ 'console.test': url });
    return { url, link, browser, press: (page: Visited, who = browser) => who.submit(page, '/sign-in/link') };
  };

  it('signs in once, by its button', async () => {
    const { link, browser, press } = await linked();
    const page = await browser.ask(link);
    expect(page.text).toContain('<bdi>grace</bdi>, viewer');
    const answer = await press(page);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
    expect((await browser.ask(`${publicUrl}/`)).text).toContain('<bdi>grace</bdi>, viewer');
    const again = await press(page);
    expect(again.status).toBe(403);
    expect((await browser.ask(link)).status).toBe(410);
    expect(await sessions()).toHaveLength(1);
  });

  it('is not used up by being looked at', async () => {
    const { link, browser, press } = await linked();
    for (const method of ['GET', 'HEAD', 'GET']) expect((await browser.ask(link, { method })).status).toBe(200);
    expect((await press(await browser.ask(link))).status).toBe(303);
  });

  it('signs in one of two who press its button at one time', async () => {
    const { url, link, press } = await linked();
    const browsers = [1, 2].map(() => new Browser({ 'console.test': url }));
    const pages = await Promise.all(browsers.map(async (each) => ({ each, page: await each.ask(link) })));
    const answers = await Promise.all(pages.map(({ each, page }) => press(page, each)));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 410]);
    expect(await sessions()).toHaveLength(1);
  });

  it('is over after a quarter of an hour, and nothing but itself is one', async () => {
    const time = clock();
    const { link, browser } = await linked({ now: time.now }, 'operator', time.now());
    time.pass(14 * 60_000);
    expect((await browser.ask(link)).status).toBe(200);
    time.pass(60_000);
    expect((await browser.ask(link)).status).toBe(410);
    for (const token of ['A'.repeat(43), 'x', '%00', '..%2f..', "'--"]) {
      const { status, text } = await browser.ask(`${publicUrl}/sign-in/link/${token}`);
      expect(status, token).toBe(410);
      expect(text).toContain('<code>kickoff console link</code>');
    }
  });

  it('can be had in the terminal by a button where there is one to show it, so often', async () => {
    const shown: string[] = [];
    const access = { showLink: (link: string) => shown.push(link), publicUrl, limits: { byAddress: 2 } };
    const { url } = await openConsole(database, { as: 'nobody', access });
    const browser = new Browser({ 'console.test': url });
    const page = await browser.ask(`${publicUrl}/sign-in`);
    expect(page.text).toContain('Show a new link in the terminal');
    expect((await browser.submit(page, '/sign-in/new-link', { csrf: 'x' })).status).toBe(403);
    const answer = await browser.submit(page, '/sign-in/new-link');
    expect(answer.text).toContain('<h1>Look into the terminal</h1>');
    expect(answer.text).not.toContain('/sign-in/link/');
    expect((await browser.submit(page, '/sign-in/new-link')).status).toBe(429);
    expect(shown).toHaveLength(1);
    expect((await browser.ask(shown[0] ?? '')).text).toContain('operator');
  });

  it('cannot be had so anywhere else', async () => {
    const { url, browser } = await front();
    const page = await browser.ask(`${url}/sign-in`);
    expect(page.text).not.toContain('new-link');
    expect((await browser.submit(page, '/sign-in/new-link')).status).toBe(404);
  });
});
