import { type Kysely, type Selectable, sql } from 'kysely';
import type { ConsoleRole, ConsoleSessionsTable, Schema } from './schema.ts';

type SessionRow = Selectable<ConsoleSessionsTable>;
/** Somebody's stay in the console, as it stands now. */
export type ConsoleSessionRow = Pick<SessionRow, 'csrf_token' | 'subject' | 'name' | 'role' | 'seen_at'>;
export type ListedConsoleSession = Pick<
  SessionRow,
  'subject' | 'name' | 'role' | 'created_at' | 'seen_at' | 'expires_at'
>;

/** When sessions count: not those that have run out by now, nor those that nobody has used since. */
export interface ConsoleSessionTimes {
  now: Date;
  /** Sessions that were last used before it are over. */
  idleSince: Date;
}

export interface NewConsoleSession {
  tokenDigest: string;
  csrfToken: string;
  subject: string;
  name: string;
  role: ConsoleRole;
  now: Date;
  expiresAt: Date;
}

/** Begins a session, and forgets those that are over. */
export async function openConsoleSession(
  db: Kysely<Schema>,
  session: NewConsoleSession,
  { idleSince }: Pick<ConsoleSessionTimes, 'idleSince'>,
): Promise<void> {
  await db
    .deleteFrom('console_sessions')
    .where((where) =>
      where.or([
        where('expires_at', '<=', session.now),
        where('seen_at', '<=', idleSince),
        where('ended_at', 'is not', null),
      ]),
    )
    .execute();
  await db
    .insertInto('console_sessions')
    .values({
      token_digest: session.tokenDigest,
      csrf_token: session.csrfToken,
      subject: session.subject,
      name: session.name,
      role: session.role,
      created_at: session.now,
      seen_at: session.now,
      expires_at: session.expiresAt,
    })
    .execute();
}

/**
 * The session of a token, if it still stands. Somebody with an account here has the role of the account, as it is now; of a
 * disabled account there is none.
 */
export async function findConsoleSession(
  db: Kysely<Schema>,
  tokenDigest: string,
  times: ConsoleSessionTimes,
): Promise<ConsoleSessionRow | undefined> {
  return await standing(db, times)
    .where('session.token_digest', '=', tokenDigest)
    .select(['session.csrf_token', 'session.subject', 'session.name', 'session.seen_at'])
    .select(sql<ConsoleRole>`coalesce(account.role, session.role)`.as('role'))
    .executeTakeFirst();
}

/** Who is signed in, the last seen first. */
export async function listConsoleSessions(
  db: Kysely<Schema>,
  times: ConsoleSessionTimes,
): Promise<ListedConsoleSession[]> {
  return await standing(db, times)
    .select(['session.subject', 'session.name', 'session.created_at', 'session.seen_at', 'session.expires_at'])
    .select(sql<ConsoleRole>`coalesce(account.role, session.role)`.as('role'))
    .orderBy('session.seen_at', 'desc')
    .limit(1000)
    .execute();
}

function standing(db: Kysely<Schema>, { now, idleSince }: ConsoleSessionTimes) {
  return db
    .selectFrom('console_sessions as session')
    .leftJoin('console_accounts as account', (join) =>
      join.on(sql<boolean>`session.subject like 'account:%' and account.name = substr(session.subject, 9)`),
    )
    .where('session.ended_at', 'is', null)
    .where('session.expires_at', '>', now)
    .where('session.seen_at', '>', idleSince)
    .where(
      sql<boolean>`(session.subject not like 'account:%' or (account.name is not null and account.disabled_at is null))`,
    );
}

/** Notes that a session is in use. @param before only if it was last noted before this */
export async function seeConsoleSession(
  db: Kysely<Schema>,
  tokenDigest: string,
  { now, before }: { now: Date; before: Date },
): Promise<void> {
  await db
    .updateTable('console_sessions')
    .set({ seen_at: now })
    .where('token_digest', '=', tokenDigest)
    .where('seen_at', '<', before)
    .execute();
}

/**
 * Ends sessions on the server: whoever comes with their cookies is nobody.
 *
 * @param of one by its token, all of one person by their subject, those of a name as it is shown, or everybody's
 * @returns how many that had not been ended before
 */
export async function endConsoleSessions(
  db: Kysely<Schema>,
  of: { tokenDigest: string } | { subject: string } | { name: string } | 'everybody',
): Promise<number> {
  const rows = await db
    .updateTable('console_sessions')
    .set({ ended_at: sql`now()` })
    .where('ended_at', 'is', null)
    .$if(of !== 'everybody', (query) => {
      if (of === 'everybody') return query;
      if ('tokenDigest' in of) return query.where('token_digest', '=', of.tokenDigest);
      return 'subject' in of ? query.where('subject', '=', of.subject) : query.where('name', '=', of.name);
    })
    .returning('token_digest')
    .execute();
  return rows.length;
}
