import { type Kysely, type Selectable, sql } from 'kysely';
import { plainText } from './json.ts';
import type { OptOutsTable, Schema } from './schema.ts';

export type OptOutRow = Selectable<OptOutsTable>;

export interface OptOutInput {
  /** In any casing. */
  email: string;
  /** In words. */
  reason: string;
  /** Who says so: a person, or the way it came. */
  recordedBy: string;
}

/**
 * An address that is never written to from now on, whoever it belongs to. The first word stands: who said it, and why.
 *
 * @returns whether it is news
 */
export async function optOut(db: Kysely<Schema>, { email, reason, recordedBy }: OptOutInput): Promise<boolean> {
  const rows = await db
    .insertInto('opt_outs')
    .values({ email: addressOf(email), reason: plainText(reason), recorded_by: plainText(recordedBy, 200) })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning('email')
    .execute();
  return rows.length > 0;
}

/**
 * The address may be written to again.
 *
 * @returns whether it was opted out
 */
export async function optIn(db: Kysely<Schema>, email: string): Promise<boolean> {
  const rows = await db.deleteFrom('opt_outs').where('email', '=', addressOf(email)).returning('email').execute();
  return rows.length > 0;
}

/**
 * Which of these addresses are never written to.
 *
 * @param emails in any casing
 * @returns by lower-cased address
 */
export async function optedOut(db: Kysely<Schema>, emails: readonly string[]): Promise<Map<string, OptOutRow>> {
  const addresses = [...new Set(emails.map(addressOf))];
  if (addresses.length === 0) return new Map();
  const rows = await db.selectFrom('opt_outs').selectAll().where(isAmong(addresses)).execute();
  return new Map(rows.map((row) => [row.email, row]));
}

/**
 * Why nobody may write to these addresses: they are among the opt-outs, or somebody of the registry with them has opted out,
 * of whatever account.
 *
 * @param emails in any casing
 * @returns in words, by lower-cased address; those that may be written to are not in it
 */
export async function addressOptOuts(db: Kysely<Schema>, emails: readonly string[]): Promise<Map<string, string>> {
  const addresses = [...new Set(emails.map(addressOf))];
  if (addresses.length === 0) return new Map();
  const known = await db
    .selectFrom('stakeholders')
    .select(['email', 'opted_out_reason as reason'])
    .where('opted_out', '=', true)
    .where(isAmong(addresses))
    .execute();
  const own = await optedOut(db, addresses);
  return new Map([
    ...known.map(({ email, reason }) => [email, reason ?? 'opted out in the registry'] as const),
    ...[...own].map(([email, { reason }]) => [email, reason] as const),
  ]);
}

/** The same of one address. @returns in words; undefined when it may be written to */
export async function addressOptOut(db: Kysely<Schema>, email: string): Promise<string | undefined> {
  return (await addressOptOuts(db, [email])).get(addressOf(email));
}

/** One parameter, however many there are; an array, so that each is looked up in the index. */
function isAmong(addresses: readonly string[]) {
  return sql<boolean>`email = any(${addresses}::text[])`;
}

/** As the registry compares addresses. */
function addressOf(email: string): string {
  return plainText(email.trim().toLowerCase());
}
