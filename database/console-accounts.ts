import { type Kysely, type Selectable, sql } from 'kysely';
import { endConsoleSessions } from './console-sessions.ts';
import type { ConsoleAccountsTable, ConsoleRole, Schema } from './schema.ts';
import { inTransaction } from './transaction.ts';

export type ConsoleAccountRow = Selectable<ConsoleAccountsTable>;

/** What the audit log and the sessions call somebody with an account here. @param name the account's */
export function accountSubject(name: string): string {
  return `account:${name}`;
}

/** @param name lower-cased */
export async function findConsoleAccount(db: Kysely<Schema>, name: string): Promise<ConsoleAccountRow | undefined> {
  return await db.selectFrom('console_accounts').selectAll().where('name', '=', name).executeTakeFirst();
}

/** All of them, by name; there are few. */
export async function listConsoleAccounts(db: Kysely<Schema>): Promise<ConsoleAccountRow[]> {
  return await db.selectFrom('console_accounts').selectAll().orderBy('name').execute();
}

/** Whether anybody could sign in with a password. */
export async function hasConsoleAccount(db: Kysely<Schema>): Promise<boolean> {
  const row = await db
    .selectFrom('console_accounts')
    .select('name')
    .where('disabled_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * @param account.name lower-cased
 * @returns false when there is one of that name, which stays as it is
 */
export async function addConsoleAccount(
  db: Kysely<Schema>,
  account: { name: string; passwordHash: string; role: ConsoleRole },
): Promise<boolean> {
  const rows = await db
    .insertInto('console_accounts')
    .values({ name: account.name, password_hash: account.passwordHash, role: account.role })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('name')
    .execute();
  return rows.length > 0;
}

/**
 * Changes an account and ends whatever is signed in with it: who was let in under other terms comes in again under these.
 *
 * @param name lower-cased
 * @returns how many sessions were ended; undefined when there is no such account
 */
export async function changeConsoleAccount(
  db: Kysely<Schema>,
  name: string,
  change: { role?: ConsoleRole; passwordHash?: string; isDisabled?: boolean },
): Promise<number | undefined> {
  const { role, passwordHash, isDisabled } = change;
  return await inTransaction(db, async (tx) => {
    const rows = await tx
      .updateTable('console_accounts')
      .set({
        changed_at: sql`now()`,
        ...(role !== undefined && { role }),
        ...(passwordHash !== undefined && { password_hash: passwordHash }),
        ...(isDisabled !== undefined && { disabled_at: isDisabled ? sql`coalesce(disabled_at, now())` : null }),
      })
      .where('name', '=', name)
      .returning('name')
      .execute();
    return rows.length === 0 ? undefined : await endConsoleSessions(tx, { subject: accountSubject(name) });
  });
}

/** Puts a stronger hash of the same password in the place of the one that was read; sessions stay. */
export async function renewPasswordHash(
  db: Kysely<Schema>,
  account: { name: string; from: string; to: string },
): Promise<void> {
  await db
    .updateTable('console_accounts')
    .set({ password_hash: account.to })
    .where('name', '=', account.name)
    .where('password_hash', '=', account.from)
    .execute();
}
