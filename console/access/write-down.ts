import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { inTransaction, recordAnswered, recordAsked, type Schema } from '../../database/index.ts';
import type { Viewer } from '../visit.ts';

/** What is done about who may come in, as the audit log calls it. */
type AccessAct =
  | 'console.sign-in'
  | 'console.sign-out'
  | 'console.link'
  | 'console.sessions-end'
  | 'account.add'
  | 'account.password'
  | 'account.role'
  | 'account.disable'
  | 'account.enable';

/**
 * Writes into the audit log what has been done, or was refused, about who may come in. No password and no link is ever in it.
 *
 * @param act.target whose account or session
 * @param act.answer what came of it, in words
 */
export async function writeDown(
  db: Kysely<Schema>,
  by: Viewer,
  act: { action: AccessAct; target: string; outcome?: 'done' | 'refused'; answer: string },
): Promise<void> {
  const { action, target, outcome = 'done', answer } = act;
  const what = { attempt: randomUUID(), ...by, action, target };
  await inTransaction(db, async (tx) => {
    await recordAsked(tx, what);
    await recordAnswered(tx, { ...what, outcome, answer });
  });
}
