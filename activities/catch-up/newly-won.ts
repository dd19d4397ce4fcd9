import type { WonDeal } from '../../crm/index.ts';
import type { KickoffRow } from '../../database/index.ts';

/** A won deal that has to go into the inbox. */
export interface NewlyWon {
  deal: WonDeal;
  /** ISO 8601 instant, as `Date` writes it: however the CRM spells it, it is the same transition. */
  wonAt: string;
  /** Since when its kickoff has known the deal as lost; it is won again. */
  lostAt?: Date;
}

export interface Ledger {
  /** When Kickoff first looked: deals won before are a backfill's. */
  since: Date;
  /** Pipelines whose deals get a kickoff; undefined: every one. */
  pipelines: readonly string[] | undefined;
  /** Kickoffs of the deals and of those that were merged into them. */
  kickoffs: readonly Pick<KickoffRow, 'deal_id' | 'deal_lost_at' | 'workstream'>[];
  /** Deals that the relay is going to read anyway. */
  toBeRead: ReadonlySet<string>;
}

/**
 * Those of a page's deals that were won and whose kickoff does not know it. It is the main kickoff that a deal must have:
 * one of a workstream alone was begun by hand, and one that was configured later is no news of the deal.
 *
 * A deal whose kickoff a person has cancelled stays as it is. One whose kickoff takes it for lost, or fell through for that,
 * is won again: it is in a list of won deals. Instants are not compared for it, for they are of two clocks.
 */
export function newlyWon(deals: readonly WonDeal[], ledger: Ledger): NewlyWon[] {
  // Some CRMs leave out what is below a second: a deal won in the second of the first look would seem older than it is.
  const sinceMs = Math.floor(ledger.since.getTime() / 1000) * 1000;
  return deals.flatMap((deal) => {
    const wonAt = instantOf(deal.wonAt);
    if (wonAt === undefined || wonAt.getTime() < sinceMs) return [];
    if (!isTaken(deal.pipeline, ledger.pipelines) || ledger.toBeRead.has(deal.dealId)) return [];
    const kickoffs = kickoffsOf(deal, ledger.kickoffs);
    const found = { deal, wonAt: wonAt.toISOString() };
    if (!kickoffs.some(({ workstream }) => workstream === '')) return [found];
    const lost = kickoffs.flatMap(({ deal_lost_at: lostAt }) => lostAt ?? []);
    const [lostAt] = lost.toSorted((a, b) => b.getTime() - a.getTime());
    return lostAt === undefined ? [] : [{ ...found, lostAt }];
  });
}

/** Every deal that a kickoff of one of these may be known by. */
export function knownAs(deals: readonly WonDeal[]): string[] {
  return [...new Set(deals.flatMap(({ dealId, mergedIds }) => [dealId, ...(mergedIds ?? [])]))];
}

/** @returns undefined for what is no instant */
export function instantOf(text: string | undefined): Date | undefined {
  const instant = new Date(text ?? Number.NaN);
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}

/** A deal without a pipeline comes from a CRM that has none. */
function isTaken(pipeline: string | undefined, taken: readonly string[] | undefined): boolean {
  return pipeline === undefined || taken === undefined || taken.includes(pipeline);
}

/** A deal's own kickoffs; where it has none, those of the deals that were merged into it. */
function kickoffsOf({ dealId, mergedIds = [] }: WonDeal, kickoffs: Ledger['kickoffs']): Ledger['kickoffs'] {
  const own = kickoffs.filter(({ deal_id: id }) => id === dealId);
  return own.length > 0 ? own : kickoffs.filter(({ deal_id: id }) => mergedIds.includes(id));
}
