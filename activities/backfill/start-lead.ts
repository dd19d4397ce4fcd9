import { CrmError, type CrmLeads, type CrmName, type FormSubmission, type Lead } from '../../crm/index.ts';
import { addressOptOut, type Database, recoveriesOfLeads, timesWrittenTo } from '../../database/index.ts';
import type { StartRecovery } from '../../temporal/index.ts';
import type { StartBackfillInput } from '../contract.ts';
import type { Outcome } from './batch.ts';
import { LEAD_SKIPPED, submittedMs } from './leads-page.ts';

export interface LeadStarting {
  leads: CrmLeads;
  crmName: CrmName;
  database: Database;
  startRecovery: StartRecovery;
  /** `recovery.attempts`. */
  attempts: number;
  now: () => number;
}

/**
 * Reads one lead and starts its recovery, unless it has a meeting by now. Who filled in a form long ago has had the time to
 * book: there is no wait. @throws CrmError, and what is no single lead's fault
 */
export async function startLead(
  starting: LeadStarting,
  { backfillId, plan }: StartBackfillInput,
  leadId: string,
): Promise<Outcome> {
  const { leads, startRecovery, now } = starting;
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
  const { started } = await startRecovery({ lead, form, origin, waitMinutes: 0 });
  return started ? { started: true, begun: 1 } : { skipped: await whyNot(starting, lead, form) };
}

/** Why it was refused, in the same words for every lead: what a backfill skips is counted by its reason. */
async function whyNot(
  { database, crmName, attempts }: LeadStarting,
  lead: Lead,
  form: FormSubmission,
): Promise<string> {
  if ((await addressOptOut(database.db, lead.email)) !== undefined) return LEAD_SKIPPED.optedOut;
  const rows = await recoveriesOfLeads(database.db, { crm: crmName, leadIds: [lead.id] });
  const open = rows.find((row) => row.ended_at === null);
  if (open !== undefined) return LEAD_SKIPPED.isOpen(open.phase);
  if (rows.some((row) => submittedMs(row) >= Date.parse(form.submittedAt))) return LEAD_SKIPPED.followedUp;
  const times = await timesWrittenTo(database.db, { crm: crmName, leadId: lead.id });
  if (times >= attempts) return LEAD_SKIPPED.noAttemptsLeft;
  return rows.length > 0 ? LEAD_SKIPPED.takenUpToday : LEAD_SKIPPED.otherwise;
}
