import { z } from 'zod';
import { CrmError, type WonDeal, type WonDealsPage, type WonDealsQuery } from '../port.ts';
import { inSeconds, isWithin, type Window, windowOf } from '../window.ts';
import { idSchema, type PipedriveApi, type PipedrivePage } from './api.ts';
import { given } from './deal.ts';
import { instantOf } from './instant.ts';

const textSchema = z.string().nullish();
const dealSchema = z.object({
  id: idSchema,
  title: textSchema,
  status: textSchema,
  is_deleted: z.boolean().nullish(),
  pipeline_id: idSchema.nullish(),
  update_time: textSchema,
  won_time: textSchema,
  close_time: textSchema,
});
type ListedDeal = z.infer<typeof dealSchema>;

/** A deal that was put into the archive stays won, and is in a list of its own. */
const LISTS = [
  { name: 'deals', path: '/v2/deals' },
  { name: 'archived', path: '/v2/deals/archived' },
] as const;
/** Where a list goes on: which one, how often Pipedrive had refused a cursor, and Pipedrive's own cursor. */
const CURSOR = /^(deals|archived)\.(\d)\.([^\s]{0,1000})$/;

/** Pipedrive refuses more. */
const MAX_PAGE = 500;
/** So many refused cursors are begun again; after that it is not the cursor. */
const MAX_RESTARTS = 3;
const DAY_MS = 86_400_000;

/**
 * Lists the deals that are won now, first those of the pipelines and then the archived ones, each by their ids.
 *
 * `changed` looks at `update_time`. `closed` looks at `won_time`, by which Pipedrive does not filter: of the deals that
 * changed since the window began (becoming won is a change) those of the window are picked out here, so that a page may
 * be empty and not the last. Several pipelines are picked out here, too: Pipedrive takes one.
 *
 * A cursor that Pipedrive refuses begins its list again, as a deal that comes twice does no harm. A deal that is archived
 * meanwhile is found in the second list; one that is taken out of the archive while that is read is found the next time.
 *
 * Source: API v2, GET /deals and GET /deals/archived. A page costs 10 to 20 API tokens, whatever its limit.
 *
 * @throws CrmError
 */
export async function listWonDeals(
  api: PipedriveApi,
  query: WonDealsQuery,
  signal?: AbortSignal,
): Promise<WonDealsPage> {
  const window = windowOf(query);
  if (window === undefined) {
    return { deals: [] };
  }
  const place = placeOf(query.cursor);
  const { items, next, restarts } = await pageAt(api, place, parametersOf(query, window), signal);
  const deals = items.filter((deal) => isWanted(deal, query, window)).map(wonDealOf);
  if (next !== undefined) {
    return { deals, next: `${place.list.name}.${restarts}.${next}` };
  }
  return place.list.name === 'deals' ? { deals, next: 'archived.0.' } : { deals };
}

interface Place {
  list: (typeof LISTS)[number];
  restarts: number;
  /** Pipedrive's; undefined for the first page. */
  cursor: string | undefined;
}

/** @throws CrmError `configuration` for a cursor that was not made here */
function placeOf(text: string | undefined): Place {
  if (text === undefined) {
    return { list: LISTS[0], restarts: 0, cursor: undefined };
  }
  const [, name, restarts, cursor] = CURSOR.exec(text) ?? [];
  const list = LISTS.find((known) => known.name === name);
  if (list === undefined) {
    throw new CrmError(
      'configuration',
      'The cursor of the list is not one of Pipedrive’s: begin again with the first page.',
    );
  }
  return { list, restarts: Number(restarts), cursor: cursor === '' ? undefined : cursor };
}

async function pageAt(
  api: PipedriveApi,
  { list, restarts, cursor }: Place,
  parameters: Record<string, string>,
  signal?: AbortSignal,
): Promise<{ items: ListedDeal[]; next: string | undefined; restarts: number }> {
  const read = async (more: Record<string, string>, count: number) => {
    const call = { method: 'GET', path: list.path, query: { ...parameters, ...more }, signal } as const;
    const page: PipedrivePage<ListedDeal> = await api.page(dealSchema, call);
    return { items: page.items, next: page.next?.cursor, restarts: count };
  };
  try {
    return await read(cursor === undefined ? {} : { cursor }, restarts);
  } catch (error) {
    const code = error instanceof CrmError ? error.code : undefined;
    if (cursor !== undefined && code === 'refused' && restarts < MAX_RESTARTS) {
      return read({}, restarts + 1);
    }
    // Companies without the archive were seen to have no list of it.
    if (cursor === undefined && code === 'not_found' && list.name === 'archived') {
      return { items: [], next: undefined, restarts };
    }
    throw error;
  }
}

function parametersOf({ by, pipelines, limit }: WonDealsQuery, window: Window): Record<string, string> {
  // Becoming won is a change, so a deal's last change is not before its won time. The day is for won times that were
  // written through the API with another zone's clock.
  const from = by === 'closed' ? { ...window, after: new Date(window.after.getTime() - DAY_MS) } : window;
  const { after, before } = inSeconds(from);
  const [pipeline, ...others] = pipelines ?? [];
  return {
    status: 'won',
    sort_by: 'id',
    sort_direction: 'asc',
    limit: String(Math.max(1, Math.min(Math.floor(limit), MAX_PAGE))),
    updated_since: after,
    ...(by === 'changed' ? { updated_until: before } : {}),
    ...(pipeline !== undefined && others.length === 0 && /^\d{1,16}$/.test(pipeline) ? { pipeline_id: pipeline } : {}),
  };
}

function isWanted(deal: ListedDeal, { by, pipelines }: WonDealsQuery, window: Window): boolean {
  if (deal.status !== 'won' || deal.is_deleted === true) {
    return false;
  }
  if (pipelines !== undefined && !pipelines.includes(deal.pipeline_id ?? '')) {
    return false;
  }
  return isWithin(window, by === 'closed' ? wonTimeOf(deal) : instantOf(deal.update_time));
}

/** Every won deal has a won time; one that an import left without it is given the next best. */
function wonTimeOf({ won_time, close_time, update_time }: ListedDeal): string | undefined {
  return instantOf(won_time) ?? instantOf(close_time) ?? instantOf(update_time);
}

function wonDealOf(deal: ListedDeal): WonDeal {
  const name = given(deal.title);
  const wonAt = wonTimeOf(deal);
  return {
    dealId: deal.id,
    ...(name === undefined ? {} : { name }),
    ...(typeof deal.pipeline_id === 'string' ? { pipeline: deal.pipeline_id } : {}),
    ...(wonAt === undefined ? {} : { closedAt: wonAt, wonAt }),
  };
}
