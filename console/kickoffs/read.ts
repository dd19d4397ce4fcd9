import { type Database, failedStepCounts, type KickoffRow, pageOfKickoffs } from '../../database/index.ts';
import { chosenKickoffs, type KickoffsFilter, type KickoffsPlace } from './address.ts';

/** A page of the list. */
export interface KickoffsPage {
  rows: KickoffRow[];
  /** Of how many; beyond `MOST_COUNTED` it says no more than that. */
  count: number;
  /** How many steps of each have failed and wait for a person; those without any are left out. */
  failedSteps: ReadonlyMap<string, number>;
  newer?: KickoffsPlace | undefined;
  older?: KickoffsPlace | undefined;
}

/** Counting them all takes the longer the more there are, and nobody needs to know. */
export const MOST_COUNTED = 1_000;
const PAGE_SIZE = 50;

export async function readKickoffs(
  database: Database,
  filter: KickoffsFilter,
  place: KickoffsPlace,
): Promise<KickoffsPage> {
  const { db } = database;
  const limit = PAGE_SIZE + 1;
  const { rows: found, count } = await pageOfKickoffs(db, chosenKickoffs(filter), { ...place, limit }, MOST_COUNTED);
  const hasMore = found.length === limit;
  // Going back has come to the newest: that page is shown whole.
  if (place.after !== undefined && !hasMore) return await readKickoffs(database, filter, {});
  // The one too many is the farthest from where the page begins.
  const rows = place.after === undefined ? found.slice(0, PAGE_SIZE) : found.slice(-PAGE_SIZE);
  const [first, last] = [rows[0], rows.at(-1)];
  const hasNewer = place.before !== undefined || place.after !== undefined;
  const hasOlder = place.after !== undefined || hasMore;
  return {
    rows,
    count,
    failedSteps: await failedStepCounts(
      db,
      rows.map((row) => row.workflow_id),
    ),
    ...(hasNewer && first !== undefined ? { newer: { after: cursorOf(first) } } : {}),
    ...(hasOlder && last !== undefined ? { older: { before: cursorOf(last) } } : {}),
  };
}

function cursorOf({ created_at, workflow_id }: KickoffRow) {
  return { created_at, workflow_id };
}
