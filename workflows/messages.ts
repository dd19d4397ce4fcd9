/**
 * Names and types of everything that goes in and out of the workflows: inputs, signals, updates, queries, search
 * attributes. Triggers, console and command line import this file and nothing else of `workflows/`.
 */
import { defineSearchAttributeKey } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { KickoffPolicy, VirtualClock } from '../config/policy.ts';
import type { Deal } from '../crm/port.ts';
import type { ExcludedPerson, Gap, Organizer, Participant, ShortTrail } from '../registry/model.ts';
import type { MeetingEvent } from './meeting/messages.ts';

export * from './backfill/messages.ts';
export * from './catch-up/messages.ts';
export * from './hand-over/messages.ts';
export * from './meeting/messages.ts';
export * from './recovery/messages.ts';
export * from './sweep/messages.ts';

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
  recovery: 'leadRecovery',
  handOver: 'handOver',
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

/** Somebody organizes this meeting no more: a member of the SkipUp workspace was deactivated. */
export interface OrganizerLeft {
  /** Identifies the event for ever. */
  key: string;
  email: string;
  /** ISO 8601 instant. */
  at: string;
}
/** Its organizer cannot organize it any more; another one is to be named with `changeOrganizer`. */
export const organizerLeft = defineSignal<[OrganizerLeft]>('organizerLeft');

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
/** Either `participants`, or `fromRegistry`: whoever registry and CRM name now. */
export interface ReplaceParticipantsCommand {
  fromRegistry?: true;
  participants?: { email: string; name?: string; timezone?: string; roles?: string[] }[];
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
  /**
   * `waiting`: for the steps before it, or to be run again. `undone`: what it made is taken back; `left`: it was to be, and
   * cannot.
   */
  state: 'waiting' | 'running' | 'done' | 'failed' | 'skipped' | 'undone' | 'left';
  /** In words: what it made, or why it failed. */
  detail?: string;
  url?: string;
  /** Only of one that belongs to a revision that is over. */
  revision?: number;
}

/** Nobody has booked after so many follow-ups, and somebody was told. */
export interface EscalationStatus {
  level: 'csm' | 'manager';
  to?: string;
  followUps: number;
  /** ISO 8601 instant: since when SkipUp asks. */
  since: string;
  revision: number;
  /** Who was asked. */
  asked: string[];
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
  /** For each person, the first sixty, why they are in or out. */
  why?: ShortTrail[];
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
  /** The revision before this one: its meeting was called off. */
  former?: { revision: number; reason?: string; requestId?: string };
  /** Who was told that nobody books. */
  escalations?: EscalationStatus[];
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
  deal: {
    id: string;
    name: string;
    account: string;
    /** As the registry knows the account; absent in what older versions have said. */
    accountId?: string;
    isWon: boolean;
    stage?: string;
    url?: string;
  };
  organizer?: Organizer;
  participants: Participant[];
  excluded: ExcludedPerson[];
  gaps: Gap[];
  why?: ShortTrail[];
  title: string;
  /** What its workstream does otherwise than the main kickoff, in words. */
  rules?: string;
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
