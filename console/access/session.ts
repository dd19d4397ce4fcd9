import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  type ConsoleSessionRow,
  type ConsoleSessionTimes,
  endConsoleSessions,
  findConsoleSession,
  openConsoleSession,
  seeConsoleSession,
} from '../../database/index.ts';
import type { ConsoleContext } from '../context.ts';
import type { Viewer } from '../visit.ts';
import { clearCookie, readCookie, setCookie } from './cookies.ts';
import type { AccessOptions } from './options.ts';
import { digestOf, newToken } from './token.ts';
import { writeDown } from './write-down.ts';

type Parts = Pick<ConsoleContext, 'database' | 'access' | 'now'>;

const HOUR_MS = 3_600_000;
/** That somebody is there is noted at most so often: a page is not to cost a write. */
const SEEN_EVERY_MS = 60_000;

/** Which sessions stand now. */
export function sessionTimes({ idleHours }: Pick<AccessOptions, 'idleHours'>, now: Date): ConsoleSessionTimes {
  return { now, idleSince: new Date(now.getTime() - idleHours * HOUR_MS) };
}

/**
 * Signs somebody in: always with a new token, so that nobody can have planted it, and the session that this browser had
 * before is over.
 *
 * @param way by which they came in, for the audit log: `by a password`
 */
export async function startSession(
  { database: { db }, access, now }: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
  viewer: Viewer,
  way: string,
): Promise<void> {
  const before = readCookie(request, 'session', access);
  if (before !== undefined) await endConsoleSessions(db, { tokenDigest: digestOf(before) });
  const at = now();
  const token = newToken();
  await openConsoleSession(
    db,
    {
      ...viewer,
      tokenDigest: digestOf(token),
      csrfToken: newToken(),
      now: at,
      expiresAt: new Date(at.getTime() + access.sessionHours * HOUR_MS),
    },
    sessionTimes(access, at),
  );
  setCookie(reply, 'session', token, { ...access, seconds: access.sessionHours * 3600 });
  clearCookie(reply, 'browser', access);
  await writeDown(db, viewer, { action: 'console.sign-in', target: viewer.name, answer: `Signed in ${way}.` });
}

/**
 * The session that a request's cookie stands for; undefined when it has none, or that is over.
 *
 * @param isVisit whether somebody is there, who asks for it, so that the session is in use
 */
export async function sessionOf(
  { database: { db }, access, now }: Parts,
  request: FastifyRequest,
  isVisit: boolean,
): Promise<ConsoleSessionRow | undefined> {
  const token = readCookie(request, 'session', access);
  if (token === undefined) return undefined;
  const at = now();
  const digest = digestOf(token);
  const session = await findConsoleSession(db, digest, sessionTimes(access, at));
  const before = new Date(at.getTime() - SEEN_EVERY_MS);
  if (session !== undefined && isVisit && session.seen_at < before) {
    await seeConsoleSession(db, digest, { now: at, before });
  }
  return session;
}

/**
 * Whether the session behind a request still stands: what stays open, as the stream of changes does, asks now and then and
 * ends with the session.
 */
export async function isStillSignedIn(context: Parts, request: FastifyRequest): Promise<boolean> {
  return (await sessionOf(context, request, false)) !== undefined;
}

/** Signs a browser out: its cookie is worth nothing any more, wherever else it may be kept. */
export async function endSession(
  { database: { db }, access }: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const token = readCookie(request, 'session', access);
  if (token !== undefined) await endConsoleSessions(db, { tokenDigest: digestOf(token) });
  clearCookie(reply, 'session', access);
}
