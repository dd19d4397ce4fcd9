import type { CrmObject } from '../state/schema.ts';

/** Deals, or contacts. */
type Records = ReadonlyMap<string, CrmObject>;

/** Sorting ten thousand records for every page of a search would take most of its time. */
const sorted = new WeakMap<Records, string[]>();

/** The ids, the lowest first. */
export function idsInOrder(records: Records): readonly string[] {
  const kept = sorted.get(records);
  if (kept !== undefined) return kept;
  const made = [...records.keys()].sort((a, b) => Number(a) - Number(b));
  sorted.set(records, made);
  return made;
}

/** To be called when a record was put in or taken out. */
export function forgetOrder(...changed: Records[]): void {
  for (const records of changed) sorted.delete(records);
}

/** Where the ids above this one begin in the order. */
export function placeAbove(ordered: readonly string[], id: number): number {
  let [low, high] = [0, ordered.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Number(ordered[middle]) <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}
