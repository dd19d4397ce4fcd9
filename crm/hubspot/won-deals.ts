import type { WonDeal, WonDealsPage, WonDealsQuery } from '../port.ts';
import type { HubSpotApi } from './api.ts';
import { mergedIdsOf } from './merged-ids.ts';
import { type Found, type SearchFilter, searchById, withinWindow } from './search.ts';
import type { SearchPace } from './search-pace.ts';
import { readWonSince } from './won-since.ts';

/** A search's body may have 3,000 characters; what is not the list of pipelines takes about 600 of them. */
const MAX_PIPELINES_LENGTH = 2_000;

const PROPERTIES = ['dealname', 'pipeline', 'closedate', 'hs_merged_object_ids'];
const DATE_PROPERTY = { closed: 'closedate', changed: 'hs_lastmodifieddate' } as const;

/**
 * One page of the deals that are won, in the order of their ids; a window may hold any number of them. A deal that is made
 * meanwhile has a higher id.
 *
 * @throws CrmError; `rate_limited` when other apps of the account search, too
 */
export async function listHubSpotWonDeals(
  api: HubSpotApi,
  pace: SearchPace,
  query: WonDealsQuery,
  signal?: AbortSignal,
): Promise<WonDealsPage> {
  const { filters, isPipelineAsked } = filtersOf(query);
  const { limit, cursor } = query;
  const page = { type: '0-3', filters, properties: PROPERTIES, limit, cursor } as const;
  const { total, results, next } = await searchById(api, pace, page, signal);
  const wanted = results.filter(({ properties }) => isPipelineAsked || isOfPipeline(properties.pipeline, query));
  const deals =
    query.by === 'closed' ? wanted.map((found) => wonDealOf(found)) : await changedDeals(api, wanted, signal);
  return {
    deals,
    ...(next === undefined ? {} : { next }),
    ...(isPipelineAsked ? { remaining: total } : {}),
  };
}

/** What is searched for, and whether that leaves out the deals of other pipelines by itself. */
function filtersOf({ by, after, before, pipelines }: WonDealsQuery) {
  const isPipelineAsked = JSON.stringify(pipelines ?? []).length <= MAX_PIPELINES_LENGTH;
  const filters: SearchFilter[] = [
    { propertyName: 'hs_is_closed_won', operator: 'EQ', value: 'true' },
    ...withinWindow(DATE_PROPERTY[by], { after, before }),
    ...(pipelines === undefined || !isPipelineAsked
      ? []
      : [{ propertyName: 'pipeline', operator: 'IN', values: pipelines } as const]),
  ];
  return { filters, isPipelineAsked };
}

function isOfPipeline(pipeline: string | null | undefined, { pipelines }: WonDealsQuery): boolean {
  return pipelines === undefined || (typeof pipeline === 'string' && pipelines.includes(pipeline));
}

async function changedDeals(api: HubSpotApi, found: readonly Found[], signal?: AbortSignal): Promise<WonDeal[]> {
  const ids = found.map(({ id }) => id);
  const wonSince = await readWonSince(api, ids, signal);
  return found.flatMap((deal) => {
    const wonAt = wonSince.get(deal.id);
    return wonAt === undefined ? [] : [{ ...wonDealOf(deal), wonAt }];
  });
}

function wonDealOf({ id, properties }: Found): WonDeal {
  const { dealname, pipeline, closedate } = properties;
  const mergedIds = mergedIdsOf(properties.hs_merged_object_ids);
  return {
    dealId: id,
    ...(isGiven(dealname) ? { name: dealname } : {}),
    ...(isGiven(pipeline) ? { pipeline } : {}),
    ...(isGiven(closedate) ? { closedAt: closedate } : {}),
    ...(mergedIds.length === 0 ? {} : { mergedIds }),
  };
}

function isGiven(value: string | null | undefined): value is string {
  return value !== null && value !== undefined && value !== '';
}
