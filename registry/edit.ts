import { type Kysely, sql } from 'kysely';
import { findStakeholder, type Schema, type StakeholderKey } from '../database/index.ts';
import { accountDifferences, onlyFields, personDifferences, personFacts } from './differences.ts';
import type { Account, Changer, Stakeholder } from './model.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { stakeholderOf } from './stakeholder-row.ts';
import { accountsOf, writeAccounts, writeStakeholders } from './store.ts';

/** What is changed by hand is not, or is no more, as the person who changes it has seen it. Nothing was written. */
export class RegistryConflict extends Error {
  override readonly name = 'RegistryConflict';
  /** `exists`: it was to be added; `changed`: somebody else was quicker; `gone`: there is none. */
  readonly code: 'exists' | 'changed' | 'gone';
  constructor(code: 'exists' | 'changed' | 'gone', message: string) {
    super(message);
    this.code = code;
  }
}

/** A row of the registry; undefined when there is none. */
export async function findPerson(db: Kysely<Schema>, key: StakeholderKey): Promise<Stakeholder | undefined> {
  const row = await findStakeholder(db, key);
  return row === undefined ? undefined : stakeholderOf(row);
}

/** What a row says, as one text: the same as long as nobody has changed it. */
export function stateOfPerson(person: Stakeholder): string {
  return JSON.stringify(personFacts(person));
}

/** The same of an account; of one that nobody has said anything about it is empty. */
export function stateOfAccount(account: Account | undefined): string {
  return account === undefined ? '' : JSON.stringify(onlyFields(account, ['name', 'country', 'timezone']));
}

/** @throws {RegistryConflict} `exists` when there is a row for the account, the deal and the address */
export async function addPerson(db: Kysely<Schema>, person: Stakeholder, changer: Changer): Promise<void> {
  await oneAtATime(db, async (tx) => {
    if ((await findPerson(tx, keyOfPerson(person))) !== undefined) {
      throw new RegistryConflict('exists', `${person.email} is there already.`);
    }
    await writeStakeholders(tx, [{ after: person }], changer);
  });
}

/**
 * Changes one row, if it still is as whoever changes it has seen it.
 *
 * @param change.seen `stateOfPerson` of the row as it was shown
 * @param change.isEnd they are taken out from a day on, rather than changed
 * @returns whether anything is different now
 * @throws {RegistryConflict} `changed`, `gone`
 */
export async function changePerson(
  db: Kysely<Schema>,
  { seen, after, isEnd = false }: { seen: string; after: Stakeholder; isEnd?: boolean },
  changer: Changer,
): Promise<boolean> {
  return await oneAtATime(db, async (tx) => {
    const before = await findPerson(tx, keyOfPerson(after));
    if (before === undefined) throw new RegistryConflict('gone', `${after.email} is not there any more.`);
    if (stateOfPerson(before) !== seen) {
      throw new RegistryConflict('changed', `${after.email} has been changed by somebody else meanwhile.`);
    }
    if (personDifferences(before, after).length === 0) return false;
    await writeStakeholders(tx, [{ before, after, ended: isEnd }], changer);
    return true;
  });
}

/**
 * Writes what is known of an account itself, if that still is as whoever changes it has seen it.
 *
 * @param change.seen `stateOfAccount` of the account as it was shown
 * @returns whether anything is different now
 * @throws {RegistryConflict} `changed`
 */
export async function changeAccount(
  db: Kysely<Schema>,
  { seen, after }: { seen: string; after: Account },
  changer: Changer,
): Promise<boolean> {
  return await oneAtATime(db, async (tx) => {
    // The table of accounts is written to without the other by nobody but here.
    await sql`lock table accounts in share row exclusive mode`.execute(tx);
    const [before] = await accountsOf(tx, [after.id]);
    if (stateOfAccount(before) !== seen) {
      throw new RegistryConflict('changed', `Account ${after.id} has been changed by somebody else meanwhile.`);
    }
    if (accountDifferences(before ?? { id: after.id }, after).length === 0 && before !== undefined) return false;
    await writeAccounts(tx, [{ before, after }], changer);
    return true;
  });
}

function keyOfPerson({ accountId, dealId = '', email }: Stakeholder): StakeholderKey {
  return { accountId, dealId, email };
}
