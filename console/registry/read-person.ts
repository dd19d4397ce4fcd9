import {
  type Database,
  kickoffsOfPerson,
  type ListedKickoff,
  listStakeholderChanges,
  type OptOutRow,
  optedOut,
  stakeholdersWithAddress,
} from '../../database/index.ts';
import { type Stakeholder, stakeholderOf } from '../../registry/index.ts';
import type { PersonFilter } from './address.ts';
import { CHANGES_SHOWN, type History, historyOf } from './history.ts';

export interface PersonDetails {
  email: string;
  name: string | undefined;
  /** Where the registry has them. */
  rows: Stakeholder[];
  hasMoreRows: boolean;
  /** They are never written to. */
  optOut: OptOutRow | undefined;
  kickoffs: ListedKickoff[];
  history: History;
}

const ROWS_SHOWN = 100;
export const KICKOFFS_SHOWN = 20;

/** @returns undefined when nothing here names the address */
export async function readPerson(
  { db }: Database,
  { email, changesBefore }: PersonFilter,
): Promise<PersonDetails | undefined> {
  const [rows, kickoffs, optOuts, changes] = await Promise.all([
    stakeholdersWithAddress(db, email, ROWS_SHOWN + 1),
    kickoffsOfPerson(db, email, KICKOFFS_SHOWN + 1),
    optedOut(db, [email]),
    listStakeholderChanges(db, { email, before: changesBefore, limit: CHANGES_SHOWN + 1 }),
  ]);
  if (rows.length + kickoffs.length + optOuts.size + changes.length === 0) return undefined;
  return {
    email,
    name: rows.find((row) => row.name !== null)?.name ?? undefined,
    rows: rows.slice(0, ROWS_SHOWN).map(stakeholderOf),
    hasMoreRows: rows.length > ROWS_SHOWN,
    optOut: optOuts.get(email),
    kickoffs,
    history: historyOf(changes),
  };
}
