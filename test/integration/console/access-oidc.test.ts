import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hashPassword } from '../../../console/index.ts';
import { addConsoleAccount, type Database } from '../../../database/index.ts';
import { openPglite } from '../../harness/pglite.ts';
import { Browser, type Visited } from './browser.ts';
import { CHEAP_COST, openConsole, PASSWORD } from './console.ts';
import { type IdentityProvider, startIdentityProvider } from './identity-provider.ts';

const CONSOLE = 'http://console.test';
const CALLBACK = `${CONSOLE}/sign-in/oidc/callback`;
const SECRET = 'a secret of tests';

let database: Database;
beforeAll(async () => {
  database = await openPglite();
});
afterAll(async () => {
  await database.close();
});
beforeEach(async () => {
  for (const table of ['console_accounts', 'console_sessions', 'console_sign_ins'] as const) {
    await database.db.deleteFrom(table).execute();
  }
});

interface Options {
  provider?: Partial<Parameters<typeof startIdentityProvider>[0]>;
  clientSecret?: string;
  roleClaim?: string;
  now?: () => Date;
}

/** Console and provider, and a browser that knows both. */
async function both({ provider: given = {}, clientSecret = SECRET, roleClaim = 'groups', ...options }: Options = {}) {
  const provider = await startIdentityProvider({ clientSecret: SECRET, redirectUri: CALLBACK, ...given });
  const logged: unknown[] = [];
  const logger = {
    error: (...line: unknown[]) => logged.push(line),
    warn: (...line: unknown[]) => logged.push(line),
    info: () => undefined,
  };
  const { url } = await openConsole(database, {
    as: 'nobody',
    logger,
    access: {
      publicUrl: CONSOLE,
      oidc: {
        issuer: provider.issuer,
        clientId: 'kickoff',
        clientSecret,
        redirectUri: CALLBACK,
        scopes: ['openid', 'profile', 'email'],
        label: 'Example SSO',
        roleClaim,
        operators: ['ops'],
        viewers: ['cs'],
      },
    },
    ...(options.now && { now: options.now }),
  });
  const open = () => new Browser({ 'console.test': url });
  return { provider, logged, open, browser: open() };
}

function as(provider: IdentityProvider, claims: Record<string, unknown>, id = 'p-1'): void {
  provider.person = { id, claims };
}

/** Signs in as far as the provider's answer, which has not been followed. */
async function answerOf(browser: Browser, to = '/'): Promise<URL> {
  let visited = await browser.ask(`${CONSOLE}/sign-in/oidc?to=${encodeURIComponent(to)}`);
  for (let redirects = 0; redirects < 10; redirects += 1) {
    const next = new URL(visited.headers.get('location') ?? '', visited.url);
    if (next.href.startsWith(CALLBACK)) return next;
    visited = await browser.ask(next.href);
  }
  throw new Error(`the provider sent nobody back: ${visited.text}`);
}

const sessions = async () => await database.db.selectFrom('console_sessions').selectAll().execute();

function expectFault(page: Visited, status: number, words: string): void {
  expect(page.status).toBe(status);
  expect(page.text).toContain(words);
  expect(page.text).toContain('role="alert"');
}

describe('sign-in at an identity provider', () => {
  it('asks by code with PKCE, state and nonce, and comes back to the page that was wanted', async () => {
    const { provider, browser } = await both();
    as(provider, { name: 'Grace Hopper', groups: ['navy', 'ops'] });
    const page = await browser.go(`${CONSOLE}/inbox?status=dead`);
    expect(page.text).toContain(
      '<a class="button" href="/sign-in/oidc?to=%2Finbox%3Fstatus%3Ddead">Sign in with Example SSO</a>',
    );
    const asked = new URL(
      (await browser.ask(`${CONSOLE}/sign-in/oidc?to=%2Finbox%3Fstatus%3Ddead`)).headers.get('location') ?? '',
    );
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      client_id: 'kickoff',
      redirect_uri: CALLBACK,
      response_type: 'code',
      scope: 'openid profile email',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    const arrived = await browser.go(asked.href);
    expect(arrived.url).toBe(`${CONSOLE}/inbox?status=dead`);
    expect(arrived.text).toContain('Signed in as <bdi>Grace Hopper</bdi>, operator.');
    expect(await sessions()).toMatchObject([
      { subject: `oidc:${provider.issuer} p-1`, name: 'Grace Hopper', role: 'operator' },
    ]);
  });

  it.each([
    ['a viewer', { groups: 'cs' }, '<bdi>p-1</bdi>, viewer'],
    ['an operator without a name', { groups: ['ops'], email: 'g@example.com' }, '<bdi>g@example.com</bdi>, operator'],
    ['somebody with an odd name', { groups: ['ops'], name: '<b>\u0000x' }, '<bdi>&lt;b&gt; x</bdi>, operator'],
  ])('lets in %s', async (_who, claims, shown) => {
    const { provider, browser } = await both();
    as(provider, claims);
    expect((await browser.go(`${CONSOLE}/sign-in/oidc`)).text).toContain(shown);
  });

  it.each([
    ['no claim', {}],
    ['other groups', { groups: ['finance'] }],
    ['a claim of another kind', { groups: { ops: true } }],
  ])('lets nobody in with %s, and says which claim was looked for', async (_what, claims) => {
    const { provider, browser } = await both();
    as(provider, { name: 'Mallory', ...claims });
    const page = await browser.go(`${CONSOLE}/sign-in/oidc`);
    expect(page.status).toBe(403);
    expect(page.text).toContain('says that you are <bdi>Mallory</bdi>');
    expect(page.text).toContain('the claim <code>groups</code>');
    expect(await sessions()).toEqual([]);
  });

  it('asks the userinfo endpoint where the token does not tell the groups', async () => {
    const { provider, browser } = await both({ provider: { onlyUserinfo: true, authMethod: 'client_secret_post' } });
    as(provider, { name: 'Grace', groups: ['ops'] });
    expect((await browser.go(`${CONSOLE}/sign-in/oidc`)).text).toContain('<bdi>Grace</bdi>, operator');
  });

  it('is refused in another browser, a second time, with another state, and too late', async () => {
    const time = { at: Date.now() };
    const { provider, browser, open } = await both({ now: () => new Date(time.at) });
    as(provider, { groups: ['ops'] });
    const words = 'not begun in this browser';
    const answer = await answerOf(browser);
    expectFault(await open().ask(answer.href), 400, words);
    const other = open();
    await other.ask(`${CONSOLE}/sign-in`);
    expectFault(await other.ask(answer.href), 400, words);
    const wrong = new URL(answer);
    wrong.searchParams.set('state', 'A'.repeat(43));
    expectFault(await browser.ask(wrong.href), 400, words);
    expect(await sessions()).toEqual([]);
    // What others have tried has taken nothing from whoever began it.
    expect((await browser.ask(answer.href)).status).toBe(303);
    expectFault(await browser.ask(answer.href), 400, words);
    const late = open();
    const second = await answerOf(late);
    time.at += 10 * 60_000;
    expectFault(await late.ask(second.href), 400, words);
    expect(await sessions()).toHaveLength(1);
  });

  it('is refused when the token is for another nonce, the verifier for another challenge, or the code was made up', async () => {
    const { provider, logged, open } = await both();
    as(provider, { groups: ['ops'] });
    const tampered = async (change: { nonce?: string; code_verifier?: string }, code?: string) => {
      const browser = open();
      const answer = await answerOf(browser);
      if (code !== undefined) answer.searchParams.set('code', code);
      if (code === undefined) await database.db.updateTable('console_sign_ins').set(change).execute();
      return await browser.ask(answer.href);
    };
    expectFault(await tampered({ nonce: 'B'.repeat(43) }), 400, 'could not be verified');
    expectFault(await tampered({ code_verifier: 'B'.repeat(43) }), 502, 'did not answer as it should');
    expectFault(await tampered({}, 'made-up'), 502, 'did not answer as it should');
    expect(await sessions()).toEqual([]);
    expect(logged).toHaveLength(3);
    expect(JSON.stringify(logged)).not.toContain(SECRET);
  });

  it('says so when the provider lets somebody not in, and when it refuses Kickoff itself', async () => {
    const denied = await both();
    denied.provider.person = 'denied';
    expectFault(
      await denied.browser.go(`${CONSOLE}/sign-in/oidc`),
      403,
      'You were not let in by the sign-in of Example SSO.',
    );
    const wrong = await both({ clientSecret: 'another secret' });
    as(wrong.provider, { groups: ['ops'] });
    expectFault(await wrong.browser.go(`${CONSOLE}/sign-in/oidc`), 502, 'did not answer as it should');
    expect(JSON.stringify(wrong.logged)).not.toContain('another secret');
    expect(await sessions()).toEqual([]);
  });

  it('says so while the provider is down, accounts work meanwhile, and goes on when it is back', async () => {
    const { provider, browser } = await both();
    await addConsoleAccount(database.db, {
      name: 'ada',
      role: 'operator',
      passwordHash: await hashPassword(PASSWORD, CHEAP_COST),
    });
    await provider.close();
    const page = await browser.go(`${CONSOLE}/sign-in/oidc?to=%2Finbox`);
    expectFault(page, 502, 'The sign-in of Example SSO does not answer.');
    const answer = await browser.submit(page, '/sign-in', { name: 'ada', password: PASSWORD });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/inbox']);
  });

  it('leads nowhere but into the console', async () => {
    const { provider, open } = await both();
    as(provider, { groups: ['ops'] });
    for (const to of ['//evil.example', 'https://evil.example/', '/.//evil.example']) {
      const browser = open();
      const answer = await answerOf(browser, to);
      expect((await browser.ask(answer.href)).headers.get('location')).toBe('/');
    }
  });

  it('gives a new session each time, bound to no cookie that was there before', async () => {
    const { provider, browser } = await both();
    as(provider, { groups: ['ops'] });
    browser.setCookie(CONSOLE, 'kickoff_session', 'A'.repeat(43));
    await browser.go(`${CONSOLE}/sign-in/oidc`);
    const first = browser.cookie(CONSOLE, 'kickoff_session');
    expect(first).not.toBe('A'.repeat(43));
    await browser.go(`${CONSOLE}/sign-in/oidc`);
    expect(browser.cookie(CONSOLE, 'kickoff_session')).not.toBe(first);
    expect(await sessions()).toHaveLength(1);
  });

  it('is left by signing out here, with a link to sign out there', async () => {
    const { provider, browser } = await both();
    as(provider, { groups: ['ops'] });
    const page = await browser.go(`${CONSOLE}/sign-in/oidc`);
    const out = await browser.submit(page, '/sign-out');
    expect(out.headers.get('location')).toBe('/signed-out?there=1');
    const { text } = await browser.ask(`${CONSOLE}/signed-out?there=1`);
    expect(text).toContain(`href="${provider.issuer}/session/end?client_id=kickoff"`);
    expect((await browser.ask(`${CONSOLE}/`)).status).toBe(303);
  });
});
