import { ApplicationFailure } from '@temporalio/activity';
import type { FormLead } from '../../crm/index.ts';
import { type RecoveryRow, recoveriesOfLeads } from '../../database/index.ts';
import type { BackfillPage } from '../contract.ts';
import type { PageAsked, PageReading } from './page-reading.ts';

/** Why a lead gets no recovery, in words. */
export const LEAD_SKIPPED = {
  isOpen: (phase: string) => `is being recovered (${phase.replaceAll('_', ' ')})`,
  followedUp: 'this submission has been followed up',
  takenUpToday: 'was taken up today',
  noAttemptsLeft: 'has been asked as often as recovery.attempts allows',
  hasMeeting: 'has a meeting',
  optedOut: 'has opted out',
  unknown: 'is not in the CRM any more, or has no address',
  sameAddress: 'is written to already, as another lead with its address',
  sameId: 'has the id of a lead of another CRM that was taken up today',
};

/** @throws CrmError; ApplicationFailure where the CRM has no list of leads */
export async function readLeads(
  { crms, database, signal }: PageReading,
  { plan, cursor }: PageAsked,
  limit: number,
): Promise<BackfillPage> {
  const leads = crms[plan.crm]?.leads;
  if (leads?.listFormLeads === undefined) {
    throw ApplicationFailure.nonRetryable(`${plan.crm} cannot be listed by this worker: look at its configuration.`);
  }
  const { after, before } = plan;
  const query = { after, before, limit, ...(cursor !== undefined && { cursor }) };
  const page = await leads.listFormLeads(query, signal);
  const { next, remaining } = page;
  const listed = lastOfEach(page.leads);
  const rows = await recoveriesOfLeads(database.db, { crm: plan.crm, leadIds: listed.map(({ leadId }) => leadId) });
  const skipped: Record<string, number> = {};
  const candidates = listed.filter((lead) => {
    const reason = takenUp(lead, rows);
    if (reason !== undefined) skipped[reason] = (skipped[reason] ?? 0) + 1;
    return reason === undefined;
  });
  return {
    candidates: candidates.map(({ leadId, name, submittedAt }) => ({
      dealId: leadId,
      ...(name !== undefined && { name }),
      closedAt: submittedAt,
    })),
    skipped,
    scanned: listed.length,
    ...(next !== undefined && { next }),
    ...(remaining !== undefined && { remaining }),
  };
}

/** Somebody may have filled in two forms, which a CRM lists apart. */
function lastOfEach(leads: readonly FormLead[]): FormLead[] {
  const byId = new Map<string, FormLead>();
  for (const lead of leads) {
    const known = byId.get(lead.leadId);
    if (known === undefined || known.submittedAt < lead.submittedAt) byId.set(lead.leadId, lead);
  }
  return [...byId.values()];
}

/** Why the ledger speaks against a lead, before the CRM is asked for more of it. */
function takenUp({ leadId, submittedAt }: FormLead, rows: readonly RecoveryRow[]): string | undefined {
  const own = rows.filter((row) => row.lead_id === leadId);
  const open = own.find((row) => row.ended_at === null);
  if (open !== undefined) return LEAD_SKIPPED.isOpen(open.phase);
  return own.some((row) => submittedMs(row) >= Date.parse(submittedAt)) ? LEAD_SKIPPED.followedUp : undefined;
}

/** When the form was filled in that a recovery is about; NaN where it does not say. */
function submittedMs({ form }: RecoveryRow): number {
  const at = 'submittedAt' in form ? form.submittedAt : undefined;
  return typeof at === 'string' ? Date.parse(at) : Number.NaN;
}
