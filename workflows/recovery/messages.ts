/** What goes in and out of the workflow `leadRecovery`. */
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { RecoveryPolicy, VirtualClock } from '../../config/policy.ts';
import type { FormSubmission, Lead } from '../../crm/port.ts';
import type { Organizer } from '../../registry/model.ts';

/**
 * The id under which a lead is recovered, which is also the idempotency key of its meeting request: so a lead is recovered
 * at most once a day. Source: SkipUp's guide to lead recovery pipelines, "idempotency key strategy".
 *
 * @param date the day on which the lead is taken up, `YYYY-MM-DD`, UTC; computed once and kept
 */
export function recoveryWorkflowId(leadId: string, date: string): string {
  return `lead:${leadId}:recovery:${date}`;
}

export const RECOVERY_PHASES = [
  /** The lead has time to book by itself. */
  'waiting',
  'checking',
  'needs_attention',
  'requesting',
  'scheduling',
  'paused',
  /** Booked through SkipUp: recovered. */
  'booked',
  /** It had booked by itself before it was asked, or has since. */
  'booked_elsewhere',
  /** The request was cancelled: back to nurturing. */
  'cancelled',
  'expired',
  /** It may not be written to. */
  'opted_out',
  'failed',
] as const;
export type RecoveryPhase = (typeof RECOVERY_PHASES)[number];

export interface RecoveryInput {
  lead: Lead;
  form: FormSubmission;
  /** `YYYY-MM-DD`: the day in the id and the key. */
  date: string;
  /** Which attempt this is, from 1. */
  attempt: number;
  origin: RecoveryOrigin;
  policy: RecoveryPolicy;
  /** Left out: as the policy says. 0 for leads of long ago, who have had their time. */
  waitMinutes?: number;
  /** Only in demonstrations and tests. */
  clock?: VirtualClock;
}

export interface RecoveryOrigin {
  kind: 'form' | 'hubspot' | 'manual' | 'backfill';
  /** The submission's key, or who asked by hand. */
  reference: string;
  /** ISO 8601 instant. */
  receivedAt: string;
}

export interface RecoveryResult {
  phase: RecoveryPhase;
  requestId?: string;
  /** In words. */
  outcome: string;
}

/** The lead has booked elsewhere. */
export interface LeadBooked {
  key: string;
  /** ISO 8601 instant. */
  at: string;
  /** In words, where it is known. */
  meeting?: string;
}
export const leadBooked = defineSignal<[LeadBooked]>('leadBooked');

export interface RecoveryStatus {
  workflowId: string;
  phase: RecoveryPhase;
  leadId: string;
  /** Name, or address. */
  leadName: string;
  company?: string;
  attempt: number;
  waitingFor: string;
  needs: string[];
  organizer?: Organizer;
  request?: {
    key: string;
    id?: string;
    status: string;
    followUps: number;
    timeframe: { start: string; end: string };
    bookedAt?: string;
    cancelledAt?: string;
  };
  steps: { id: string; list: string; kind: string; state: string; detail?: string; url?: string }[];
  /** What a person may send it now. */
  commands: { name: string; about: string; example?: object }[];
}
export const recoveryStatus = defineQuery<RecoveryStatus>('status');
