import { CrmError, type CrmLeads } from '../../crm/index.ts';
import type { RecoveryRefusal, StartedRecovery, StartRecovery } from '../../temporal/index.ts';
import type { StartBackfillInput } from '../contract.ts';
import type { Outcome } from './batch.ts';
import { LEAD_SKIPPED } from './leads-page.ts';

export interface LeadStarting {
  leads: CrmLeads;
  startRecovery: StartRecovery;
  now: () => number;
}

/**
 * Reads one lead and starts its recovery, unless it has a meeting by now. Who filled in a form long ago has had the time to
 * book: there is no wait. @throws CrmError, and what is no single lead's fault
 */
export async function startLead(
  { leads, startRecovery, now }: LeadStarting,
  { backfillId, plan }: StartBackfillInput,
  leadId: string,
): Promise<Outcome> {
  const lead = await leads.readLead({ id: leadId }).catch((error: unknown) => {
    if (error instanceof CrmError && error.code === 'not_found') return undefined;
    throw error;
  });
  if (lead === undefined) return { skipped: LEAD_SKIPPED.unknown };
  if (lead.optedOut) return { skipped: LEAD_SKIPPED.optedOut };
  const last = await leads.lastSubmission?.(lead.id);
  const form = last ?? { name: 'a form', submittedAt: plan.after, answers: {} };
  if ((await leads.findMeeting(lead, form.submittedAt)) !== undefined) return { skipped: LEAD_SKIPPED.hasMeeting };
  const reference = `${backfillId}:${leadId}`;
  const origin = { kind: 'backfill' as const, reference, receivedAt: new Date(now()).toISOString() };
  const result = await startRecovery({ lead, form, origin, waitMinutes: 0 });
  return result.started ? { started: true, begun: 1 } : { skipped: whyNot(result) };
}

const WHY_NOT: Record<Exclude<RecoveryRefusal, 'open'>, string> = {
  same_address: LEAD_SKIPPED.sameAddress,
  followed_up: LEAD_SKIPPED.followedUp,
  today: LEAD_SKIPPED.takenUpToday,
  same_id: LEAD_SKIPPED.sameId,
  attempts: LEAD_SKIPPED.noAttemptsLeft,
  opted_out: LEAD_SKIPPED.optedOut,
};

/** Why it was refused, in the same words for every lead: what a backfill skips is counted by its reason. */
function whyNot({ refusal, message }: StartedRecovery): string {
  if (refusal === undefined) return message;
  return refusal.why === 'open' ? LEAD_SKIPPED.isOpen(refusal.phase ?? 'open') : WHY_NOT[refusal.why];
}
