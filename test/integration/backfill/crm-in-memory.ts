import { type Crm, CrmError } from '../../../crm/index.ts';
import type { Deal, WonDealsQuery } from '../../../crm/port.ts';

/** A CRM in memory: a list of won deals, and what goes wrong with it. */
export interface CrmInMemory extends Crm {
  deals: Map<string, Deal>;
  /** Errors of the next readings of a deal, by its id; one each time, the last one for ever when it stands alone. */
  failing: Map<string, () => Error | undefined>;
  /** The next answers to a list. */
  listFailures: Error[];
  reads: string[];
  pageSize: number;
  /** False: only the deal itself names those that were merged into it. */
  listsMerges: boolean;
}

/** @param ids the won deals, one day apart, from 2025-01-01 on */
export function crmInMemory(ids: readonly string[], pipelines?: readonly string[]): CrmInMemory {
  const deals = new Map(ids.map((id, index) => [id, wonDeal(id, index)]));
  const crm: CrmInMemory = {
    name: 'hubspot',
    ...(pipelines && { pipelines }),
    deals,
    failing: new Map(),
    listFailures: [],
    reads: [],
    pageSize: 100,
    listsMerges: true,
    verify: () => ({ scheme: 'none' }),
    normalise: () => [],
    async readDeal(dealId) {
      crm.reads.push(dealId);
      const failure = crm.failing.get(dealId)?.();
      if (failure !== undefined) throw failure;
      const deal = deals.get(dealId);
      if (deal === undefined) throw new CrmError('not_found', `HubSpot has no deal ${dealId}.`);
      return deal;
    },
    listStakeholders: async () => [],
    writeBack: async () => ({}),
    async listWonDeals({ after, before, limit, cursor }: WonDealsQuery) {
      const failure = crm.listFailures.shift();
      if (failure !== undefined) throw failure;
      const all = [...deals.values()].filter(({ closedAt = '' }) => closedAt >= after && closedAt < before);
      const from = Number(cursor ?? 0);
      const size = Math.min(limit, crm.pageSize);
      const next = from + size < all.length ? { next: String(from + size) } : {};
      return {
        deals: all.slice(from, from + size).map(({ id, name, pipeline, closedAt, mergedIds }) => ({
          dealId: id,
          name,
          ...(pipeline !== undefined && { pipeline }),
          ...(closedAt !== undefined && { closedAt }),
          ...(mergedIds && crm.listsMerges && { mergedIds }),
        })),
        ...next,
        remaining: all.length - from,
      };
    },
  };
  return crm;
}

function wonDeal(id: string, index: number): Deal {
  return {
    id,
    crm: 'hubspot',
    name: `Customer ${id} – Enterprise`,
    account: { id: `account-${id}`, name: `Customer ${id}` },
    isWon: true,
    pipeline: 'default',
    closedAt: new Date(Date.UTC(2025, 0, 1) + index * 3_600_000).toISOString(),
  };
}
