import { createHash } from 'node:crypto';
import { type Database, type KickoffRow, listKickoffs } from '../../database/index.ts';
import type { Bulk } from '../action/action.ts';
import { chosenKickoffs, type KickoffsFilter } from '../kickoffs/address.ts';

/** More are nobody's decision of a moment. */
export const MOST_KICKOFFS = 500;

/** The kickoffs that a filter chooses, and which of them would take it. */
export interface Selection {
  taking: readonly KickoffRow[];
  leftAlone: readonly { row: KickoffRow; why: string }[];
  /** Of the ids of those that would take it: the same set has the same one. */
  digest: string;
}

/** @returns undefined when the filter chooses more than may be done at once */
export async function selectionOf(
  { db }: Pick<Database, 'db'>,
  bulk: Pick<Bulk, 'whyNot'>,
  filter: KickoffsFilter,
): Promise<Selection | undefined> {
  const rows = await listKickoffs(db, chosenKickoffs(filter), { limit: MOST_KICKOFFS + 1 });
  if (rows.length > MOST_KICKOFFS) return undefined;
  const reasons = await bulk.whyNot(rows);
  const taking = rows.filter((row) => !reasons.has(row.workflow_id));
  return {
    taking,
    leftAlone: rows.flatMap((row) => {
      const why = reasons.get(row.workflow_id);
      return why === undefined ? [] : [{ row, why }];
    }),
    digest: digestOf(taking.map((row) => row.workflow_id)),
  };
}

function digestOf(ids: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([...ids].sort()))
    .digest('hex');
}
