import { log } from '@temporalio/activity';
import { CrmError } from '../../crm/index.ts';
import { dealsToBeRead, insertInbox, type KickoffRow, kickoffsBeforeBooking } from '../../database/index.ts';
import { lostEntry, sourceOf } from './inbox-entry.ts';
import { type Found, type Look, TOLD } from './look.ts';

/** Reading a deal is up to four calls to the CRM. */
const READ_PER_LOOK = 20;

/** Where the last look left off among the kickoffs that wait for a booking. */
export interface Rounds {
  /** The workflow id of the last one whose deal was read; absent: the next look begins with the first. */
  after?: string;
}

/**
 * Reads the deals of running kickoffs again, a few in each look and all of them in turn: a list of won deals says nothing
 * about one that is won no more. What is not won, or gone, goes into the inbox.
 *
 * @param rounds is moved on as deals are read, so that it counts when the look breaks off
 * @throws CrmError
 */
export async function lookForLostDeals(look: Look, found: Found, rounds: Rounds): Promise<void> {
  const { crm, database } = look;
  const turn = { crm: crm.name, limit: READ_PER_LOOK };
  let kickoffs = await kickoffsBeforeBooking(database.db, { ...turn, after: rounds.after });
  if (kickoffs.length === 0 && rounds.after !== undefined) kickoffs = await kickoffsBeforeBooking(database.db, turn);
  for (const kickoff of kickoffs) {
    await lookAt(look, found, kickoff);
    rounds.after = kickoff.workflow_id;
  }
  if (kickoffs.length < READ_PER_LOOK) delete rounds.after;
}

async function lookAt(look: Look, found: Found, { deal_id: dealId, deal }: KickoffRow): Promise<void> {
  const { crm, database, signal } = look;
  signal.throwIfAborted();
  const lost = await lossOf(look, dealId);
  if (lost === undefined) return;
  // Somebody began it by hand before the deal was won: that it is not won is nothing new.
  if (lost.stage !== undefined && 'isWon' in deal && deal.isWon === false) return;
  const known = await dealsToBeRead(database.db, { source: sourceOf(crm.name), crm: crm.name, dealIds: [dealId] });
  if (known.size > 0) return;
  const entry = lostEntry(crm.name, { dealId, stage: lost.stage, at: look.now() });
  const { inserted } = await insertInbox(database.db, [{ ...entry, verification: { by: 'catch-up' } }]);
  if (inserted > 0 && found.lost.length < TOLD) found.lost.push({ dealId, ...lost });
}

/** @returns undefined while the deal is won; no stage when it is gone */
async function lossOf({ crm, signal }: Look, dealId: string): Promise<{ stage?: string } | undefined> {
  try {
    const { isWon, stage } = await crm.readDeal(dealId, signal);
    return isWon ? undefined : { stage: stage ?? 'unknown' };
  } catch (error) {
    if (!(error instanceof CrmError)) throw error;
    if (error.code === 'not_found') return {};
    // One deal that the CRM will not show must not keep the others from being looked at.
    if (error.code !== 'refused' && error.code !== 'malformed_answer') throw error;
    log.warn('a kickoff’s deal could not be read again', { crm: crm.name, dealId, code: error.code });
    return undefined;
  }
}
