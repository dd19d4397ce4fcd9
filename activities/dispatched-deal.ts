/** The deal that a person means, and the kickoff that it has already. */
import { ApplicationFailure } from '@temporalio/activity';
import { type Crm, CrmError, type CrmName, type Deal } from '../crm/index.ts';
import { type Database, findKickoff, type KickoffRow, REOPENABLE_PHASES } from '../database/index.ts';
import { kickoffWorkflowId } from '../workflows/messages.ts';
import { type CheckedDispatch, wrongInput } from './dispatch-input.ts';
import { crmFailure } from './failures.ts';

type Crms = Partial<Record<CrmName, Crm>>;

/**
 * The whole deal as it was typed, or the CRM's under its id.
 *
 * @throws ApplicationFailure: the CRM is not configured, must be named, or does not know the deal
 */
export async function dealOf(crms: Crms, input: CheckedDispatch, signal?: AbortSignal): Promise<Deal> {
  if (input.deal !== undefined) {
    configured(crms, input.deal.crm, 'deal.crm');
    return input.deal;
  }
  const crm = input.crm === undefined ? onlyReadable(crms) : configured(crms, input.crm, 'crm');
  const dealId = input.dealId ?? '';
  try {
    return await crm.readDeal(dealId, signal);
  } catch (error) {
    if (error instanceof CrmError && error.code === 'not_found' && crm.name !== 'generic') {
      throw ApplicationFailure.create({
        message: `There is no deal ${dealId} in ${crm.name}, or its access token may not see it. Check the id. (${error.message})`,
        type: 'Crm.not_found',
        nonRetryable: true,
        cause: error,
      });
    }
    throw crmFailure(error);
  }
}

/**
 * The deal's kickoff in the ledger; undefined when none was ever begun. A deal that others were merged into has theirs, but
 * for one that fell through: it stands in nobody's way.
 */
export async function kickoffOfDeal(
  database: Database,
  deal: Deal,
  workstream: string | undefined,
): Promise<KickoffRow | undefined> {
  const own = await findKickoff(database.db, kickoffWorkflowId(deal.id, workstream));
  if (own !== undefined) return own;
  for (const id of deal.mergedIds ?? []) {
    const row = await findKickoff(database.db, kickoffWorkflowId(id, workstream));
    if (row !== undefined && !wouldBegin(row)) return row;
  }
  return undefined;
}

/** Whether a dispatch by hand would begin a kickoff, rather than join the one that is there. */
export function wouldBegin(row: KickoffRow | undefined): boolean {
  return row === undefined || row.started_at === null || REOPENABLE_PHASES.some((phase) => phase === row.phase);
}

/** What a person should know who starts the kickoff of a deal that is not won; undefined for one that is. */
export function notWon(deal: Deal): string | undefined {
  if (deal.isWon) return undefined;
  return `The deal is not won${deal.stage === undefined ? '' : `: it is at stage ${deal.stage}`}.`;
}

function configured(crms: Crms, name: CrmName, field: string): Crm {
  const crm = crms[name];
  if (crm !== undefined) return crm;
  throw wrongInput([`${field}: ${name} is not configured here; configured: ${Object.keys(crms).join(', ') || 'none'}`]);
}

/** The one CRM that can be asked for a deal by its id. */
function onlyReadable(crms: Crms): Crm {
  const readable = Object.values(crms).filter((crm) => crm.name !== 'generic');
  const [only, ...others] = readable;
  if (only === undefined) {
    throw wrongInput(['dealId: no CRM is configured here that deals could be read from; give the whole deal']);
  }
  if (others.length > 0) {
    throw wrongInput([`crm: is missing; say which of ${readable.map((crm) => crm.name).join(', ')} has the deal`]);
  }
  return only;
}
