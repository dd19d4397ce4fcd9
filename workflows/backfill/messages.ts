/** What goes in and out of the workflow `backfill`. */
import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { CrmName } from '../../crm/port.ts';

/**
 * Input of `backfill`: which historical deals get a kickoff, or which leads that have filled in a form a recovery. Either a
 * window of close dates (`closed…`; of leads: of last submissions, `submitted…`), or so many days back, for a Schedule.
 * Checked by its first activity.
 */
export interface BackfillInput {
  /** Left out: deals. */
  of?: 'deals' | 'leads';
  crm: CrmName;
  /** ISO 8601 dates (UTC) or instants: deals closed from `closedAfter` on, and before `closedBefore` (default: now). */
  closedAfter?: string;
  closedBefore?: string;
  /** In their place: deals closed in so many days before the start. */
  closedWithinDays?: number;
  /** The same of leads, by the last form that they have filled in. */
  submittedAfter?: string;
  submittedBefore?: string;
  submittedWithinDays?: number;
  /** Of deals: the CRM's own ids of pipelines. Left out: those of the configuration. */
  pipelines?: string[];
  /** At most so many are started. */
  limit?: number;
  /** Only counts and names what it would start. */
  dryRun?: boolean;
  /** So many started per minute, at most. Left out: the configuration's. */
  perMinute?: number;
  /** Who asks, for the record. */
  requestedBy?: string;
  /** What the run before this one (continue-as-new) had reached; never given by a person. */
  carried?: BackfillCarried;
}

/** A checked backfill: everything that was left out is filled in. */
export interface BackfillPlan {
  /** Left out: deals. */
  of?: 'leads';
  crm: CrmName;
  /** ISO 8601 instants. */
  after: string;
  before: string;
  pipelines?: string[];
  limit?: number;
  dryRun: boolean;
  perMinute: number;
}

export const BACKFILL_STATES = ['opening', 'running', 'paused', 'pushed_back', 'done', 'cancelled'] as const;
export type BackfillState = (typeof BACKFILL_STATES)[number];

/** How far a backfill has got. Lists hold the first 200. Of leads, `dealId` is the lead's id and `closedAt` its submission. */
export interface BackfillProgress {
  state: BackfillState;
  plan?: BackfillPlan;
  /** Deals that the CRM has listed so far. */
  scanned: number;
  started: number;
  /** How many deals were left alone, by reason in words. */
  skipped: Record<string, number>;
  failed: number;
  failures: { dealId: string; reason: string }[];
  /** Only for a dry run: deals that would get a kickoff. */
  wouldStart: { dealId: string; name?: string; closedAt?: string }[];
  /** Kickoffs started per minute, at most; `changeRate` changes it. */
  perMinute: number;
  /** Deals still to be looked at, where the CRM says so. */
  remaining?: number;
  /** Seconds left at the pace of the last minutes; absent where it cannot be told. */
  secondsLeft?: number;
  /** In words. */
  waitingFor: string;
  /** ISO 8601 instant. */
  startedAt: string;
}

/** What a backfill carries through continue-as-new. */
export interface BackfillCarried {
  progress: BackfillProgress;
  /** The page that comes next. */
  cursor?: string;
}

export interface ChangeRateCommand {
  perMinute: number;
}

/** Updates of `backfill`, besides `cancel`, `pause` and `resume`, which a kickoff has too. */
export const changeRate = defineUpdate<string, [ChangeRateCommand]>('changeRate');
export const progress = defineQuery<BackfillProgress>('progress');
