import type { Kysely, Selectable } from 'kysely';
import type { ConsoleSignInsTable, Schema } from './schema.ts';

export type ConsoleSignInRow = Pick<
  Selectable<ConsoleSignInsTable>,
  'browser_digest' | 'nonce' | 'code_verifier' | 'return_to'
>;

/** Keeps what a sign-in at an identity provider is checked against when it comes back; forgets those that never did. */
export async function beginConsoleSignIn(
  db: Kysely<Schema>,
  signIn: {
    stateDigest: string;
    browserDigest: string;
    nonce: string;
    codeVerifier: string;
    returnTo: string;
    now: Date;
    expiresAt: Date;
  },
): Promise<void> {
  await db.deleteFrom('console_sign_ins').where('expires_at', '<=', signIn.now).execute();
  await db
    .insertInto('console_sign_ins')
    .values({
      state_digest: signIn.stateDigest,
      browser_digest: signIn.browserDigest,
      nonce: signIn.nonce,
      code_verifier: signIn.codeVerifier,
      return_to: signIn.returnTo,
      expires_at: signIn.expiresAt,
    })
    .execute();
}

/** Takes a sign-in that has come back out: each comes back once. Another browser's stays. */
export async function takeConsoleSignIn(
  db: Kysely<Schema>,
  { stateDigest, browserDigest, now }: { stateDigest: string; browserDigest: string; now: Date },
): Promise<ConsoleSignInRow | undefined> {
  return await db
    .deleteFrom('console_sign_ins')
    .where('state_digest', '=', stateDigest)
    .where('browser_digest', '=', browserDigest)
    .where('expires_at', '>', now)
    .returning(['browser_digest', 'nonce', 'code_verifier', 'return_to'])
    .executeTakeFirst();
}
