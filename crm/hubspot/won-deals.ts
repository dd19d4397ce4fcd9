import { z } from 'zod';
import { CrmError, type WonDeal, type WonDealsPage, type WonDealsQuery } from '../port.ts';
import type { HubSpotApi } from './api.ts';
import { mergedIdsOf } from './merged-ids.ts';
import type { SearchPace } from './search-pace.ts';
import { readWonSince } from './won-since.ts';

/** HubSpot's limit for a page of search results. */
const MAX_PAGE_SIZE = 200;
/** A search's body may have 3,000 characters; what is not the list of pipelines takes about 600 of them. */
const MAX_PIPELINES_LENGTH = 2_000;

const PROPERTIES = ['dealname', 'pipeline', 'closedate', 'hs_merged_object_ids'];
const DATE_PROPERTY = { closed: 'closedate', changed: 'hs_lastmodifieddate' } as const;

const foundSchema = z.object({
  id: z
    .union([z.int(), z.string()])
    .transform(String)
    .pipe(z.string().regex(/^\d{1,20}$/)),
  properties: z.record(z.string(), z.string().nullable()),
});
type Found = z.infer<typeof foundSchema>;
const answerSchema = z.object({ total: z.int().nonnegative(), results: z.array(foundSchema) });

/**
 * One page of the deals that are won, in the order of their ids.
 *
 * HubSpot gives no more than 10,000 results of one query and answers 400 to whoever pages on (https://developers.hubspot.com,
 * "Search the CRM", limits). So no page is asked for by its offset: each is the first page of a query of its own, for ids
 * above the last one seen, and a window may hold any number of deals. A deal that is made meanwhile has a higher id.
 *
 * @throws CrmError; `rate_limited` when other apps of the account search, too
 */
export async function listHubSpotWonDeals(
  api: HubSpotApi,
  pace: SearchPace,
  query: WonDealsQuery,
  signal?: AbortSignal,
): Promise<WonDealsPage> {
  const { body, isPipelineAsked } = searchOf(query);
  await pace.turn(signal);
  const { total, results } = await api.call(answerSchema, { method: 'POST', path: '/0-3/search', body, signal });
  mustAscend(results, query.cursor);
  const wanted = results.filter(({ properties }) => isPipelineAsked || isOfPipeline(properties.pipeline, query));
  const deals =
    query.by === 'closed' ? wanted.map((found) => wonDealOf(found)) : await changedDeals(api, wanted, signal);
  const last = results.at(-1);
  return {
    deals,
    ...(last === undefined || results.length >= total ? {} : { next: last.id }),
    ...(isPipelineAsked ? { remaining: total } : {}),
  };
}

/** The search's body, and whether it leaves out the deals of other pipelines by itself. */
function searchOf({ by, after, before, pipelines, limit, cursor }: WonDealsQuery) {
  const property = DATE_PROPERTY[by];
  const isPipelineAsked = JSON.stringify(pipelines ?? []).length <= MAX_PIPELINES_LENGTH;
  const filters = [
    { propertyName: 'hs_is_closed_won', operator: 'EQ', value: 'true' },
    { propertyName: property, operator: 'GTE', value: millisecondsOf(after) },
    { propertyName: property, operator: 'LT', value: millisecondsOf(before) },
    ...(pipelines === undefined || !isPipelineAsked
      ? []
      : [{ propertyName: 'pipeline', operator: 'IN', values: pipelines }]),
    ...(cursor === undefined ? [] : [{ propertyName: 'hs_object_id', operator: 'GT', value: cursor }]),
  ];
  const body = {
    filterGroups: [{ filters }],
    sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }],
    properties: PROPERTIES,
    limit: Math.min(limit, MAX_PAGE_SIZE),
  };
  return { body, isPipelineAsked };
}

function millisecondsOf(instant: string): string {
  const ms = Date.parse(instant);
  if (Number.isNaN(ms)) {
    throw new CrmError('configuration', `${instant} is no instant: write it like 2026-02-10T14:00:00Z.`);
  }
  return String(ms);
}

/** A page in another order would lose deals without a word: the next one asks for ids above its last. */
function mustAscend(results: readonly Found[], cursor: string | undefined): void {
  let last = cursor === undefined ? -1n : BigInt(cursor);
  for (const { id } of results) {
    if (BigInt(id) <= last) {
      throw new CrmError(
        'malformed_answer',
        `HubSpot did not sort its search results by id: ${id} came after ${last}.`,
      );
    }
    last = BigInt(id);
  }
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
