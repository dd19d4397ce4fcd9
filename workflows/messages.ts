/**
 * Names and types of everything that goes in and out of the workflows: inputs, signals, updates, queries, search
 * attributes. Triggers, console and command line import this file and nothing else of `workflows/`.
 */
import { defineSearchAttributeKey } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { KickoffPolicy, VirtualClock } from '../config/policy.ts';
import type { CrmName, Deal } from '../crm/port.ts';
import type { ExcludedPerson, Gap, Organizer, Participant } from '../registry/model.ts';

/** Workflows and quick activities. */
export const KICKOFF_TASK_QUEUE = 'kickoff';
/** Calls to SkipUp: the queue carries the API's rate limit, across every worker. */
export const SKIPUP_TASK_QUEUE = 'skipup';

export const WORKFLOW_TYPES = {
  kickoff: 'kickoff',
  dispatch: 'dispatchKickoff',
  sweep: 'sweep',
  catchUp: 'catchUp',
  backfill: 'backfill',
} as const;

/** Keyword search attributes; they hold ids and phases, never a person's data. */
export const SEARCH_ATTRIBUTES = {
  deal: defineSearchAttributeKey('KickoffDeal', 'KEYWORD'),
  account: defineSearchAttributeKey('KickoffAccount', 'KEYWORD'),
  phase: defineSearchAttributeKey('KickoffPhase', 'KEYWORD'),
};

/** The id under which a deal's kickoff runs; the second of the two guards against a doubled kickoff. */
export function kickoffWorkflowId(dealId: string, workstream = ''): string {
  return workstream === '' ? `kickoff:${dealId}` : `kickoff:${dealId}:${workstream}`;
}

export const PHASES = [
  'resolving',
  'needs_attention',
  'requesting',
  'scheduling',
  'paused',
  'booked',
  'onboarding',
  'done',
  'cancelled',
  'expired',
  'failed',
] as const;
export type Phase = (typeof PHASES)[number];

/** What started the kickoff. */
export interface Origin {
  kind: 'hubspot' | 'salesforce' | 'pipedrive' | 'deal' | 'manual' | 'backfill';
  /** The transition's key, or who asked by hand. */
  reference: string;
  /** ISO 8601 instant. */
  receivedAt: string;
}

export interface KickoffInput {
  deal: Deal;
  workstream?: string;
  /** 1 for the deal's first kickoff; higher for one after a kickoff that fell through. Part of the key from 2 on. */
  revision: number;
  origin: Origin;
  policy: KickoffPolicy;
  /** Only in demonstrations and tests. */
  clock?: VirtualClock;
}

export interface KickoffResult {
  phase: Phase;
  requestId?: string;
  /** In words: how it ended. */
  outcome: string;
}

/** The SkipUp events that a kickoff acts on. */
export const MEETING_EVENTS = [
  'created',
  'booked',
  'cancelled',
  'paused',
  'resumed',
  'organizer_changed',
  'follow_up_sent',
] as const;
export type MeetingEventName = (typeof MEETING_EVENTS)[number];

/** One SkipUp webhook, verified and reduced to what the workflow needs. */
export interface MeetingEvent {
  /** Identifies the event for ever: SHA-256 of the webhook's canonical JSON; `sweep:…` when the sweep has noticed it. */
  key: string;
  name: MeetingEventName;
  requestId: string;
  /** ISO 8601 instant at which SkipUp says it happened. */
  at: string;
  /** Only in `cancelled`. */
  wasBooked?: boolean;
  /** Only in `booked`, and not always. */
  calendarEventId?: string;
  /** Where SkipUp names it. */
  organizerEmail?: string;
  /** Only in an `organizer_changed` that the sweep has noticed: it was after this instant, and at `at` at the latest. */
  since?: string;
}

export const meetingEvent = defineSignal<[MeetingEvent]>('meetingEvent');
/** The registry has changed for this kickoff's account: a kickoff that waits for people looks again. */
export const registryChanged = defineSignal('registryChanged');

/** What has become of the deal since its kickoff began. */
export interface DealChange {
  /** Identifies the change for ever: the transition's key. */
  key: string;
  /** ISO 8601 instant. */
  at: string;
  /** `gone`: the CRM does not know it any more. `merged`: it is part of another deal, which has a kickoff of its own. */
  state: 'won' | 'not_won' | 'gone' | 'merged';
  /** The stage it is at now, in the CRM's words. */
  stage?: string;
  /** The deal that it was merged with. */
  otherDealId?: string;
  /** Only of `merged`: this kickoff is the older of the two, so the other one's CSM is asked. */
  isFirst?: boolean;
}

/** The deal is not won any more, or is won again. */
export const dealChanged = defineSignal<[DealChange]>('dealChanged');

export interface CancelCommand {
  reason: string;
  /** Whether SkipUp tells the participants. Default false. */
  notify?: boolean;
}
export interface ChangeOrganizerCommand {
  email: string;
}
export interface UpdateContextCommand {
  title?: string;
  purpose?: string;
  description?: string;
  durationMinutes?: number;
  /** ISO 8601 instants. */
  timeframe?: { start: string; end: string };
}
export interface ReplaceParticipantsCommand {
  participants: { email: string; name?: string; timezone?: string; roles?: string[] }[];
  reason: string;
}
export interface RetryStepCommand {
  id: string;
}
export interface SkipStepCommand {
  id: string;
  reason: string;
}

/** Every update answers with a sentence for the person who asked. */
export const cancel = defineUpdate<string, [CancelCommand]>('cancel');
export const changeOrganizer = defineUpdate<string, [ChangeOrganizerCommand]>('changeOrganizer');
export const updateContext = defineUpdate<string, [UpdateContextCommand]>('updateContext');
export const pause = defineUpdate<string, []>('pause');
export const resume = defineUpdate<string, []>('resume');
export const replaceParticipants = defineUpdate<string, [ReplaceParticipantsCommand]>('replaceParticipants');
export const proceed = defineUpdate<string, []>('proceed');
export const retryStep = defineUpdate<string, [RetryStepCommand]>('retryStep');
export const skipStep = defineUpdate<string, [SkipStepCommand]>('skipStep');

export interface StepStatus {
  id: string;
  list: string;
  kind: string;
  state: 'running' | 'done' | 'failed' | 'skipped';
  /** In words: what it made, or why it failed. */
  detail?: string;
  url?: string;
}

/** An update that the kickoff takes as it stands now, with an input that it would accept. */
export interface PossibleCommand {
  name: string;
  /** In words: what it does. */
  about: string;
  /** Absent for one that takes no input. */
  example?: object;
}

export interface KickoffStatus {
  workflowId: string;
  phase: Phase;
  dealId: string;
  dealName: string;
  dealUrl?: string;
  account: string;
  revision: number;
  /** In words: what the kickoff is waiting for now. */
  waitingFor: string;
  /** What a person must settle; empty unless `phase` is `needs_attention`, a step failed, or the deal is not won any more. */
  needs: string[];
  organizer?: Organizer;
  participants: Participant[];
  excluded: ExcludedPerson[];
  gaps: Gap[];
  request?: {
    key: string;
    id?: string;
    status: string;
    followUps: number;
    /** ISO 8601 instants. */
    timeframe: { start: string; end: string };
    bookedAt?: string;
    cancelledAt?: string;
    calendarEventId?: string;
  };
  steps: StepStatus[];
  /** What a person may send it now. */
  commands: PossibleCommand[];
}

export const status = defineQuery<KickoffStatus>('status');

/** Input of `dispatchKickoff`, the workflow a person starts: a deal's id, or a whole deal. Checked by its activity. */
export interface DispatchInput {
  dealId?: string;
  crm?: string;
  workstream?: string;
  deal?: unknown;
  /** Only shows whom it would invite, under which key, and what is missing. */
  dryRun?: boolean;
  /** Who asks, for the record. */
  requestedBy?: string;
}

/** What a kickoff would be if it were started now. Nothing is written anywhere for it. */
export interface KickoffPreview {
  workflowId: string;
  /** The idempotency key of its meeting request. */
  key: string;
  deal: { id: string; name: string; account: string; isWon: boolean; stage?: string; url?: string };
  organizer?: Organizer;
  participants: Participant[];
  excluded: ExcludedPerson[];
  gaps: Gap[];
  title: string;
  /** ISO 8601 instants. */
  timeframe: { start: string; end: string };
  /**
   * The kickoff that the deal has or had; `key` is of its last meeting request, where it has one. One that fell through
   * would be begun again under the next revision, any other is joined.
   */
  existing?: { phase: string; revision: number; fellThrough: boolean; key?: string };
  /** In words: the deal is not won. A person may start its kickoff all the same. */
  warning?: string;
}

export interface DispatchResult {
  workflowId: string;
  /** In words: started, joined the running one, or refused and why. */
  message: string;
  started: boolean;
  /** Where to see it, when the Temporal UI's address is configured. */
  url?: string;
  /** Only for a dry run. */
  preview?: KickoffPreview;
}

/**
 * Input of `backfill`: which historical deals get a kickoff. Either a window of close dates, or `closedWithinDays` for a
 * Schedule. Checked by its first activity.
 */
export interface BackfillInput {
  crm: CrmName;
  /** ISO 8601 dates (UTC) or instants: deals closed from `closedAfter` on, and before `closedBefore` (default: now). */
  closedAfter?: string;
  closedBefore?: string;
  /** In their place: deals closed in so many days before the start. */
  closedWithinDays?: number;
  /** The CRM's own ids of pipelines. Left out: those of the configuration. */
  pipelines?: string[];
  /** At most so many kickoffs are started. */
  limit?: number;
  /** Only counts and names what it would start. */
  dryRun?: boolean;
  /** Kickoffs started per minute, at most. Left out: the configuration's. */
  perMinute?: number;
  /** Who asks, for the record. */
  requestedBy?: string;
  /** What the run before this one (continue-as-new) had reached; never given by a person. */
  carried?: BackfillCarried;
}

/** A checked backfill: everything that was left out is filled in. */
export interface BackfillPlan {
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

/** How far a backfill has got. Lists hold the first 200. */
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

/** What was caught up with in one CRM. */
export interface CaughtUp {
  crm: CrmName;
  /** The window of changes that was looked at; ISO 8601 instants. */
  from: string;
  until: string;
  /** Won deals that had changed in it. */
  scanned: number;
  /** Those that were won without a kickoff, and are in the inbox now. */
  takenIn: number;
  /** The first 50. */
  deals: { dealId: string; name?: string; wonAt: string }[];
  /** Running kickoffs' deals that are not won any more; without a stage: gone. They are in the inbox now. The first 50. */
  lost: { dealId: string; stage?: string }[];
}

/** What one catching-up found. A CRM that could not be asked is absent, and `problems` says why. */
export interface CatchUpReport {
  crms: CaughtUp[];
  problems: string[];
}

/** How the product's own webhook endpoint stands at SkipUp. */
export type EndpointState =
  /** No public address is configured: there is none to look for. */
  | 'not_configured'
  /** SkipUp has none for the public address. */
  | 'missing'
  | 'on'
  /** Switched off without a reason of SkipUp's: a person has done it, and a person switches it on. */
  | 'off_by_person'
  /** Switched off by SkipUp, and its test delivery has not come through yet. */
  | 'off'
  /** Switched off by SkipUp; its test delivery came through, and it is on again. */
  | 'brought_back';

/** SkipUp's test delivery to an endpoint that it had switched off. */
export interface EndpointTest {
  endpointId: string;
  /** Which switching off it is about; ISO 8601. */
  disabledAt: string;
  deliveryId: string;
  /** ISO 8601. */
  sentAt: string;
  /** How many tests have been sent since the endpoint is off. */
  sent: number;
}

/** What the sweep found in the deliveries of the product's own endpoint. */
export interface SweptDeliveries {
  endpoint: EndpointState;
  endpointId?: string;
  /** Webhooks that had failed and are in the inbox now. */
  takenIn: number;
  /** Failed, and known already. */
  known: number;
  test?: EndpointTest;
  /** What a person should do about the endpoint, in words. */
  advice?: string;
}

/** A happening that no webhook has told of. */
export interface Noticed {
  workflowId: string;
  requestId: string;
  event: MeetingEventName;
}

/** Somebody who should invite and, as far as SkipUp's member list goes, cannot. */
export interface UnknownOrganizer {
  email: string;
  /** Kickoffs whose request this person organizes. */
  kickoffs: string[];
  /** Accounts whose lead this person is in the registry. */
  accounts: string[];
  /** The configured fallback. */
  isFallback: boolean;
}

/** What the sweep found by comparing the open meeting requests with SkipUp's list. Lists hold the first 50. */
export interface SweptRequests {
  /** Open requests that were compared. */
  compared: number;
  /** How many happenings were noticed and put into the inbox. */
  takenIn: number;
  noticed: Noticed[];
  /** Differences whose events are in the inbox already and wait to be delivered. */
  underWay: number;
  /** Requests that SkipUp says it does not have. */
  gone: string[];
  /** Requests whose status at SkipUp cannot follow from what is known; a person should look. */
  contradictions: { requestId: string; known: string; atSkipUp: string }[];
  unknownOrganizers: UnknownOrganizer[];
  /** What could not be found out, in words. */
  notes: string[];
}

/** What one sweep found. A part that could not be done is absent, and `problems` says why. */
export interface SweepReport {
  deliveries?: SweptDeliveries;
  requests?: SweptRequests;
  problems: string[];
}
