import { createHash } from 'node:crypto';
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { RecoveryPolicy, VirtualClock } from '../config/policy.ts';
import type { FormSubmission, Lead } from '../crm/port.ts';
import {
  addressOptOut,
  claimRecovery,
  type Database,
  markRecoveryStarted,
  type RecoveryRow,
  recordRecovery,
  recoveriesAbout,
  renewClaim,
  timesWrittenTo,
} from '../database/index.ts';
import {
  KICKOFF_TASK_QUEUE,
  type RecoveryInput,
  type RecoveryOrigin,
  recoveryWorkflowId,
  WORKFLOW_TYPES,
} from '../workflows/messages.ts';
import { isFormerRunOpen } from './runs.ts';
import type { Started } from './start-kickoff.ts';

export interface RecoveryStartRequest {
  lead: Lead;
  form: FormSubmission;
  origin: RecoveryOrigin;
  /** How long the lead has to book by itself; left out: as the policy says. 0 for leads of long ago. */
  waitMinutes?: number | undefined;
  /** A person asks: a submission that has been followed up already is followed up again. */
  reopen?: boolean;
}

/** Why a lead is not taken up. */
export type RecoveryRefusal =
  /** It has a recovery that is not over. */
  | 'open'
  /** So has its address, as another lead's. */
  | 'same_address'
  /** This submission, or a later one, has been followed up. */
  | 'followed_up'
  /** It is at most once a day. */
  | 'today'
  /** A lead of another CRM has its id, and was taken up today. */
  | 'same_id'
  /** It has been asked `recovery.attempts` times. */
  | 'attempts'
  /** It may not be written to. */
  | 'opted_out';

export interface StartedRecovery extends Started {
  /** Only where it was refused: why, beside the words; with the phase of the recovery that speaks against it, where one does. */
  refusal?: { why: RecoveryRefusal; phase?: string };
}

export type StartRecovery = (request: RecoveryStartRequest) => Promise<StartedRecovery>;

export interface RecoveryStartDependencies {
  client: Client;
  database: Database;
  policy: RecoveryPolicy;
  clock?: VirtualClock | undefined;
}

/** For people who look at the workflow. */
const STARTED_BY: Record<RecoveryOrigin['kind'], string> = {
  form: 'by a form',
  hubspot: 'by a HubSpot form',
  manual: 'by hand',
  backfill: 'by a backfill',
};

/** Each pass either ends or has found the ledger changed by somebody else. */
const PASSES = 5;

/**
 * The one way a lead's recovery starts. The ledger's row is claimed first: at most one open recovery per lead, one per lead
 * and day, `policy.attempts` in all, and never one for an address that has opted out. A submission is followed up once,
 * whoever repeats it and whenever, so that a batch of historical leads may be run again. A crash between claim and start
 * is mended by the repetition.
 *
 * @returns `started` false with the reason in words when the lead is not taken up; it is true also for the repetition of
 *   the very event that has started it
 */
export function recoveryStarter(dependencies: RecoveryStartDependencies): StartRecovery {
  const { database, policy, clock } = dependencies;
  return async (request) => {
    const { lead } = request;
    // Computed once, here, and kept in the row: a repetition after midnight finds it there.
    const today = instantOf(clock).toISOString().slice(0, 10);
    const workflowId = recoveryWorkflowId(nameless(lead.id), today);
    const refused = ({ message, ...refusal }: Refused): StartedRecovery => ({
      workflowId,
      started: false,
      message,
      refusal,
    });
    const optedOut = await whyOptedOut(database, lead);
    for (let pass = 0; pass < PASSES; pass += 1) {
      const known = await recoveriesAbout(database.db, { ...identity(lead), workflowId });
      const own = known.filter((row) => row.crm === lead.crm && row.lead_id === lead.id);
      const same = own.find((row) => row.started_at !== null && isSameOrigin(row, request.origin));
      if (same !== undefined) {
        return { workflowId: same.workflow_id, started: true, message: `The recovery of lead ${lead.id} has started.` };
      }
      const claimed = own.find((row) => row.started_at === null && row.ended_at === null);
      if (optedOut !== undefined) {
        if (claimed !== undefined) await over(database, claimed, 'opted_out', optedOut);
        return refused({ why: 'opted_out', message: `Lead ${lead.id} may not be written to: ${optedOut}.` });
      }
      const open = known.find((row) => row.ended_at === null && row !== claimed);
      if (open !== undefined) {
        if (await isStillOpen(dependencies, open)) return refused(refusedAs(lead, open));
        await over(database, open, 'failed', 'its workflow has ended without a word');
        continue;
      }
      const why =
        claimed === undefined ? await whyNot(database, request, { known, own, workflowId, policy }) : undefined;
      if (why !== undefined) return refused(why);
      const row =
        claimed === undefined
          ? await claim(database, request, workflowId, own)
          : await renewed(database, request, claimed);
      // Another has been quicker: what there is now decides.
      if (row === undefined) continue;
      await start(dependencies, row, request);
      await markRecoveryStarted(database.db, row.workflow_id);
      const times = row.attempt > 1 ? `, for the ${ordinal(row.attempt)} time` : '';
      return {
        workflowId: row.workflow_id,
        started: true,
        message: `The recovery of lead ${lead.id} has started${times}.`,
      };
    }
    throw new Error(`lead ${lead.id} is being claimed by somebody else over and over; try again`);
  };
}

function identity(lead: Lead): { crm: string; leadId: string; email: string } {
  return { crm: lead.crm, leadId: lead.id, email: lead.email };
}

async function whyOptedOut(database: Database, lead: Lead): Promise<string | undefined> {
  const noted = await addressOptOut(database.db, lead.email);
  if (noted !== undefined) return `its address has opted out (${noted})`;
  return lead.optedOut ? 'it has opted out in the CRM' : undefined;
}

interface Refused {
  why: RecoveryRefusal;
  phase?: string;
  message: string;
}

/** Reasons against a new recovery of a lead that has none open. */
async function whyNot(
  database: Database,
  { lead, form, reopen }: RecoveryStartRequest,
  found: { known: RecoveryRow[]; own: RecoveryRow[]; workflowId: string; policy: RecoveryPolicy },
): Promise<Refused | undefined> {
  const { known, own, workflowId, policy } = found;
  const former = own.findLast((row) => submittedMs(row) >= Date.parse(form.submittedAt));
  if (former !== undefined && reopen !== true) {
    const { phase } = former;
    const message = `Lead ${lead.id}: this submission, or a later one, has been followed up already (${phase}).`;
    return { why: 'followed_up', phase, message };
  }
  const today = known.find((row) => row.workflow_id === workflowId);
  if (today !== undefined && !own.includes(today)) {
    const message = `Lead ${lead.id} of ${lead.crm} has the id of a lead of ${today.crm} that was taken up today: try again tomorrow.`;
    return { why: 'same_id', message };
  }
  if (today !== undefined) {
    const { phase } = today;
    return {
      why: 'today',
      phase,
      message: `Lead ${lead.id} has been taken up today already (${phase}); it is at most once a day.`,
    };
  }
  const times = await timesWrittenTo(database.db, { crm: lead.crm, leadId: lead.id });
  if (times < policy.attempts) return undefined;
  const often = times === 1 ? 'once' : `${times} times`;
  const message = `Lead ${lead.id} has been asked for a meeting ${often}, and recovery.attempts allows no more.`;
  return { why: 'attempts', message };
}

function submittedMs({ form }: RecoveryRow): number {
  const at = 'submittedAt' in form ? form.submittedAt : undefined;
  return typeof at === 'string' ? Date.parse(at) : Number.NaN;
}

function refusedAs(lead: Lead, { crm, lead_id: leadId, phase }: RecoveryRow): Refused {
  return leadId === lead.id && crm === lead.crm
    ? { why: 'open', phase, message: `Lead ${lead.id} is being recovered already (${phase}).` }
    : {
        why: 'same_address',
        message: `The address of lead ${lead.id} is being written to already, as that of lead ${leadId} of ${crm} (${phase}).`,
      };
}

/** A workflow that was terminated, or whose last word did not reach the ledger, holds its lead no longer. */
async function isStillOpen({ client }: RecoveryStartDependencies, row: RecoveryRow): Promise<boolean> {
  return row.started_at === null || (await isFormerRunOpen(client, row.workflow_id));
}

async function over(
  database: Database,
  row: RecoveryRow,
  phase: 'opted_out' | 'failed' | 'booked',
  reason: string,
): Promise<void> {
  const last = row.phase === 'booked' ? 'booked' : phase;
  await recordRecovery(database.db, { workflowId: row.workflow_id, phase: last, reason, needs: [], ended: true });
}

async function claim(
  database: Database,
  { lead, form, origin }: RecoveryStartRequest,
  workflowId: string,
  own: RecoveryRow[],
): Promise<RecoveryRow | undefined> {
  const attempt = 1 + Math.max(0, ...own.map((row) => row.attempt));
  return await claimRecovery(database.db, { workflowId, ...identity(lead), attempt, lead, form, origin });
}

async function renewed(
  database: Database,
  { lead, form, origin }: RecoveryStartRequest,
  { workflow_id: workflowId }: RecoveryRow,
): Promise<RecoveryRow | undefined> {
  return await renewClaim(database.db, { workflowId, email: lead.email, lead, form, origin });
}

function isSameOrigin(row: RecoveryRow, origin: RecoveryOrigin): boolean {
  return 'reference' in row.origin && row.origin.reference === origin.reference && origin.kind !== 'manual';
}

async function start(
  { client, policy, clock }: RecoveryStartDependencies,
  row: RecoveryRow,
  { lead, form, origin, waitMinutes }: RecoveryStartRequest,
): Promise<void> {
  const input: RecoveryInput = {
    lead,
    form,
    date: row.workflow_id.slice(-'YYYY-MM-DD'.length),
    attempt: row.attempt,
    origin,
    policy,
    ...(waitMinutes === undefined ? {} : { waitMinutes }),
    ...(clock === undefined ? {} : { clock }),
  };
  try {
    await client.workflow.start(WORKFLOW_TYPES.recovery, {
      workflowId: row.workflow_id,
      taskQueue: KICKOFF_TASK_QUEUE,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      staticSummary: `Lead recovery: ${nameless(lead.id)}`,
      staticDetails: `Started ${STARTED_BY[origin.kind]}.`,
      priority: { priorityKey: origin.kind === 'backfill' ? 5 : 2 },
    });
  } catch (error) {
    // It ran and has closed, and the crash came before the row said so.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/** A workflow's id, and the key at SkipUp, name nobody: a lead whose id is an address goes by its digest. */
function nameless(leadId: string): string {
  return leadId.includes('@') ? createHash('sha256').update(leadId.toLowerCase()).digest('hex').slice(0, 16) : leadId;
}

function instantOf(clock: VirtualClock | undefined): Date {
  if (clock === undefined) return new Date();
  const anchor = Date.parse(clock.anchor);
  return new Date(anchor + (Date.now() - anchor) * clock.scale);
}

function ordinal(count: number): string {
  return ['first', 'second', 'third'][count - 1] ?? `${count}th`;
}
