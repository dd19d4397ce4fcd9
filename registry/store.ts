import { type Kysely, sql } from 'kysely';
import {
  accountsByIds,
  insertStakeholderChanges,
  insertStakeholders,
  inTransaction,
  type NewStakeholderChange,
  optedOut,
  optIn,
  optOut,
  plainText,
  type Schema,
  type StakeholderChangeKind,
  saveAccounts,
  saveStakeholders,
  stakeholdersAsJson,
} from '../database/index.ts';
import type { AssembleInput } from './assemble.ts';
import { accountDifferences, onlyFields, personDifferences, personFacts } from './differences.ts';
import { normaliseEmail } from './email.ts';
import type { Account, Changer, Stakeholder } from './model.ts';
import { stakeholderOf, valuesOf } from './stakeholder-row.ts';

/**
 * What the registry knows for a deal: the rows of its account that count for every deal or for this one, and whoever has
 * opted out under any deal of the account.
 */
export async function stakeholdersFor(
  db: Kysely<Schema>,
  key: { accountId: string; dealId: string },
): Promise<Stakeholder[]> {
  const rows = await db
    .selectFrom('stakeholders')
    .selectAll()
    .where('account_id', '=', key.accountId)
    .where((eb) => eb.or([eb('deal_id', 'in', ['', key.dealId]), eb('opted_out', '=', true)]))
    .orderBy('email')
    .orderBy('deal_id')
    .execute();
  return rows.map(stakeholderOf);
}

/**
 * Which of the people whom assembly may look at are never written to, whoever they belong to; with the reason, by lower-cased
 * address.
 */
export async function optedOutAmong(
  db: Kysely<Schema>,
  { rows, contacts, deal, policy, replacement = [], organizerEmail }: Omit<AssembleInput, 'today'>,
): Promise<Map<string, string>> {
  const people = [
    ...rows,
    ...contacts,
    ...replacement,
    deal.owner,
    policy.fallbackOrganizer,
    { email: organizerEmail },
  ];
  const emails = people.map((person) => normaliseEmail(person?.email)).filter((email) => email !== undefined);
  const found = await optedOut(db, emails);
  return new Map([...found].map(([email, { reason }]) => [email, reason]));
}

/** How many rows the registry holds; of one account when it is given. */
export async function countStakeholders(db: Kysely<Schema>, accountId?: string): Promise<number> {
  let query = db.selectFrom('stakeholders').select((eb) => eb.fn.countAll<number>().as('count'));
  if (accountId !== undefined) query = query.where('account_id', '=', accountId);
  const row = await query.executeTakeFirstOrThrow();
  return row.count;
}

/** Every row of these accounts, in the order of accounts, deals and addresses. All accounts when none are named. */
export async function stakeholdersOfAccounts(
  db: Kysely<Schema>,
  accountIds?: readonly string[],
): Promise<Stakeholder[]> {
  return (await stakeholdersAsJson(db, accountIds)).map(stakeholderOf);
}

/** What is known of the accounts of these ids; all accounts when none are named. */
export async function accountsOf(db: Kysely<Schema>, ids?: readonly string[]): Promise<Account[]> {
  const rows =
    ids === undefined
      ? await db.selectFrom('accounts').selectAll().orderBy(sql`id collate "C"`).execute()
      : await accountsByIds(db, ids);
  return rows.map(({ id, name, country, timezone }) => ({
    id,
    ...(name === null ? {} : { name }),
    ...(country === null ? {} : { country }),
    ...(timezone === null ? {} : { timezone }),
  }));
}

/** A person as they are to be written, and as they were; without `before` they are new. */
export interface StakeholderWrite {
  before?: Stakeholder | undefined;
  after: Stakeholder;
  /** They are taken out from a day on, rather than changed. */
  ended?: boolean | undefined;
}

export interface AccountWrite {
  before?: Account | undefined;
  after: Account;
}

/** Rows per statement: its parameters are some 500 kB together. */
const CHUNK = 2000;

/**
 * Writes people and what changed about them, in one transaction: there is no change of the registry that its history
 * does not have.
 *
 * @param onWritten told how many are written, after every statement
 */
export async function writeStakeholders(
  db: Kysely<Schema>,
  writes: readonly StakeholderWrite[],
  changer: Changer,
  onWritten?: ((count: number) => void) | undefined,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    for (let start = 0; start < writes.length; start += CHUNK) {
      const some = writes.slice(start, start + CHUNK);
      const isNew = ({ before }: StakeholderWrite) => before === undefined;
      const rows = (writes: StakeholderWrite[]) => writes.map(({ after }) => valuesOf(after));
      await insertStakeholders(tx, rows(some.filter(isNew)));
      await saveStakeholders(tx, rows(some.filter((write) => !isNew(write))));
      await insertStakeholderChanges(tx, some.map(changeOf), said(changer));
      onWritten?.(start + some.length);
    }
  });
}

/** Writes accounts and what changed about them, in one transaction. */
export async function writeAccounts(
  db: Kysely<Schema>,
  writes: readonly AccountWrite[],
  changer: Changer,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    for (let start = 0; start < writes.length; start += CHUNK) {
      const some = writes.slice(start, start + CHUNK);
      await saveAccounts(
        tx,
        some.map(({ after: { id, name, country, timezone } }) => ({
          id: plainText(id),
          name: name === undefined ? null : plainText(name),
          country: country ?? null,
          timezone: timezone ?? null,
        })),
      );
      await insertStakeholderChanges(tx, some.map(accountChangeOf), said(changer));
    }
  });
}

/**
 * Opts a person of an account out, or back in, in every row of theirs. An import only ever opts out; this is the way back.
 *
 * @returns how many rows changed
 */
export async function setOptedOut(
  db: Kysely<Schema>,
  change: { accountId: string; email: string; optedOut: boolean; reason?: string | undefined },
  changer: Changer,
): Promise<number> {
  const reason = change.reason?.trim();
  return await inTransaction(db, async (tx) => {
    const rows = await tx
      .selectFrom('stakeholders')
      .selectAll()
      .where('account_id', '=', change.accountId)
      .where('email', '=', normaliseEmail(change.email) ?? '')
      .where('opted_out', '<>', change.optedOut)
      .orderBy('deal_id')
      .forUpdate()
      .execute();
    const { optedOut } = change;
    const writes = rows.map(stakeholderOf).map((before) => {
      const { optedOutReason: _, ...rest } = before;
      return {
        before,
        after: { ...rest, optedOut, ...(optedOut && reason !== undefined && { optedOutReason: reason }) },
      };
    });
    await writeStakeholders(tx, writes, changer);
    return writes.length;
  });
}

/**
 * Opts an address out wherever it stands, or may one day stand: no kickoff and no recovery writes to it. Rows of the registry
 * stay as they are, and so does what they say of opting out.
 *
 * @returns whether that is news
 */
export async function setOptedOutEverywhere(
  db: Kysely<Schema>,
  change: { email: string; optedOut: boolean; reason?: string | undefined },
  changer: Changer,
): Promise<boolean> {
  const email = normaliseEmail(change.email) ?? '';
  const reason = presentText(change.reason) ?? 'opted out';
  return await inTransaction(db, async (tx) => {
    const { optedOut: isOut } = change;
    const isNews = isOut ? await optOut(tx, { email, reason, recordedBy: changer.by }) : await optIn(tx, email);
    if (!isNews) return false;
    const now = isOut ? { optedOut: true, optedOutReason: reason } : { optedOut: false };
    const entry = { account_id: '', deal_id: '', email: plainText(email), before: { optedOut: !isOut }, after: now };
    await insertStakeholderChanges(tx, [{ ...entry, change: isOut ? 'opted_out' : 'opted_in' }], said(changer));
    return true;
  });
}

/** The accounts in which the registry, or a kickoff's people, name an address. */
export async function accountsNaming(db: Kysely<Schema>, email: string): Promise<string[]> {
  const rows = await db
    .selectFrom('stakeholders')
    .select('account_id')
    .distinct()
    .where('email', '=', normaliseEmail(email) ?? '')
    .orderBy('account_id')
    .execute();
  return rows.map((row) => row.account_id);
}

function presentText(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === '' ? undefined : trimmed;
}

function changeOf({ before, after, ended = false }: StakeholderWrite): NewStakeholderChange {
  const where = { account_id: after.accountId, deal_id: after.dealId ?? '', email: after.email };
  if (before === undefined) return { ...where, change: 'added', before: null, after: personFacts(after) };
  const fields = personDifferences(before, after);
  return {
    ...where,
    change: kindOf(before, after, ended),
    before: onlyFields(before, fields),
    after: onlyFields(after, fields),
  };
}

function kindOf(before: Stakeholder, after: Stakeholder, ended: boolean): StakeholderChangeKind {
  if (before.optedOut !== after.optedOut) return after.optedOut ? 'opted_out' : 'opted_in';
  return ended ? 'ended' : 'changed';
}

function accountChangeOf({ before, after }: AccountWrite): NewStakeholderChange {
  const fields = accountDifferences(before ?? { id: after.id }, after);
  return {
    account_id: after.id,
    deal_id: '',
    email: '',
    change: before === undefined ? 'added' : 'changed',
    before: before === undefined ? null : onlyFields(before, fields),
    after: onlyFields(after, fields),
  };
}

function said({ by, source }: Changer): { changedBy: string; source: string } {
  return { changedBy: plainText(by, 200), source: plainText(source, 200) };
}
