import { type Kysely, type Selectable, sql } from 'kysely';
import type { ConsoleLinksTable, ConsoleRole, Schema } from './schema.ts';

export type ConsoleLinkRow = Pick<Selectable<ConsoleLinksTable>, 'name' | 'role'>;

/** Keeps a one-time link, and forgets those that have run out. */
export async function addConsoleLink(
  db: Kysely<Schema>,
  link: { tokenDigest: string; name: string; role: ConsoleRole; now: Date; expiresAt: Date },
): Promise<void> {
  await db.deleteFrom('console_links').where('expires_at', '<=', link.now).execute();
  await db
    .insertInto('console_links')
    .values({ token_digest: link.tokenDigest, name: link.name, role: link.role, expires_at: link.expiresAt })
    .execute();
}

/** Looks at a link without using it; undefined when it was used, has run out or never was. */
export async function findConsoleLink(
  db: Kysely<Schema>,
  tokenDigest: string,
  now: Date,
): Promise<ConsoleLinkRow | undefined> {
  return await db
    .selectFrom('console_links')
    .select(['name', 'role'])
    .where('token_digest', '=', tokenDigest)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst();
}

/** Uses a link up: of two who come with it at one time, one gets it. */
export async function useConsoleLink(
  db: Kysely<Schema>,
  tokenDigest: string,
  now: Date,
): Promise<ConsoleLinkRow | undefined> {
  return await db
    .updateTable('console_links')
    .set({ used_at: sql`now()` })
    .where('token_digest', '=', tokenDigest)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning(['name', 'role'])
    .executeTakeFirst();
}
