import { type Crm, CrmError, type CrmName, type WonDealsPage, type WonDealsQuery } from '../../crm/index.ts';
import {
  type CatchUpPage,
  type CatchUpRow,
  type Database,
  dealsToBeRead,
  insertInbox,
  inTransaction,
  kickoffsOfDeals,
  openCatchUp,
  passCatchUpPage,
} from '../../database/index.ts';
import type { CaughtUp } from '../../workflows/messages.ts';
import { sourceOf, wonEntry } from './inbox-entry.ts';
import { instantOf, knownAs, newlyWon } from './newly-won.ts';

/** What every CRM gives in one page. */
const PAGE = 100;
/** What is told by name in the result, of each kind. */
export const TOLD = 50;

/** A CRM that can be asked for its won deals. */
export type Askable = Crm & Required<Pick<Crm, 'listWonDeals'>>;

export function isAskable(crm: Crm): crm is Askable {
  return crm.listWonDeals !== undefined;
}

export interface Look {
  crm: Askable;
  database: Database;
  overlapMs: number;
  now: () => Date;
  /** Aborts when the activity is cancelled. */
  signal: AbortSignal;
}

/** What a look has found so far: it counts when the look breaks off, too. */
export interface Found extends CaughtUp {
  pages: number;
  /** Won deals of which the CRM does not say since when. */
  undated: number;
}

export function nothingFound(crm: CrmName, at: Date): Found {
  const [from, until] = [at.toISOString(), at.toISOString()];
  return { crm, from, until, scanned: 0, takenIn: 0, deals: [], lost: [], pages: 0, undated: 0 };
}

/**
 * Pages through what has changed since the last look, from `overlapMs` before it, and puts won deals without a kickoff
 * into the inbox. After each page its rows and the next cursor are written together, so that whatever breaks off goes on
 * there; a window that was left open is finished before the next one begins.
 *
 * Another look at the same CRM at the same time only costs calls: of two that have read one page, one gets past it, and
 * the other goes on where that one is.
 *
 * @throws CrmError
 */
export async function lookForWonDeals(look: Look, found: Found): Promise<void> {
  const { crm, database, signal } = look;
  const now = look.now();
  for (;;) {
    signal.throwIfAborted();
    const state = await openCatchUp(database.db, { crm: crm.name, now });
    const { window_until: windowUntil, cursor } = state;
    if (windowUntil === null) return;
    const after = new Date(state.checkpoint.getTime() - look.overlapMs).toISOString();
    const at: CatchUpPage = { crm: crm.name, windowUntil, cursor };
    if (found.pages === 0) found.from = after;
    const page = await readPage(look, at, after);
    if (await keep(look, state, at, page, found)) found.until = windowUntil.toISOString();
  }
}

async function readPage({ crm, database, signal }: Look, at: CatchUpPage, after: string): Promise<WonDealsPage> {
  const query: WonDealsQuery = {
    by: 'changed',
    after,
    before: at.windowUntil.toISOString(),
    limit: PAGE,
    ...(crm.pipelines === undefined ? {} : { pipelines: crm.pipelines }),
    ...(at.cursor === null ? {} : { cursor: at.cursor }),
  };
  const page = await crm.listWonDeals(query, signal).catch(async (error: unknown) => {
    // It does not know the place any more, and never will: the window begins anew, and the inbox knows what it has.
    const isPlaceLost = at.cursor !== null && error instanceof CrmError && error.code === 'refused';
    if (isPlaceLost) await passCatchUpPage(database.db, at, { cursor: null });
    throw error;
  });
  if (page.next !== undefined && page.next === at.cursor) {
    throw new CrmError('malformed_answer', `${crm.name} names a page of its list as the one after itself.`);
  }
  return page;
}

/** Keeps a page: its rows and that it is done with, in one transaction. @returns false when another look has */
async function keep(
  { crm, database }: Look,
  { since }: CatchUpRow,
  at: CatchUpPage,
  { deals, next }: WonDealsPage,
  found: Found,
): Promise<boolean> {
  return await inTransaction(database.db, async (tx) => {
    const isOurs = await passCatchUpPage(tx, at, next === undefined ? 'end' : { cursor: next });
    if (!isOurs) return false;
    const dealIds = knownAs(deals);
    const news = newlyWon(deals, {
      since,
      pipelines: crm.pipelines,
      kickoffs: await kickoffsOfDeals(tx, { crm: crm.name, dealIds }),
      toBeRead: await dealsToBeRead(tx, { source: sourceOf(crm.name), crm: crm.name, dealIds }),
    });
    for (const won of news) {
      const { inserted } = await insertInbox(tx, [{ ...wonEntry(crm.name, won), verification: { by: 'catch-up' } }]);
      found.takenIn += inserted;
      if (inserted === 0 || found.deals.length >= TOLD) continue;
      const { dealId, name } = won.deal;
      found.deals.push({ dealId, ...(name === undefined ? {} : { name }), wonAt: won.wonAt });
    }
    found.pages += 1;
    found.scanned += deals.length;
    found.undated += deals.filter(({ wonAt }) => instantOf(wonAt) === undefined).length;
    return true;
  });
}
