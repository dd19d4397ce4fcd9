import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  accountSubject,
  type ConsoleAccountRow,
  findConsoleAccount,
  hasConsoleAccount,
  renewPasswordHash,
} from '../../database/index.ts';
import type { ConsoleContext } from '../context.ts';
import { send } from '../send.ts';
import { accountName } from './account-name.ts';
import { atOneTime } from './at-one-time.ts';
import { AttemptLimit } from './attempt-limit.ts';
import { browserOf, checkSignInForm, formTokenOf } from './browser.ts';
import { readCookie } from './cookies.ts';
import { SIGN_IN_LIMITS } from './options.ts';
import { hashPassword, isOutdated, isPassword } from './password.ts';
import { TooManyAttempts } from './refusals.ts';
import { returnTo } from './return-to.ts';
import { sessionOf, startSession } from './session.ts';
import { type SignInPage, signInPage } from './sign-in-page.ts';
import { writeDown } from './write-down.ts';

const text = z.string().max(2000).catch('');
const formSchema = z.object({ csrf: text, to: text, name: text, password: text }).partial().catch({});
const querySchema = z.object({ to: text }).partial().catch({});

/** A hash takes 128 MiB: two at one time, and no more waiting than are done in a few seconds. */
const HASHES = { running: 2, waiting: 16 };
/** One sentence for all: nobody is to learn which names there are. */
const WRONG = 'That name and password do not go together, or the account is disabled.';

/** `GET` and `POST /sign-in`: with an account of this console. */
export function addSignIn(app: FastifyInstance, context: ConsoleContext, ofRoute: object): void {
  const { database, access, now } = context;
  const { windowMs, byName } = { ...SIGN_IN_LIMITS, ...access.limits };
  const attempts = new AttemptLimit({ max: byName, windowMs, now });
  const hashing = atOneTime(HASHES.running, HASHES.waiting);

  app.get('/sign-in', { config: { isPublic: true } }, async (request, reply) => {
    const to = returnTo(querySchema.parse(request.query).to);
    if ((await sessionOf(context, request, true)) !== undefined) return reply.redirect(to, 303);
    const hadSession = readCookie(request, 'session', access) !== undefined;
    return await show(context, request, reply, { to, notice: hadSession ? 'Your session has ended.' : undefined });
  });

  app.post('/sign-in', { config: { isPublic: true }, ...ofRoute }, async (request, reply) => {
    const { csrf, name: typed = '', password = '', to: wanted } = formSchema.parse(request.body);
    checkSignInForm(request, csrf, access);
    const to = returnTo(wanted);
    const name = accountName(typed);
    const wait = attempts.begin(name ?? typed.slice(0, 100));
    if (wait !== undefined) throw new TooManyAttempts(wait);
    const account = name === undefined ? undefined : await findConsoleAccount(database.db, name);
    const isRight = await hashing(() => isPassword(password, account?.password_hash, access.passwordCost));
    if (!isRight || account === undefined || account.disabled_at !== null) {
      if (account !== undefined) await writeDownRefusal(account, isRight);
      return await show(context, request, reply.code(401), { to, fault: WRONG, name: typed });
    }
    attempts.forget(account.name);
    await renew(account, password);
    const { role } = account;
    await startSession(
      context,
      request,
      reply,
      { subject: accountSubject(account.name), name: account.name, role },
      'by a password',
    );
    return reply.redirect(to, 303);
  });

  /** Of names that nobody has nothing is written down: whoever makes them up would fill the log. */
  async function writeDownRefusal({ name, role }: ConsoleAccountRow, isRight: boolean): Promise<void> {
    const answer = isRight ? 'Refused: the account is disabled.' : 'Refused: a wrong password.';
    const by = { subject: accountSubject(name), name, role };
    await writeDown(database.db, by, { action: 'console.sign-in', target: name, outcome: 'refused', answer });
  }

  async function renew(account: ConsoleAccountRow, password: string): Promise<void> {
    const { name, password_hash: from } = account;
    if (!isOutdated(from, access.passwordCost)) return;
    const to = await hashing(() => hashPassword(password, access.passwordCost));
    await renewPasswordHash(database.db, { name, from, to });
  }
}

/** Answers with the sign-in page, as things stand. */
export async function show(
  { database, access }: ConsoleContext,
  request: FastifyRequest,
  reply: FastifyReply,
  shown: Pick<SignInPage, 'to' | 'fault' | 'notice' | 'name'>,
): Promise<FastifyReply> {
  const hasAccounts = await hasConsoleAccount(database.db);
  return send(
    reply,
    signInPage({
      ...shown,
      csrf: formTokenOf(browserOf(request, reply, access)),
      hasAccounts,
      provider: access.oidc?.label,
      canShowLink: access.showLink !== undefined,
    }),
  );
}
