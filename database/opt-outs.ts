import { type Kysely, type Selectable, sql } from 'kysely';
import { jsonText, plainText } from './json.ts';
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
  const rows = await db
    .selectFrom('opt_outs')
    .selectAll()
    // One parameter, however many there are.
    .where(sql<boolean>`email in (select jsonb_array_elements_text(${jsonText(addresses)}::jsonb))`)
    .execute();
  return new Map(rows.map((row) => [row.email, row]));
}

/**
 * Which of these addresses nobody may write to: those that have opted out by themselves, and those of people of the registry
 * who have, of whatever account.
 *
 * @param emails in any casing
 * @returns lower-cased
 */
export async function neverWrittenTo(db: Kysely<Schema>, emails: readonly string[]): Promise<Set<string>> {
  const addresses = [...new Set(emails.map(addressOf))];
  if (addresses.length === 0) return new Set();
  // One parameter, however many there are.
  const isAmong = sql<boolean>`email in (select jsonb_array_elements_text(${jsonText(addresses)}::jsonb))`;
  const ofTheRegistry = db.selectFrom('stakeholders').select('email').where('opted_out', '=', true).where(isAmong);
  const rows = await db.selectFrom('opt_outs').select('email').where(isAmong).union(ofTheRegistry).execute();
  return new Set(rows.map(({ email }) => email).filter((email) => email !== null));
}

/** As the registry compares addresses. */
function addressOf(email: string): string {
  return plainText(email.trim().toLowerCase());
}
