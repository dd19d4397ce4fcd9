import { tmpdir } from 'node:os';
import { beforeEach, expect, it } from 'vitest';
import type { CommandContext } from '../../../cli/command-context.ts';
import * as commands from '../../../cli/commands/console.ts';
import { findConsoleAccount, listAudit, openDatabase } from '../../../database/index.ts';
import { describePostgres } from '../../harness/databases.ts';
import { Browser } from './browser.ts';
import { consoleAt, openConsole } from './console.ts';

describePostgres('kickoff console', (cluster) => {
  let url = '';
  beforeEach(async () => {
    url = await cluster().newDatabase();
  });

  /** What a command says to a program. */
  async function say(work: (context: CommandContext) => Promise<void>, env: Record<string, string> = {}) {
    const said: Record<string, unknown>[] = [];
    await work({
      env: { DATABASE_URL: url, KICKOFF_CONFIG: '', ...env },
      cwd: tmpdir(),
      output: { json: true, interactive: false, emit: (document) => void said.push(document) },
      signal: new AbortController().signal,
    });
    return said;
  }

  async function withDatabase<T>(work: (database: Awaited<ReturnType<typeof openDatabase>>) => Promise<T>): Promise<T> {
    const database = await openDatabase({ url });
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  }

  it('makes an account with a password that signs in, lists it, changes it and ends what is signed in', async () => {
    const [added] = await say((context) => commands.addUser(context, ' Ada ', { role: 'operator' }));
    expect(added).toEqual({
      type: 'user_added',
      name: 'ada',
      role: 'operator',
      password: expect.stringMatching(/^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/),
    });
    await withDatabase(async (database) => {
      const { url: at } = await openConsole(database, { as: 'nobody' });
      const browser = new Browser();
      const page = await browser.ask(`${at}/sign-in`);
      const fields = { name: 'ada', password: String(added?.password) };
      expect((await browser.submit(page, '/sign-in', fields)).status).toBe(303);
      const get = consoleAt(at, `kickoff_session=${browser.cookie(at, 'kickoff_session')}`);
      expect((await get('/')).text).toContain('<bdi>ada</bdi>, operator');
      expect(await say((context) => commands.listSessions(context, {}))).toMatchObject([
        { type: 'session', name: 'ada', role: 'operator', subject: 'account:ada' },
      ]);
      expect(await say((context) => commands.changeRole(context, 'ada', { role: 'viewer' }))).toEqual([
        { type: 'role_changed', role: 'viewer', name: 'ada', sessionsEnded: 1 },
      ]);
      expect((await get('/', { redirect: 'manual' })).status).toBe(303);
      expect(await say((context) => commands.setDisabled(context, 'ada', {}, true))).toMatchObject([
        { type: 'user_disabled', sessionsEnded: 0 },
      ]);
      expect(await say((context) => commands.listUsers(context, {}))).toMatchObject([
        { type: 'user', name: 'ada', role: 'viewer', disabledAt: expect.any(Date) },
      ]);
      const log = (await listAudit(database.db, { limit: 9 })).map(({ action, target }) => `${action} ${target}`);
      expect(log.reverse()).toEqual([
        'account.add ada',
        'console.sign-in ada',
        'account.role ada',
        'account.disable ada',
      ]);
      expect((await findConsoleAccount(database.db, 'ada'))?.password_hash).not.toContain(String(added?.password));
    });
  });

  it('makes a link for where browsers find the console', async () => {
    const link = (env: Record<string, string>, more: { url?: string } = {}) =>
      say((context) => commands.makeLink(context, { role: 'viewer', name: 'grace', ...more }), env);
    const token = /^http:\/\/console\.test\/sign-in\/link\/[\w-]{43}$/;
    expect(await link({ PUBLIC_URL: 'http://console.test' })).toMatchObject([
      { type: 'link', name: 'grace', role: 'viewer', url: expect.stringMatching(token) },
    ]);
    expect(await link({}, { url: 'http://console.test/' })).toMatchObject([{ url: expect.stringMatching(token) }]);
    await expect(link({})).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining('--url') });
    await expect(link({}, { url: 'javascript:alert(1)' })).rejects.toMatchObject({ exitCode: 2 });
  });

  it('says in a sentence what was asked wrongly', async () => {
    const wrong = [
      [(context: CommandContext) => commands.addUser(context, 'a b', { role: 'viewer' }), 2, 'An account’s name has'],
      [(context: CommandContext) => commands.changeRole(context, 'bo', { role: 'viewer' }), 1, 'no account bo'],
      [(context: CommandContext) => commands.endSessions(context, undefined, {}), 2, 'or --all'],
      [(context: CommandContext) => commands.endSessions(context, 'bo', { all: true }), 2, 'or --all'],
      [(context: CommandContext) => commands.endSessions(context, 'bo', {}), 1, 'Nobody is signed in as bo'],
    ] as const;
    for (const [work, exitCode, message] of wrong) {
      await expect(say(work)).rejects.toMatchObject({ exitCode, message: expect.stringContaining(message) });
    }
    expect(await say((context) => commands.endSessions(context, undefined, { all: true }))).toEqual([
      { type: 'sessions_ended', of: 'everybody', count: 0 },
    ]);
  });
});
