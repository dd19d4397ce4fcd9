import type { CrmDeal, State } from '../state/schema.ts';

type Deals = State['crm']['deals'];

/** Sorting ten thousand deals for every page of a search would take most of its time. */
const sorted = new WeakMap<Deals, CrmDeal[]>();

/** The deals by id, the lowest first. */
export function dealsInOrder(deals: Deals): readonly CrmDeal[] {
  const kept = sorted.get(deals);
  if (kept !== undefined) return kept;
  const made = [...deals.values()].sort((a, b) => Number(a.id) - Number(b.id));
  sorted.set(deals, made);
  return made;
}

/** To be called when a deal was put in or taken out. */
export function forgetOrder(deals: Deals): void {
  sorted.delete(deals);
}

/** Where the deals with ids above this one begin in the order. */
export function placeAbove(ordered: readonly CrmDeal[], id: number): number {
  let [low, high] = [0, ordered.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Number(ordered[middle]?.id) <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}
