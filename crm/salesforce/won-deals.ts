import { z } from 'zod';
import { CrmError, type WonDeal, type WonDealsPage, type WonDealsQuery } from '../port.ts';
import { inSeconds, isWithin, type Window, windowOf } from '../window.ts';
import type { SalesforceApi } from './api.ts';
import { isMissingField } from './errors.ts';
import { instantOf } from './instant.ts';
import { parseRecordId } from './record-id.ts';

/** Lists the Opportunities that are won now, a page at a time. */
export type ListWonOpportunities = (query: WonDealsQuery, signal?: AbortSignal) => Promise<WonDealsPage>;

const FIELDS = ['Id', 'Name', 'CloseDate', 'CreatedDate', 'SystemModstamp'];
/** In API 52.0 and later; null until the stage was changed, and absent where it is hidden from the connected user. */
const STAGE_CHANGED = 'LastStageChangeDate';
/**
 * Salesforce would give 2,000. A page's ids stand in one query of its history, in an address of at most 16,384 bytes.
 */
const MAX_PAGE = 200;
const DAY_LENGTH = 'YYYY-MM-DD'.length;

const opportunitySchema = z.object({
  Id: z.string(),
  Name: z.string().nullish(),
  CloseDate: z.string().nullish(),
  CreatedDate: z.string(),
  SystemModstamp: z.string(),
  LastStageChangeDate: z.string().nullish(),
});
type Opportunity = z.infer<typeof opportunitySchema>;

const historySchema = z.object({ OpportunityId: z.string(), StageName: z.string().nullish(), CreatedDate: z.string() });

/**
 * Makes the function that lists won Opportunities, in the order of their ids.
 *
 * A page begins behind the last id of the page before: ids never change, so that no deal is skipped however many change
 * meanwhile, and SOQL's OFFSET, which ends at 2,000, is not used. Salesforce cuts its own bulk queries by ids in the same
 * way (https://developer.salesforce.com/docs/platform/api-asynch/guide/async-api-headers-enable-pk-chunking.html): it
 * compares and sorts them itself, upper and lower case apart, so no order of ours has to agree with its own.
 *
 * `closed` looks at CloseDate, a day without a time zone: every deal whose day, taken as UTC's, touches the window is in
 * it. `changed` looks at SystemModstamp, which moves with every change, also those of the system.
 *
 * A deal became won when its stage was last changed (LastStageChangeDate). Where that is null or hidden, it is the last
 * change of stage in OpportunityHistory, and for a deal without one the day it was made: none of the three moves when the
 * deal is edited later. Source: Object Reference, Opportunity and OpportunityHistory.
 *
 * The function throws CrmError.
 */
export function createListWonOpportunities(api: SalesforceApi): ListWonOpportunities {
  let hasStageChanged = true;

  async function page(condition: string, limit: number, signal?: AbortSignal): Promise<Opportunity[]> {
    const read = () => {
      const fields = hasStageChanged ? [...FIELDS, STAGE_CHANGED] : FIELDS;
      const soql = `SELECT ${fields.join(', ')} FROM Opportunity WHERE ${condition} ORDER BY Id LIMIT ${limit}`;
      return api.query(opportunitySchema, soql, signal);
    };
    return read().catch((error: unknown) => {
      if (!isMissingField(error, STAGE_CHANGED)) {
        throw error;
      }
      hasStageChanged = false;
      return read();
    });
  }

  return async (query, signal) => {
    const window = windowOf(query);
    if (window === undefined) {
      return { deals: [] };
    }
    const won = `IsWon = true AND ${conditionOf(query.by, window)}`;
    const behind = query.cursor === undefined ? '' : ` AND Id > '${idOfCursor(query.cursor)}'`;
    const limit = Math.max(1, Math.min(Math.floor(query.limit), MAX_PAGE));
    const found = await page(won + behind, limit, signal);
    // The query's seconds are a little wider than the window.
    const inWindow =
      query.by === 'closed' ? found : found.filter(({ SystemModstamp }) => isWithin(window, instantOf(SystemModstamp)));
    const stages = await stageChanges(api, inWindow, signal);
    const next = found.length < limit ? undefined : found.at(-1)?.Id;
    const remaining = query.cursor === undefined && query.by === 'closed' ? await count(api, won, signal) : undefined;
    return {
      deals: inWindow.map((opportunity) => wonDealOf(opportunity, stages)),
      ...(next === undefined ? {} : { next }),
      ...(remaining === undefined ? {} : { remaining }),
    };
  };
}

/** Nothing but dates made here goes into the query. */
function conditionOf(by: WonDealsQuery['by'], window: Window): string {
  if (by === 'changed') {
    const { after, before } = inSeconds(window);
    return `SystemModstamp >= ${after} AND SystemModstamp < ${before}`;
  }
  const lastDay = new Date(window.before.getTime() - 1);
  return `CloseDate >= ${dayOf(window.after)} AND CloseDate <= ${dayOf(lastDay)}`;
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, DAY_LENGTH);
}

/** @throws CrmError `configuration`: what was not made here does not go into a query */
export function idOfCursor(cursor: string): string {
  const id = parseRecordId(cursor);
  if (id === undefined) {
    throw new CrmError(
      'configuration',
      'The cursor of the list is not one of Salesforce’s: begin again with the first page.',
    );
  }
  return id;
}

/** When the stage of each was last changed, by id in 18 characters, for those that do not say so themselves. */
async function stageChanges(
  api: SalesforceApi,
  opportunities: Opportunity[],
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const silent = opportunities.filter(({ LastStageChangeDate }) => instantOf(LastStageChangeDate) === undefined);
  const ids = silent.map(({ Id }) => parseRecordId(Id)).filter((id) => id !== undefined);
  if (ids.length === 0) {
    return new Map();
  }
  const where = `WHERE OpportunityId IN (${ids.map((id) => `'${id}'`).join(',')})`;
  const soql = `SELECT OpportunityId, StageName, CreatedDate FROM OpportunityHistory ${where} ORDER BY CreatedDate DESC, Id DESC`;
  const lastStages = new Map<string, { stage: string; since: string; isOver: boolean }>();
  for (const { OpportunityId, StageName, CreatedDate } of await api.query(historySchema, soql, signal)) {
    const id = parseRecordId(OpportunityId) ?? OpportunityId;
    const since = instantOf(CreatedDate);
    const last = lastStages.get(id);
    if (since === undefined || last?.isOver === true) {
      continue;
    }
    const stage = StageName ?? '';
    // From the newest row back: a row is made for a change of amount, probability and close date too.
    lastStages.set(
      id,
      last === undefined || last.stage === stage ? { stage, since, isOver: false } : { ...last, isOver: true },
    );
  }
  return new Map([...lastStages].map(([id, { since }]) => [id, since]));
}

function wonDealOf(opportunity: Opportunity, stages: Map<string, string>): WonDeal {
  const dealId = parseRecordId(opportunity.Id) ?? opportunity.Id;
  const name = opportunity.Name?.trim() ?? '';
  const wonAt = instantOf(opportunity.LastStageChangeDate) ?? stages.get(dealId) ?? instantOf(opportunity.CreatedDate);
  return {
    dealId,
    ...(name === '' ? {} : { name }),
    ...(typeof opportunity.CloseDate === 'string' ? { closedAt: opportunity.CloseDate } : {}),
    ...(wonAt === undefined ? {} : { wonAt }),
  };
}

/** For a progress bar. An organization that is too large to be counted in time is listed without it. */
async function count(api: SalesforceApi, condition: string, signal?: AbortSignal): Promise<number | undefined> {
  try {
    return await api.count(`SELECT COUNT() FROM Opportunity WHERE ${condition}`, signal);
  } catch (error) {
    if (error instanceof CrmError && error.code === 'unavailable' && signal?.aborted !== true) {
      return undefined;
    }
    throw error;
  }
}
