import {
  type Crm,
  CrmError,
  type CrmName,
  type Deal,
  type WonDeal,
  type WonDealsPage,
  type WonDealsQuery,
} from '../../../crm/index.ts';

export interface FakeDeal {
  id: string;
  isWon: boolean;
  wonAt?: Date;
  changedAt: Date;
  pipeline?: string;
  mergedIds?: string[];
}

/**
 * A CRM in memory that keeps the port's promises: a list in the order of the deals' last changes, whose cursor is a place
 * in that order. What changes between two pages leaves its place, as it does in every CRM.
 */
export class FakeCrm implements Crm {
  readonly name: CrmName;
  readonly pipelines: readonly string[] | undefined;
  readonly deals = new Map<string, FakeDeal>();
  /** So many deals in a page, at most. */
  pageLimit = 1000;
  /** So long a change is in no list, in milliseconds. */
  lagMs = 0;
  now: Date;
  /** Every list that was asked for, in its order. */
  readonly asked: WonDealsQuery[] = [];
  /** Every deal that was read. */
  readonly read: string[] = [];
  /** Called before a list is answered, with how many have been before; what it throws is the answer. */
  beforeList: ((nth: number, signal: AbortSignal | undefined) => void | Promise<void>) | undefined;
  beforeRead: ((dealId: string) => void) | undefined;

  constructor(options: { name?: CrmName; pipelines?: readonly string[]; now: Date }) {
    this.name = options.name ?? 'hubspot';
    this.pipelines = options.pipelines;
    this.now = options.now;
  }

  win(id: string, more: Partial<FakeDeal> = {}): FakeDeal {
    const deal = { ...this.deals.get(id), id, isWon: true, wonAt: this.now, changedAt: this.now, ...more };
    this.deals.set(id, deal);
    return deal;
  }

  change(id: string, more: Partial<FakeDeal> = {}): void {
    const deal = this.deals.get(id) ?? { id, isWon: false };
    this.deals.set(id, { ...deal, ...more, changedAt: this.now });
  }

  async listWonDeals(query: WonDealsQuery, signal?: AbortSignal): Promise<WonDealsPage> {
    this.asked.push(query);
    await this.beforeList?.(this.asked.length - 1, signal);
    const before = Math.min(Date.parse(query.before), this.now.getTime() - this.lagMs + 1);
    const listed = [...this.deals.values()]
      .filter(({ isWon, changedAt }) => isWon && changedAt.getTime() < before)
      .filter(({ changedAt }) => changedAt.getTime() >= Date.parse(query.after))
      .map((deal) => ({ deal, place: `${deal.changedAt.getTime()} ${deal.id}` }))
      .filter(({ place }) => query.cursor === undefined || place > query.cursor)
      .toSorted((a, b) => (a.place < b.place ? -1 : 1));
    const page = listed.slice(0, Math.min(query.limit, this.pageLimit));
    const last = page.at(-1)?.place;
    const isLast = page.length === listed.length || last === undefined;
    return { deals: page.map(({ deal }) => wonDealOf(deal)), ...(isLast ? {} : { next: last }) };
  }

  async readDeal(dealId: string): Promise<Deal> {
    this.beforeRead?.(dealId);
    this.read.push(dealId);
    const deal = this.deals.get(dealId);
    if (deal === undefined) throw new CrmError('not_found', `There is no deal ${dealId}.`);
    return {
      id: dealId,
      crm: this.name,
      name: `Deal ${dealId}`,
      account: { id: 'acme', name: 'Acme' },
      isWon: deal.isWon,
      stage: deal.isWon ? 'closedwon' : 'closedlost',
    };
  }

  verify(): never {
    throw new Error('nothing comes in here');
  }
  normalise(): [] {
    throw new Error('nothing comes in here');
  }
  listStakeholders(): Promise<[]> {
    throw new Error('nobody asks for stakeholders here');
  }
  writeBack(): Promise<object> {
    throw new Error('nobody writes here');
  }
}

function wonDealOf({ id, wonAt, pipeline, mergedIds }: FakeDeal): WonDeal {
  return {
    dealId: id,
    name: `Deal ${id}`,
    ...(wonAt === undefined ? {} : { wonAt: wonAt.toISOString() }),
    ...(pipeline === undefined ? {} : { pipeline }),
    ...(mergedIds === undefined ? {} : { mergedIds }),
  };
}
