import { type Kysely, type Selectable, sql } from 'kysely';
import { type ColumnType, rowsOf } from './rows-of.ts';
import type { Schema, StakeholderChangeKind, StakeholderChangesTable } from './schema.ts';

export type StakeholderChangeRow = Selectable<StakeholderChangesTable>;

export interface NewStakeholderChange {
  account_id: string;
  /** Empty: of the account, for every deal. */
  deal_id: string;
  /** Empty: the account itself. */
  email: string;
  change: StakeholderChangeKind;
  before: object | null;
  after: object | null;
}

export interface StakeholderChangeFilter {
  accountId?: string | undefined;
  dealId?: string | undefined;
  /** Lower-cased. */
  email?: string | undefined;
  /** Only changes with a smaller number. */
  before?: number | undefined;
  /** At most so many, the newest first. */
  limit: number;
}

const COLUMNS = {
  email: 'text',
  account_id: 'text',
  deal_id: 'text',
  change: 'text',
  before: 'jsonb',
  after: 'jsonb',
} as const satisfies Record<keyof NewStakeholderChange, ColumnType>;

/** Keeps what was changed; to be called in the transaction that changes it. */
export async function insertStakeholderChanges(
  db: Kysely<Schema>,
  changes: readonly NewStakeholderChange[],
  by: { changedBy: string; source: string },
): Promise<void> {
  if (changes.length === 0) return;
  await sql`
    insert into stakeholder_changes (account_id, deal_id, email, change, before, after, changed_by, source)
    select account_id, deal_id, email, change, before, after, ${by.changedBy}, ${by.source}
    from ${rowsOf(changes, COLUMNS)} as r
  `.execute(db);
}

/**
 * The number of the last change: as long as it is the same, the registry is. Only to be trusted while nobody else can write
 * to the table `stakeholders`.
 *
 * @returns 0 before the first
 */
export async function lastStakeholderChange(db: Kysely<Schema>): Promise<number> {
  const row = await db.selectFrom('stakeholder_changes').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst();
  return row?.id ?? 0;
}

/** What was changed, the newest first. */
export async function listStakeholderChanges(
  db: Kysely<Schema>,
  filter: StakeholderChangeFilter,
): Promise<StakeholderChangeRow[]> {
  let query = db.selectFrom('stakeholder_changes').selectAll();
  if (filter.accountId !== undefined) query = query.where('account_id', '=', filter.accountId);
  // Said twice for the planner: the index on deals leaves out what is of none.
  if (filter.dealId !== undefined) query = query.where('deal_id', '=', filter.dealId).where('deal_id', '<>', '');
  if (filter.email !== undefined) query = query.where('email', '=', filter.email);
  if (filter.before !== undefined) query = query.where('id', '<', filter.before);
  return await query.orderBy('id', 'desc').limit(filter.limit).execute();
}
