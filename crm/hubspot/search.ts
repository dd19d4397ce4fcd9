import { z } from 'zod';
import { CrmError } from '../port.ts';
import type { HubSpotApi } from './api.ts';
import type { SearchPace } from './search-pace.ts';

/** HubSpot's limit for a page of search results. */
const MAX_PAGE_SIZE = 200;

const foundSchema = z.object({
  id: z
    .union([z.int(), z.string()])
    .transform(String)
    .pipe(z.string().regex(/^\d{1,20}$/)),
  properties: z.record(z.string(), z.string().nullable()),
});
/** A record as a search shows it. */
export type Found = z.infer<typeof foundSchema>;
const answerSchema = z.object({ total: z.int().nonnegative(), results: z.array(foundSchema) });

export type SearchFilter =
  | { propertyName: string; operator: 'EQ' | 'GTE' | 'LT' | 'GT'; value: string }
  | { propertyName: string; operator: 'IN'; values: readonly string[] };

export interface SearchPage {
  /** HubSpot's object type: `0-3` are deals, `0-1` contacts. */
  type: '0-3' | '0-1';
  filters: readonly SearchFilter[];
  properties: readonly string[];
  limit: number;
  /** The last id of the page before. */
  cursor?: string | undefined;
}

/**
 * One page of what a search finds, in the order of the ids.
 *
 * HubSpot gives no more than 10,000 results of one query and answers 400 to whoever pages on (https://developers.hubspot.com,
 * "Search the CRM", limits). So no page is asked for by its offset: each is the first page of a query of its own, for ids
 * above the last one seen, and a search may find any number of records.
 *
 * @returns with how many there are from this page on, and the next page's cursor
 * @throws CrmError; `rate_limited` when other apps of the account search, too
 */
export async function searchById(
  api: HubSpotApi,
  pace: SearchPace,
  { type, filters, properties, limit, cursor }: SearchPage,
  signal?: AbortSignal,
): Promise<{ total: number; results: Found[]; next?: string }> {
  const behind = cursor === undefined ? [] : [{ propertyName: 'hs_object_id', operator: 'GT', value: cursor }];
  const body = {
    filterGroups: [{ filters: [...filters, ...behind] }],
    sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }],
    properties,
    limit: Math.min(limit, MAX_PAGE_SIZE),
  };
  await pace.turn(signal);
  const { total, results } = await api.call(answerSchema, { method: 'POST', path: `/${type}/search`, body, signal });
  mustAscend(results, cursor);
  const last = results.at(-1);
  return { total, results, ...(last === undefined || results.length >= total ? {} : { next: last.id }) };
}

/** From `after` on, and before `before`. @throws CrmError `configuration` for what is no instant */
export function withinWindow(propertyName: string, { after, before }: { after: string; before: string }) {
  return [
    { propertyName, operator: 'GTE', value: millisecondsOf(after) },
    { propertyName, operator: 'LT', value: millisecondsOf(before) },
  ] satisfies SearchFilter[];
}

function millisecondsOf(instant: string): string {
  const ms = Date.parse(instant);
  if (Number.isNaN(ms)) {
    throw new CrmError('configuration', `${instant} is no instant: write it like 2026-02-10T14:00:00Z.`);
  }
  return String(ms);
}

/** A page in another order would lose records without a word: the next one asks for ids above its last. */
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
