import {
  accountNamesInKickoffs,
  type Database,
  type FoundPerson,
  listAccountIds,
  optedOut,
  peopleOfAccounts,
  searchStakeholders,
} from '../../database/index.ts';
import { type AssemblyPolicy, accountsOf, type Stakeholder, stakeholdersOfAccounts } from '../../registry/index.ts';
import type { RegistryFilter } from './address.ts';
import { type Chair, coverageOfAccount } from './coverage.ts';

export interface ListedAccount {
  id: string;
  name: string | undefined;
  people: number;
  /** Undefined: it has so many people that they are not looked through for a list. */
  chairs: Chair[] | undefined;
}

export interface RegistryList {
  accounts: ListedAccount[];
  /** The next page begins after this account. */
  after?: string | undefined;
  /** Whoever the search finds; undefined without one. */
  people?: FoundPerson[];
  /** There are more people than are shown. */
  hasMorePeople: boolean;
}

const PAGE_SIZE = 50;
/**
 * How many accounts are looked through for empty chairs at a time, for one page: where most have some, the first look fills
 * the page; where few have, the page ends before it takes long, and the next goes on.
 */
const LOOKS = [PAGE_SIZE, 100, 200];
/** Of an account with more rows a list does not say who fills what. */
const MOST_ROWS = 1_000;

/** One page of the accounts, with who is missing; and the people whom a search finds. */
export async function readAccounts(
  { db }: Database,
  policy: AssemblyPolicy,
  filter: RegistryFilter,
  today: string,
): Promise<RegistryList> {
  const { search } = filter;
  const look = (ids: readonly string[]) => lookAt({ db }, policy, ids, today);
  // Of one text both are looked for at the same time.
  const [found, accounts] = await Promise.all([
    search === undefined ? undefined : searchStakeholders(db, { search, limit: PAGE_SIZE + 1 }),
    filter.withEmptyChairs === true ? accountsWithEmptyChairs(db, filter, look) : accountsOfPage(db, filter, look),
  ]);
  return {
    ...accounts,
    ...(found && { people: found.slice(0, PAGE_SIZE) }),
    hasMorePeople: (found?.length ?? 0) > PAGE_SIZE,
  };
}

type Look = (ids: readonly string[]) => Promise<ListedAccount[]>;
type PageOfAccounts = Pick<RegistryList, 'accounts' | 'after'>;

async function accountsOfPage(
  db: Database['db'],
  { search, after }: RegistryFilter,
  look: Look,
): Promise<PageOfAccounts> {
  const ids = await listAccountIds(db, { search, after, limit: PAGE_SIZE + 1 });
  const shown = ids.slice(0, PAGE_SIZE);
  return { accounts: await look(shown), after: ids.length > PAGE_SIZE ? shown.at(-1) : undefined };
}

async function accountsWithEmptyChairs(
  db: Database['db'],
  { search, after: begin }: RegistryFilter,
  look: Look,
): Promise<PageOfAccounts> {
  const accounts: ListedAccount[] = [];
  let after = begin;
  for (const limit of LOOKS) {
    const ids = await listAccountIds(db, { search, after, limit });
    for (const account of await look(ids)) {
      if (account.chairs?.some(({ holders }) => holders.length === 0) === true) accounts.push(account);
      if (accounts.length === PAGE_SIZE) return { accounts, after: account.id };
    }
    after = ids.at(-1);
    if (ids.length < limit) return { accounts };
  }
  return { accounts, after };
}

async function lookAt(
  { db }: Pick<Database, 'db'>,
  policy: AssemblyPolicy,
  ids: readonly string[],
  today: string,
): Promise<ListedAccount[]> {
  const [counts, accounts, names] = await Promise.all([
    peopleOfAccounts(db, ids),
    accountsOf(db, ids),
    accountNamesInKickoffs(db, ids),
  ]);
  const few = ids.filter((id) => (counts.get(id) ?? 0) <= MOST_ROWS);
  const rows = new Map<string, Stakeholder[]>(few.map((id) => [id, []]));
  for (const row of await stakeholdersOfAccounts(db, few)) rows.get(row.accountId)?.push(row);
  const known = new Map(accounts.map((account) => [account.id, account]));
  const optedOutEmails = await optedOutOf(db, [...rows.values()].flat());
  return ids.map((id) => {
    const account = known.get(id);
    const input = { accountId: id, account, rows: rows.get(id) ?? [], policy, optedOutEmails, today };
    return {
      id,
      name: account?.name ?? names.get(id),
      people: counts.get(id) ?? 0,
      chairs: (counts.get(id) ?? 0) > MOST_ROWS ? undefined : coverageOfAccount(input),
    };
  });
}

/** Which of these people are never written to, with the reason. */
export async function optedOutOf(
  db: Database['db'],
  rows: readonly Pick<Stakeholder, 'email'>[],
): Promise<Map<string, string>> {
  const found = await optedOut(
    db,
    rows.map(({ email }) => email),
  );
  return new Map([...found].map(([email, { reason }]) => [email, reason]));
}
