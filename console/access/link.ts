import type { Kysely } from 'kysely';
import { addConsoleLink, type ConsoleRole, type Schema } from '../../database/index.ts';
import { digestOf, newToken } from './token.ts';

const MINUTES = 15;

/**
 * Makes a link that signs one person in, once, within 15 minutes.
 *
 * @param given.name who it is for, as the audit log will have them: `link:<name>`
 * @param given.publicUrl where browsers find the console; without a slash at its end
 */
export async function newSignInLink(
  db: Kysely<Schema>,
  given: { name: string; role: ConsoleRole; publicUrl: string; now: Date },
): Promise<{ url: string; expiresAt: Date }> {
  const token = newToken();
  const expiresAt = new Date(given.now.getTime() + MINUTES * 60_000);
  await addConsoleLink(db, { ...given, tokenDigest: digestOf(token), expiresAt });
  return { url: `${given.publicUrl}/sign-in/link/${token}`, expiresAt };
}
