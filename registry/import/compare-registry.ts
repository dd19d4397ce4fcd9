import type { Kysely } from 'kysely';
import type { Schema } from '../../database/index.ts';
import { type AccountField, accountDifferences, type PersonField, personDifferences } from '../differences.ts';
import type { Account, Stakeholder } from '../model.ts';
import { accountsOf, stakeholdersOfAccounts } from '../store.ts';

export interface ChangedPerson {
  before: Stakeholder;
  after: Stakeholder;
  fields: PersonField[];
}

/** What would change, before anything does. */
export interface RegistryDifferences {
  added: Stakeholder[];
  changed: ChangedPerson[];
  /** Not in the file any more: they stop counting from today on. */
  ended: ChangedPerson[];
  unchanged: Stakeholder[];
  /** Opted out here, and not so in the file: they stay opted out. */
  keptOptedOut: Stakeholder[];
  accounts: { before: Account | undefined; after: Account; fields: AccountField[] }[];
}

export interface RegistryContent {
  rows: readonly Stakeholder[];
  accounts?: readonly Account[] | undefined;
  /** Given: whoever else is active in `accountIds` is ended, the CRM's rows excepted. */
  removeMissing?: { accountIds: readonly string[]; today: string } | undefined;
}

/**
 * Holds what is given against what the registry has. Nobody who has opted out is opted in again: an old file must not undo
 * that (`setOptedOut` does). What is not said of an account leaves what is known of it alone.
 */
export async function compareRegistry(db: Kysely<Schema>, content: RegistryContent): Promise<RegistryDifferences> {
  const { rows, accounts = [], removeMissing } = content;
  const accountIds = new Set([...rows.map((row) => row.accountId), ...(removeMissing?.accountIds ?? [])]);
  const known = new Map<string, Stakeholder>();
  for (const row of await stakeholdersOfAccounts(db, [...accountIds])) known.set(keyOf(row), row);

  const differences: RegistryDifferences = {
    added: [],
    changed: [],
    ended: [],
    unchanged: [],
    keptOptedOut: [],
    accounts: await compareAccounts(db, accounts),
  };
  for (const row of rows) {
    const key = keyOf(row);
    const before = known.get(key);
    known.delete(key);
    if (before === undefined) {
      differences.added.push(row);
      continue;
    }
    const after = keepOptedOut(before, row);
    if (after !== row && !row.optedOut) differences.keptOptedOut.push(before);
    const fields = personDifferences(before, after);
    if (fields.length === 0) differences.unchanged.push(before);
    else differences.changed.push({ before, after, fields });
  }
  if (removeMissing !== undefined) {
    for (const before of known.values()) {
      if (before.source === 'crm' || (before.activeTo !== undefined && before.activeTo < removeMissing.today)) continue;
      const after = endedBefore(before, removeMissing.today);
      differences.ended.push({ before, after, fields: personDifferences(before, after) });
    }
  }
  return differences;
}

async function compareAccounts(
  db: Kysely<Schema>,
  accounts: readonly Account[],
): Promise<RegistryDifferences['accounts']> {
  const known = new Map(
    (
      await accountsOf(
        db,
        accounts.map((account) => account.id),
      )
    ).map((account) => [account.id, account]),
  );
  return accounts.flatMap((account) => {
    const before = known.get(account.id);
    const after = { ...before, ...account };
    const fields = accountDifferences(before ?? { id: account.id }, after);
    return fields.length === 0 ? [] : [{ before, after, fields }];
  });
}

/** Both days are inclusive: yesterday is the last one. Somebody who was to come later never does. */
export function endedBefore(person: Stakeholder, today: string): Stakeholder {
  const last = new Date(Date.parse(today) - 86_400_000).toISOString().slice(0, 10);
  const begins = person.activeFrom !== undefined && person.activeFrom > last;
  return { ...person, ...(begins && { activeFrom: last }), activeTo: last };
}

/** Nothing but a person's word opts anybody in again. */
export function keepOptedOut(before: Stakeholder, after: Stakeholder): Stakeholder {
  if (!before.optedOut || (after.optedOut && after.optedOutReason !== undefined)) return after;
  const { optedOutReason } = before;
  return { ...after, optedOut: true, ...(optedOutReason === undefined ? {} : { optedOutReason }) };
}

/** One row for an account, a deal and an address; with lengths, so that no text can stand for two. */
export function keyOf({ accountId, dealId = '', email }: Stakeholder): string {
  return `${accountId.length} ${dealId.length} ${accountId}${dealId}${email}`;
}
