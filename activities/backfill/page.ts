import { ApplicationFailure } from '@temporalio/activity';
import { CrmError, type CrmName } from '../../crm/index.ts';
import type { WonDeal } from '../../crm/port.ts';
import { type Database, kickoffsOfDeals } from '../../database/index.ts';
import type { BackfillPlan } from '../../workflows/messages.ts';
import type { BackfillPage } from '../contract.ts';
import { readLeads } from './leads-page.ts';
import type { PageAsked, PageReading } from './page-reading.ts';
import { pushBackOf } from './push-back.ts';

/** Fewer than the CRMs would give: what is left of a page is kept in the workflow's history. */
const PAGE = 100;

/**
 * Reads one page of won deals and leaves out those that have or had a kickoff, and those of other pipelines; or one page of
 * leads.
 *
 * @throws ApplicationFailure when the CRM will refuse again
 */
export async function readPage(reading: PageReading, asked: PageAsked): Promise<BackfillPage> {
  try {
    return asked.plan.of === 'leads' ? await readLeads(reading, asked, PAGE) : await readDeals(reading, asked);
  } catch (error) {
    if (!(error instanceof CrmError)) throw error;
    if (!error.retryable) throw ApplicationFailure.nonRetryable(error.message, `Crm.${error.code}`);
    return { candidates: [], skipped: {}, scanned: 0, pushBack: pushBackOf(error) };
  }
}

async function readDeals({ crms, database, signal }: PageReading, { plan, cursor }: PageAsked): Promise<BackfillPage> {
  const crm = crms[plan.crm];
  if (crm?.listWonDeals === undefined) {
    throw ApplicationFailure.nonRetryable(`${plan.crm} cannot be listed by this worker: look at its configuration.`);
  }
  const { after, before, pipelines } = plan;
  const query = {
    ...{ by: 'closed' as const, after, before, limit: PAGE },
    ...(pipelines && { pipelines }),
    ...(cursor !== undefined && { cursor }),
  };
  const { deals, next, remaining } = await crm.listWonDeals(query, signal);
  const phases = await phasesOf(database, plan.crm, deals);
  const skipped: Record<string, number> = {};
  const candidates = deals.filter((deal) => {
    const reason = reasonToSkip(deal, plan, phases);
    if (reason !== undefined) skipped[reason] = (skipped[reason] ?? 0) + 1;
    return reason === undefined;
  });
  return {
    candidates: candidates.map(({ dealId, name, closedAt }) => ({
      dealId,
      ...(name !== undefined && { name }),
      ...(closedAt !== undefined && { closedAt }),
    })),
    skipped,
    scanned: deals.length,
    ...(next !== undefined && { next }),
    ...(remaining !== undefined && { remaining }),
  };
}

/** Why a deal of the plan's pipelines gets no kickoff, in words. */
export const SKIPPED = {
  hasKickoff: (phase: string) => `has a kickoff (${phase.replaceAll('_', ' ')})`,
  otherPipeline: 'in another pipeline',
  notWon: 'not won any more',
};

export function isInPipelines(pipeline: string | undefined, { pipelines }: BackfillPlan): boolean {
  return pipelines === undefined || pipeline === undefined || pipelines.includes(pipeline);
}

/** The phase of the main kickoff that each of these deals, or a deal merged into it, has or had. */
async function phasesOf(
  database: Database,
  crm: CrmName,
  deals: readonly Pick<WonDeal, 'dealId' | 'mergedIds'>[],
): Promise<Map<string, string>> {
  const idsOf = ({ dealId, mergedIds = [] }: Pick<WonDeal, 'dealId' | 'mergedIds'>) => [dealId, ...mergedIds];
  const rows = await kickoffsOfDeals(database.db, { crm, dealIds: [...new Set(deals.flatMap(idsOf))] });
  const main = rows.filter((row) => row.workstream === '');
  const phases = new Map(main.map((row) => [row.deal_id, row.phase]));
  return new Map(
    deals.flatMap((deal) => {
      const phase = idsOf(deal).flatMap((id) => phases.get(id) ?? [])[0];
      return phase === undefined ? [] : [[deal.dealId, phase] as const];
    }),
  );
}

function reasonToSkip(deal: WonDeal, plan: BackfillPlan, phases: ReadonlyMap<string, string>): string | undefined {
  const phase = phases.get(deal.dealId);
  if (phase !== undefined) return SKIPPED.hasKickoff(phase);
  return isInPipelines(deal.pipeline, plan) ? undefined : SKIPPED.otherPipeline;
}
