import { WorkflowNotFoundError } from '@temporalio/client';
import type { Deal } from '../crm/index.ts';
import {
  type Database,
  fellThrough,
  type KickoffRow,
  markDealLost,
  markDealWon,
  markDealWonAgain,
} from '../database/index.ts';
import { type DealChange, dealChanged } from '../workflows/messages.ts';
import type { SignalClient } from './delivery.ts';

/** What has become of a deal, as it was read, and of which event. */
export interface DealNews {
  /** Absent: the CRM does not know it any more. */
  deal: Deal | undefined;
  transitionKey: string;
  /** ISO 8601 instant as of which it is known. */
  at: string;
}

export interface TellingContext {
  database: Database;
  client: SignalClient;
}

/** The workflow ids of the kickoffs that know now. */
export type Told = { workflowIds: string[] } | { ending: KickoffRow };

/**
 * Tells the running kickoffs of a deal that it is not won any more. The ledger is told first: a kickoff may cancel itself
 * for it, and may then begin again.
 */
export async function tellLost(
  kickoffs: readonly KickoffRow[],
  news: DealNews,
  context: TellingContext,
): Promise<Told> {
  const { deal } = news;
  const workflowIds: string[] = [];
  for (const row of running(kickoffs)) {
    // Somebody began it by hand before the deal was won: that it is not won is nothing new.
    if (deal !== undefined && !wasWon(row)) continue;
    const { workflow_id: workflowId } = row;
    await markDealLost(context.database.db, workflowId, news.at);
    const change = changeOf(news, deal === undefined ? 'gone' : 'not_won', stageOf(news));
    if (await isTold(workflowId, change, context)) workflowIds.push(workflowId);
  }
  return { workflowIds };
}

/**
 * Tells the running kickoffs of a won deal what they do not know: that it is won again, or that the deals of two kickoffs
 * have become one.
 *
 * @returns `ending`: a kickoff was calling itself off already; what the deal needs is its next revision
 */
export async function tellWon(kickoffs: readonly KickoffRow[], news: DealNews, context: TellingContext): Promise<Told> {
  const workflowIds: string[] = [];
  for (const [kickoff, ...others] of groups(running(kickoffs))) {
    const rivals = others.filter((other) => other.deal_id !== kickoff.deal_id);
    for (const row of [kickoff, ...others]) {
      if (!wasWon(row)) await markDealWon(context.database.db, row.workflow_id);
      const other = row === kickoff ? rivals.at(-1) : kickoff;
      const merged = rivals.length > 0 && other !== undefined && other.deal_id !== row.deal_id;
      if (!merged && row.deal_lost_at === null) continue;
      const change = merged
        ? changeOf(news, 'merged', { otherDealId: other.deal_id, ...(row === kickoff && { isFirst: true }) })
        : changeOf(news, 'won', stageOf(news));
      const isOpen = await isTold(row.workflow_id, change, context);
      if (isOpen) workflowIds.push(row.workflow_id);
      if (row.deal_lost_at === null || (!isOpen && row.phase !== 'done')) continue;
      if (isOpen) {
        // The ledger may be behind: what the kickoff itself says after it has been told is the truth.
        const handle = context.client.workflow.getHandle(row.workflow_id);
        if (fellThrough(await handle.query('status'))) return { ending: row };
      }
      await markDealWonAgain(context.database.db, row.workflow_id);
    }
  }
  return { workflowIds };
}

/** Kickoffs that are not over. One that is done may have closed; signalling it says so. */
function running(kickoffs: readonly KickoffRow[]): KickoffRow[] {
  return kickoffs.filter((row) => !fellThrough(row));
}

function wasWon({ deal }: KickoffRow): boolean {
  return !('isWon' in deal) || deal.isWon !== false;
}

/** Kickoffs of one workstream together, the oldest first. */
function groups(kickoffs: readonly KickoffRow[]): [KickoffRow, ...KickoffRow[]][] {
  const byWorkstream = new Map<string, [KickoffRow, ...KickoffRow[]]>();
  for (const row of kickoffs.toSorted((a, b) => a.created_at.getTime() - b.created_at.getTime())) {
    const group = byWorkstream.get(row.workstream);
    if (group === undefined) byWorkstream.set(row.workstream, [row]);
    else group.push(row);
  }
  return [...byWorkstream.values()];
}

/** The same event, read again with the same result, is the same change; with another result it is another. */
function changeOf(
  { transitionKey, at }: DealNews,
  state: DealChange['state'],
  more: Partial<DealChange> = {},
): DealChange {
  return { key: [transitionKey, state, more.stage ?? ''].join(':'), at, state, ...more };
}

function stageOf({ deal }: DealNews): { stage?: string } {
  return deal?.stage === undefined ? {} : { stage: deal.stage };
}

/** @returns false when the kickoff has closed */
async function isTold(workflowId: string, change: DealChange, { client }: TellingContext): Promise<boolean> {
  try {
    await client.workflow.getHandle(workflowId).signal(dealChanged.name, change);
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
