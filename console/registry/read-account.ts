import {
  accountNamesInKickoffs,
  type Database,
  kickoffsOfAccount,
  type ListedKickoff,
  listStakeholderChanges,
  peopleOfAccounts,
  stakeholdersPage,
} from '../../database/index.ts';
import {
  type Account,
  accountsOf,
  type Stakeholder,
  stakeholderOf,
  stakeholdersOfAccounts,
} from '../../registry/index.ts';
import type { AccountFilter } from './address.ts';
import { CHANGES_SHOWN, type History, historyOf } from './history.ts';
import { optedOutOf } from './read-accounts.ts';

export interface AccountDetails {
  id: string;
  /** What the registry knows of the account itself; undefined: nothing. */
  account: Account | undefined;
  /** The registry's, else the CRM's as its kickoffs have it. */
  name: string | undefined;
  people: number;
  /** One page of the rows. */
  rows: Stakeholder[];
  after?: { dealId: string; email: string } | undefined;
  /** All of them, to say who fills which chair; undefined: too many. */
  allRows: Stakeholder[] | undefined;
  /** Who of the page, or of all, is never written to. */
  optedOutEmails: ReadonlyMap<string, string>;
  kickoffs: ListedKickoff[];
  history: History;
}

const PEOPLE_SHOWN = 100;
export const KICKOFFS_SHOWN = 20;
/** Reading and assembling more would hold up everybody else. */
const MOST_ROWS = 2_000;

/** @returns undefined when neither the registry nor any kickoff names the account */
export async function readAccount({ db }: Database, filter: AccountFilter): Promise<AccountDetails | undefined> {
  const { id, after, changesBefore } = filter;
  const [account] = await accountsOf(db, [id]);
  const people = (await peopleOfAccounts(db, [id])).get(id) ?? 0;
  const kickoffs = await kickoffsOfAccount(db, id, KICKOFFS_SHOWN + 1);
  if (account === undefined && people === 0 && kickoffs.length === 0) return undefined;
  const page = await stakeholdersPage(db, { accountId: id, ...(after && { after }), limit: PEOPLE_SHOWN + 1 });
  const rows = page.slice(0, PEOPLE_SHOWN).map(stakeholderOf);
  const last = rows.at(-1);
  const allRows = people > MOST_ROWS ? undefined : await stakeholdersOfAccounts(db, [id]);
  const name = account?.name ?? (await accountNamesInKickoffs(db, [id])).get(id);
  const changes = await listStakeholderChanges(db, { accountId: id, before: changesBefore, limit: CHANGES_SHOWN + 1 });
  return {
    id,
    account,
    name,
    people,
    rows,
    ...(page.length > PEOPLE_SHOWN && last !== undefined
      ? { after: { dealId: last.dealId ?? '', email: last.email } }
      : {}),
    allRows,
    optedOutEmails: await optedOutOf(db, allRows ?? rows),
    kickoffs,
    history: historyOf(changes),
  };
}
