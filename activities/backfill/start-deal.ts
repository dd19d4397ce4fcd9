import type { Crm, CrmName } from '../../crm/index.ts';
import type { Deal } from '../../crm/port.ts';
import { type Database, kickoffsOfDeals } from '../../database/index.ts';
import { type StartKickoff, startWonDeal } from '../../temporal/index.ts';
import type { StartBackfillInput } from '../contract.ts';
import type { Outcome } from './batch.ts';
import { isInPipelines, SKIPPED } from './page.ts';

export interface DealStarting {
  crm: Crm;
  crmName: CrmName;
  database: Database;
  startKickoff: StartKickoff;
  /** The workstreams that start with a deal that is won. */
  workstreamsOf?: ((deal: Deal) => readonly string[]) | undefined;
  now: () => number;
}

/** Reads one deal and starts its kickoff. @throws CrmError, and what is no single deal's fault */
export async function startDeal(
  { crm, crmName, database, startKickoff, workstreamsOf, now }: DealStarting,
  { backfillId, plan }: StartBackfillInput,
  dealId: string,
): Promise<Outcome> {
  const deal = await crm.readDeal(dealId);
  if (!deal.isWon) return { skipped: SKIPPED.notWon };
  if (!isInPipelines(deal.pipeline, plan)) return { skipped: SKIPPED.otherPipeline };
  const reference = `${backfillId}:${dealId}`;
  const origin = { kind: 'backfill' as const, reference, receivedAt: new Date(now()).toISOString() };
  const results = await startWonDeal(
    (workstream) => startKickoff({ deal, workstream, origin }),
    // A deal that has its main kickoff is none of the backfill's, whatever workstreams there are by now.
    { workstreams: workstreamsOf?.(deal) ?? [], known: [] },
  );
  const [main] = results;
  if (main?.started === true) return { started: true, begun: results.filter(({ started }) => started).length };
  const phase = await phaseOf(database, crmName, deal);
  return phase === undefined ? { failed: main?.message ?? '' } : { skipped: SKIPPED.hasKickoff(phase) };
}

/** Of the main kickoff that this deal has, or a deal that was merged into it. */
async function phaseOf(database: Database, crm: CrmName, { id, mergedIds = [] }: Deal): Promise<string | undefined> {
  const kickoffs = await kickoffsOfDeals(database.db, { crm, dealIds: [id, ...mergedIds] });
  const rows = kickoffs.filter((row) => row.workstream === '');
  return (rows.find((row) => row.deal_id === id) ?? rows[0])?.phase;
}
