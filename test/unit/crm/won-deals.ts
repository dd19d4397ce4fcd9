import type { Crm, WonDeal, WonDealsQuery } from '../../../crm/port.ts';

/** One page of a CRM's won deals. */
export async function page(crm: Crm, query: WonDealsQuery) {
  if (crm.listWonDeals === undefined) {
    throw new Error('this CRM lists nothing');
  }
  return await crm.listWonDeals(query);
}

/** Every page's deals; `between` runs after each page. */
export async function all(
  crm: Crm,
  query: WonDealsQuery,
  between: (n: number) => void = () => undefined,
): Promise<WonDeal[]> {
  const found: WonDeal[] = [];
  let cursor: string | undefined;
  for (let n = 0; n < 500; n += 1) {
    const { deals, next } = await page(crm, cursor === undefined ? query : { ...query, cursor });
    found.push(...deals);
    if (next === undefined) {
      return found;
    }
    cursor = next;
    between(n);
  }
  throw new Error('the list has no end');
}
