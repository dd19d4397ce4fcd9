import { type Kysely, sql } from 'kysely';
import { jsonText } from './json.ts';
import type { Schema } from './schema.ts';

/** What was last heard of somebody in SkipUp's workspace. */
export interface HeardOfMember {
  isActive: boolean;
  /** As of when, by the clock of whoever asked. */
  checkedAt: Date;
}

/** @param email lower-cased */
export async function findSkipupMember(db: Kysely<Schema>, email: string): Promise<HeardOfMember | undefined> {
  const row = await db.selectFrom('skipup_members').selectAll().where('email', '=', email).executeTakeFirst();
  return row === undefined ? undefined : { isActive: row.is_active, checkedAt: row.checked_at };
}

/** The addresses of those last heard of as active members, in their order. */
export async function activeSkipupMembers(db: Kysely<Schema>, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('skipup_members')
    .select('email')
    .where('is_active', '=', true)
    .orderBy('email')
    .limit(limit)
    .execute();
  return rows.map(({ email }) => email);
}

/**
 * Notes who is, or is no more, an active member. What was heard later stays: a list that was read before somebody left
 * does not bring them back.
 *
 * @param heard.emails lower-cased
 */
export async function noteSkipupMembers(
  db: Kysely<Schema>,
  heard: { emails: readonly string[]; isActive: boolean; checkedAt: Date },
): Promise<void> {
  if (heard.emails.length === 0) return;
  await sql`
    insert into skipup_members (email, is_active, checked_at)
    select distinct value, ${heard.isActive}::boolean, ${heard.checkedAt}::timestamptz
      from jsonb_array_elements_text(${jsonText(heard.emails)}::jsonb) as value
    on conflict (email) do update
      set is_active = excluded.is_active, checked_at = excluded.checked_at
      where skipup_members.checked_at <= excluded.checked_at`.execute(db);
}
