/** What is done about the console's accounts, links and sessions from the command line. */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  ACCOUNT_NAME_RULE,
  accountName,
  faultOfPassword,
  hashPassword,
  newSignInLink,
  sessionTimes,
  writeDown,
} from '../../console/index.ts';
import {
  addConsoleAccount,
  type ConsoleRole,
  changeConsoleAccount,
  endConsoleSessions,
  listConsoleAccounts,
  listConsoleSessions,
} from '../../database/index.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError, EXIT } from '../errors.ts';
import { withDatabase } from '../registry-change.ts';
import { userName } from '../user-name.ts';

interface Options {
  config?: string;
}
interface PasswordOptions extends Options {
  passwordStdin?: boolean;
}

export async function listUsers(context: CommandContext, options: Options): Promise<void> {
  await withDatabase(context, options, async ({ db }) => {
    const accounts = await listConsoleAccounts(db);
    for (const { name, role, disabled_at: disabledAt, created_at: createdAt } of accounts) {
      const state = disabledAt === null ? '' : `, disabled since ${disabledAt.toISOString()}`;
      context.output.emit(
        { type: 'user', name, role, disabledAt, createdAt },
        `${name}  ${role}${state}  (made ${createdAt.toISOString()})`,
      );
    }
    if (accounts.length === 0) {
      context.output.emit(
        { type: 'no_users' },
        'There are no accounts. Make one: kickoff console users add <name> --role operator',
      );
    }
  });
}

export async function addUser(
  context: CommandContext,
  typed: string,
  options: PasswordOptions & { role: ConsoleRole },
): Promise<void> {
  const name = nameOf(typed);
  const { password, isMade } = passwordOf(options);
  await withDatabase(context, options, async ({ db }) => {
    const isNew = await addConsoleAccount(db, { name, role: options.role, passwordHash: await hashPassword(password) });
    if (!isNew)
      throw new CliError(`There is an account ${name} already. See kickoff console users password, and role.`);
    await writeDown(db, atTheKeyboard(), { action: 'account.add', target: name, answer: `Added as ${options.role}.` });
    context.output.emit(
      { type: 'user_added', name, role: options.role, ...(isMade && { password }) },
      `${name} may sign in as ${options.role}.${shownOnce(isMade, password)}`,
    );
  });
}

export async function changePassword(context: CommandContext, typed: string, options: PasswordOptions): Promise<void> {
  const { password, isMade } = passwordOf(options);
  await change(context, typed, options, {
    with: { passwordHash: await hashPassword(password) },
    action: 'account.password',
    document: { type: 'password_changed', ...(isMade && { password }) },
    written: 'Another password.',
    text: (name) => `${name} has another password.${shownOnce(isMade, password)}`,
  });
}

export async function changeRole(
  context: CommandContext,
  typed: string,
  options: Options & { role: ConsoleRole },
): Promise<void> {
  const { role } = options;
  await change(context, typed, options, {
    with: { role },
    action: 'account.role',
    document: { type: 'role_changed', role },
    text: (name) => `${name} is ${role} now.`,
  });
}

export async function setDisabled(
  context: CommandContext,
  typed: string,
  options: Options,
  isDisabled: boolean,
): Promise<void> {
  await change(context, typed, options, {
    with: { isDisabled },
    action: isDisabled ? 'account.disable' : 'account.enable',
    document: { type: isDisabled ? 'user_disabled' : 'user_enabled' },
    text: (name) => (isDisabled ? `${name} may not sign in any more.` : `${name} may sign in again.`),
  });
}

async function change(
  context: CommandContext,
  typed: string,
  options: Options,
  what: {
    with: Parameters<typeof changeConsoleAccount>[2];
    action: Parameters<typeof writeDown>[2]['action'];
    document: { type: string } & Record<string, unknown>;
    text(name: string): string;
    /** What the audit log says, where that is not the text. */
    written?: string;
  },
): Promise<void> {
  const name = nameOf(typed);
  await withDatabase(context, options, async ({ db }) => {
    const ended = await changeConsoleAccount(db, name, what.with);
    if (ended === undefined) throw new CliError(`There is no account ${name}. See kickoff console users list.`);
    const answer = what.written ?? what.text(name);
    await writeDown(db, atTheKeyboard(), { action: what.action, target: name, answer });
    const sessions = ended === 0 ? '' : ` Signed out: ${ended === 1 ? 'one session' : `${ended} sessions`}.`;
    context.output.emit({ ...what.document, name, sessionsEnded: ended }, `${what.text(name)}${sessions}`);
  });
}

/** @throws CliError when nobody says where browsers find the console */
export async function makeLink(
  context: CommandContext,
  options: Options & { role: ConsoleRole; name?: string; url?: string },
): Promise<void> {
  const name = (options.name?.trim() || userName()).slice(0, 100);
  await withDatabase(context, options, async ({ db }, config) => {
    const publicUrl = options.url === undefined ? config.server.publicUrl : originOf(options.url);
    if (publicUrl === undefined) {
      throw new CliError(
        'Say where browsers find the console: set PUBLIC_URL, or give --url https://kickoff.example.com',
        {
          exitCode: EXIT.usage,
        },
      );
    }
    const { role } = options;
    const { url, expiresAt } = await newSignInLink(db, { name, role, publicUrl, now: new Date() });
    await writeDown(db, atTheKeyboard(), {
      action: 'console.link',
      target: name,
      answer: `A one-time link as ${role}.`,
    });
    context.output.emit(
      { type: 'link', url, name, role, expiresAt },
      `${url}\nIt signs one person in as ${name}, ${role}, once, until ${expiresAt.toISOString()}.`,
    );
  });
}

export async function listSessions(context: CommandContext, options: Options): Promise<void> {
  await withDatabase(context, options, async ({ db }, config) => {
    const sessions = await listConsoleSessions(db, sessionTimes(config.console, new Date()));
    for (const { name, role, subject, created_at: since, seen_at: seenAt, expires_at: expiresAt } of sessions) {
      context.output.emit(
        { type: 'session', name, role, subject, since, seenAt, expiresAt },
        `${name}  ${role}  (${subject}; since ${since.toISOString()}, last seen ${seenAt.toISOString()})`,
      );
    }
    if (sessions.length === 0) context.output.emit({ type: 'no_sessions' }, 'Nobody is signed in.');
  });
}

export async function endSessions(
  context: CommandContext,
  name: string | undefined,
  options: Options & { all?: boolean },
): Promise<void> {
  const of = name ?? 'everybody';
  if ((name === undefined) === (options.all !== true)) {
    throw new CliError('Say whose sessions end: kickoff console sessions end <name>, or --all.', {
      exitCode: EXIT.usage,
    });
  }
  await withDatabase(context, options, async ({ db }) => {
    const ended = await endConsoleSessions(db, name === undefined ? 'everybody' : { name });
    if (ended === 0 && name !== undefined) throw new CliError(`Nobody is signed in as ${name}.`);
    await writeDown(db, atTheKeyboard(), { action: 'console.sessions-end', target: of, answer: `${ended} ended.` });
    context.output.emit({ type: 'sessions_ended', of, count: ended }, `Signed out: ${of}, ${ended} of them.`);
  });
}

/** Whoever may run this command may do everything here. */
function atTheKeyboard() {
  const name = userName();
  return { subject: `command line:${name}`, name, role: 'operator' as const };
}

function nameOf(typed: string): string {
  const name = accountName(typed);
  if (name !== undefined) return name;
  throw new CliError(`An account’s name has ${ACCOUNT_NAME_RULE}.`, { exitCode: EXIT.usage });
}

function originOf(url: string): string {
  if (/^https?:\/\//.test(url) && URL.canParse(url)) return url.replace(/\/+$/, '');
  throw new CliError('--url must be an http(s) URL: https://kickoff.example.com', { exitCode: EXIT.usage });
}

/** The given one, or one that is made: 100 bits in words of five letters, to be typed once. */
function passwordOf({ passwordStdin }: PasswordOptions): { password: string; isMade: boolean } {
  if (passwordStdin !== true) return { password: madePassword(), isMade: true };
  const password = readFileSync(0, 'utf8').split(/\r?\n/, 1)[0] ?? '';
  const fault = faultOfPassword(password);
  if (fault !== undefined) throw new CliError(fault, { exitCode: EXIT.usage });
  return { password, isMade: false };
}

/** Letters and digits that are not taken for one another. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

function madePassword(): string {
  const group = () => Array.from({ length: 5 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return Array.from({ length: 4 }, group).join('-');
}

function shownOnce(isMade: boolean, password: string): string {
  return isMade ? ` The password is shown this once:\n${password}` : '';
}
