/**
 * What the activities promise the workflows. Workflows import these types and nothing else; the factories in this folder
 * implement them. Every activity may run more than once and ends the same.
 */
import type { Step, StepList } from '../config/policy.ts';
import type { Deal, FormSubmission, Lead } from '../crm/port.ts';
import type { ExcludedPerson, Gap, Organizer, Participant, ShortTrail } from '../registry/model.ts';
import type {
  BackfillInput,
  BackfillPlan,
  CatchUpReport,
  DispatchInput,
  DispatchResult,
  KickoffPreview,
  MeetingEvent,
  Phase,
  RecoveryPhase,
  ReplaceParticipantsCommand,
  SweptDeliveries,
  SweptRequests,
} from '../workflows/messages.ts';

/** ISO 8601 instants. `end` is the last second of the last wanted day. */
export interface Timeframe {
  start: string;
  end: string;
}

export interface MeetingContext {
  title: string;
  purpose: string;
  description: string;
  durationMinutes: number;
}

export interface ResolveInput {
  workflowId: string;
  deal: Deal;
  workstream?: string;
  revision: number;
  /** The workflow's clock, ISO 8601: every date below is computed from it. */
  now: string;
  /** People named by hand take the place of the registry's and the CRM's. */
  replacement?: ReplaceParticipantsCommand['participants'];
  /** An organizer named by hand. */
  organizerEmail?: string;
  /** Only to see whom registry and CRM name now: the ledger keeps what it has. */
  readOnly?: true;
  texts: { vendor: string; title: string; purpose: string; description: string; durationMinutes: number };
  /** `workingDays`: count in working days where the account's country, or ours (`country`), is known. */
  window: { leadDays: number; windowDays: number; workingDays?: boolean; country?: string };
}

export interface Resolution {
  organizer?: Organizer;
  participants: Participant[];
  excluded: ExcludedPerson[];
  gaps: Gap[];
  timeframe: Timeframe;
  context: MeetingContext;
  /** For each person why they are in or out; kept short, as it stays in the history. */
  why?: ShortTrail[];
}

export interface CreateInput {
  workflowId: string;
  idempotencyKey: string;
  revision: number;
  organizer: Organizer;
  participants: Participant[];
  context: MeetingContext;
  timeframe: Timeframe;
  /** ISO 8601 (real time): from then on the window is not sent any more. Absent: of a kickoff that began before this rule. */
  sendBefore?: string;
  includeIntroduction: boolean;
  /** When the first attempt under this key was made, ISO 8601 (real time): past 23 h the key protects no more and the request is looked up first. */
  firstTriedAt: string;
  /** An earlier attempt ended without an answer: look the request up before posting again. */
  lookUpFirst: boolean;
}

export interface CreatedRequest {
  requestId: string;
  status: string;
  /** Webhooks that had come before the answer did; already taken out of the inbox. */
  events: MeetingEvent[];
  /** False when a lost answer was found again instead of a new request being made. */
  fresh: boolean;
}

/** A meeting request as it is at SkipUp now. */
export interface RequestView {
  requestId: string;
  status: string;
  organizerEmail?: string;
  bookedAt?: string;
  cancelledAt?: string;
}

export interface PhaseRecord {
  /** The phase while the list runs: a kickoff's, or a recovery's where the facts have a lead. */
  phase: Phase | RecoveryPhase;
  /** The phase once every step of the list is done. */
  phaseWhenSettled: Phase | RecoveryPhase;
  /** Every step id of the list that is being run. */
  stepIds: string[];
  needs: string[];
  /** ISO 8601; when the kickoff closes by itself. */
  closesAt?: string;
}

export interface StepInput {
  workflowId: string;
  revision: number;
  list: StepList;
  step: Step;
  /** What the ledger is told together with the step's result: no activity exists only to record. */
  record: PhaseRecord;
  /** Distinguishes repeats of one list within a revision (each follow-up, each reminder); '' for lists that run once. */
  occurrence: string;
  facts: StepFacts;
}

/** What a step's texts may name. */
export interface StepFacts {
  vendor: string;
  /** Of a kickoff. */
  deal?: Deal;
  /** Of a recovery, in place of the deal. */
  lead?: Lead;
  form?: FormSubmission;
  organizer?: Organizer;
  participants: Participant[];
  meeting: {
    key?: string;
    requestId?: string;
    status?: string;
    followUps: number;
    bookedAt?: string;
    calendarEventId?: string;
    timeframe?: Timeframe;
  };
  /** What a person must settle, in words. */
  needs: string[];
  /** Why it fell through, in words. */
  reason?: string;
  /** What earlier steps made, by step id: those that this step's texts name. */
  steps?: Record<string, StepOutcome>;
  /** Only in `on_ghosted`: who is told, and whom SkipUp has asked how often without a booking. */
  escalation?: { level: 'csm' | 'manager'; to?: string; followUps: number; since: string };
  /** The manager of the CSM who organizes, where one is configured. */
  manager?: string;
  /** Only after a fall-through: what earlier steps made that could not be undone, in words. */
  left?: string[];
}

export interface StepOutcome {
  /** In words: what was done. */
  detail: string;
  url?: string;
  /** Ids of what was made, by name. */
  ids: Record<string, string>;
  /**
   * Only of a step of kind `workflow`: the child is to be started by the workflow itself, and then `settleStep` told. Its
   * texts are filled in.
   */
  child?: ChildWorkflow;
}

/** A workflow that a step starts as a child. */
export interface ChildWorkflow {
  /** The same at every repetition of the step. */
  workflowId: string;
  type: string;
  taskQueue: string;
  input: unknown;
  until: 'started' | 'ended';
  timeoutHours?: number;
}

export interface UndoInput extends StepInput {
  outcome: StepOutcome;
  /** It was stopped while it ran: whether it got through its row knows; `outcome` is empty. */
  stopped?: true;
  /** What the workflow has itself done about a child workflow: it is only to be noted. */
  undone?: UndoOutcome;
}

export interface SettleInput extends StepInput {
  outcome: StepOutcome;
  /** In words: why the child failed. */
  error?: string;
}

/** What became of what a step had made, once the meeting has fallen through. */
export interface UndoOutcome {
  /** `left`: it cannot be undone, and somebody should know. */
  state: 'undone' | 'left';
  /** In words. */
  detail: string;
}

export interface RecordInput {
  workflowId: string;
  revision: number;
  phase: Phase;
  needs: string[];
  /** ISO 8601; when the kickoff closes by itself. */
  closesAt?: string;
}

export interface SkippedStep {
  workflowId: string;
  revision: number;
  list: StepList;
  occurrence: string;
  stepId: string;
  /** Of a step that was never begun: its row is made. */
  kind?: string;
  reason: string;
}

/** On the `kickoff` task queue; short, and run local first. */
export interface KickoffActivities {
  resolveKickoff(input: ResolveInput): Promise<Resolution>;
  runStep(input: StepInput): Promise<StepOutcome>;
  /** Takes back what a step has made, as far as its kind can. May be repeated; what is undone already is. */
  undoStep(input: UndoInput): Promise<UndoOutcome>;
  /** Notes how the child workflow of a step has ended; `error` in words when it failed. */
  settleStep(input: SettleInput): Promise<void>;
  /** Writes a phase that no other activity would carry to the ledger (a kickoff that starts to wait for a person). */
  recordPhase(input: RecordInput): Promise<void>;
  /** Notes that a person has let a failed step go, or that a step was not run because one before it has failed. */
  recordSkippedStep(input: SkippedStep): Promise<void>;
}

/** On the `kickoff` task queue; starts workflows. */
export interface DispatchActivities {
  startKickoff(input: DispatchInput): Promise<DispatchResult>;
}

/** On the `kickoff` task queue; writes nothing. */
export interface PreviewActivities {
  /**
   * What `startKickoff` would begin. The key is the workflow's to derive: it comes from its clock.
   *
   * @param input.now the workflow's clock, ISO 8601
   */
  previewKickoff(input: DispatchInput & { now: string }): Promise<PreviewFacts>;
}

/** A preview without its key, and the revision that the key would have. */
export type PreviewFacts = Omit<KickoffPreview, 'key'> & { revision: number; workstream?: string };

/** Somebody asks us to wait: the CRM, or SkipUp, whose requests do not get through. */
export interface PushBack {
  /** In words. */
  reason: string;
  /** Milliseconds that were asked for; absent when nothing was said. */
  waitMs?: number;
}

/** One page of a backfill's deals or leads, held against the ledger. */
export interface BackfillPage {
  /** Deals without a kickoff, in the CRM's order; of leads the id and the last submission stand in their places. */
  candidates: { dealId: string; name?: string; closedAt?: string }[];
  /** How many were left alone, by reason in words. */
  skipped: Record<string, number>;
  scanned: number;
  next?: string;
  remaining?: number;
  /** Nothing was read: the same page is to be asked for again later. */
  pushBack?: PushBack;
}

export interface StartBackfillInput {
  /** The backfill's workflow id; part of what makes a repetition recognise its own kickoffs. */
  backfillId: string;
  plan: BackfillPlan;
  dealIds: string[];
  /** Kickoffs started per minute, at most. */
  perMinute: number;
}

/** What became of some deals or leads of a backfill. */
export interface StartedBackfill {
  started: number;
  skipped: Record<string, number>;
  failed: { dealId: string; reason: string }[];
  /** Deals that were not tried, because somebody pushed back or the activity was told to end. */
  rest: string[];
  pushBack?: PushBack;
}

/** On the `kickoff` task queue; each ends within a few minutes and heartbeats. */
export interface BackfillActivities {
  /**
   * Checks what was asked for and fills in what was left out.
   *
   * @param input.now the workflow's clock, ISO 8601
   */
  openBackfill(input: BackfillInput & { now: string }): Promise<BackfillPlan>;
  readBackfillPage(input: { plan: BackfillPlan; cursor?: string }): Promise<BackfillPage>;
  /** Starts kickoffs, of leads recoveries, at the set rate, and never more than SkipUp takes in. */
  startBackfillDeals(input: StartBackfillInput): Promise<StartedBackfill>;
}

/** On the `kickoff` task queue. */
export interface CatchUpActivities {
  /** Reads what every CRM has won since the last time, and puts what has no kickoff into the inbox. */
  catchUpDeals(): Promise<CatchUpReport>;
}

/** Enough to recognise a request whose answer was lost. */
export type FindInput = Pick<CreateInput, 'idempotencyKey' | 'organizer' | 'participants' | 'context' | 'firstTriedAt'>;

/** On the `skipup` task queue; each is one call to SkipUp, seldom two. */
export interface SkipupActivities {
  /** Looks for a request whose answer was lost; null when SkipUp has none. */
  findMeetingRequest(input: FindInput): Promise<RequestView | null>;
  createMeetingRequest(input: CreateInput): Promise<CreatedRequest>;
  readMeetingRequest(input: { requestId: string }): Promise<RequestView>;
  cancelMeetingRequest(input: { requestId: string; notify: boolean }): Promise<RequestView>;
  pauseMeetingRequest(input: { requestId: string }): Promise<RequestView>;
  resumeMeetingRequest(input: { requestId: string }): Promise<RequestView>;
  changeMeetingOrganizer(input: { requestId: string; email: string }): Promise<RequestView>;
  updateMeetingContext(input: {
    requestId: string;
    context: Partial<MeetingContext>;
    timeframe?: Timeframe;
  }): Promise<RequestView>;
}

/** On the `skipup` task queue; each reads many pages, within the sweep's share of SkipUp's rate limit. */
export interface SweepActivities {
  /** Takes in webhooks that failed on their way, and brings the endpoint back that SkipUp has switched off for it. */
  sweepDeliveries(): Promise<SweptDeliveries>;
  /** Compares the open requests with SkipUp's list, and puts what no webhook has told into the inbox. */
  sweepRequests(): Promise<SweptRequests>;
}

/** What a recovery asks of registry, CRM and ledger; on the `kickoff` task queue, short, run local first. */
export interface RecoveryActivities {
  /** Reads the lead again, and whether it has a meeting by now or wants none. */
  checkLead(input: CheckLeadInput): Promise<LeadCheck>;
  /** Organizer, window and texts of the request. */
  prepareRecovery(input: PrepareRecoveryInput): Promise<PreparedRecovery>;
  /** Writes a phase that no other activity would carry to the ledger. */
  recordRecovery(input: RecoveryRecord): Promise<void>;
}

export interface CheckLeadInput {
  workflowId: string;
  lead: Lead;
  /** ISO 8601: meetings made before the form was filled in do not count. */
  since: string;
  /** Its request may exist, and is called off first: whatever is found, the recovery is not over. */
  mayBeRequested?: true;
}

export interface LeadCheck {
  /** As it is now. */
  lead: Lead;
  /** In words: the meeting that it has. */
  meeting?: string;
  /** In words: why it may not be written to. */
  optedOut?: string;
}

export interface PrepareRecoveryInput {
  workflowId: string;
  lead: Lead;
  form: FormSubmission;
  /** The workflow's clock, ISO 8601. */
  now: string;
  /** An organizer named by hand. */
  organizerEmail?: string;
  texts: { vendor: string; title: string; purpose: string; description: string; durationMinutes: number };
  window: { leadDays: number; windowDays: number; workingDays?: boolean; country?: string };
}

export interface PreparedRecovery {
  organizer?: Organizer;
  participant: Participant;
  timeframe: Timeframe;
  context: MeetingContext;
  /** What a person must settle before a request can be made, in words. */
  needs: string[];
}

export interface RecoveryRecord {
  workflowId: string;
  phase: RecoveryPhase;
  needs: string[];
  /** Why it ended so, in words. */
  reason?: string;
  /** ISO 8601; when it closes by itself. */
  closesAt?: string;
  /** It is over: the lead may be recovered anew, where it has attempts left. */
  ended?: boolean;
}

/** On the `kickoff` task queue: the kickoffs and recoveries of an organizer who has left. */
export interface HandOverActivities {
  /** Those that still run, the oldest first. */
  listOrganized(input: { email: string }): Promise<OrganizedMeeting[]>;
  /** Tells the organizer's manager, by mail and Slack as far as they are configured. @returns in words whom it told. */
  tellManager(input: { email: string; meetings: OrganizedMeeting[]; workflowId: string }): Promise<string>;
  /** Names another organizer for each. What cannot be changed now is said, and does not stop the others. */
  handOver(input: {
    workflowIds: string[];
    to: string;
  }): Promise<{ workflowId: string; ok: boolean; message: string }[]>;
}

/** A kickoff or a recovery, as whoever takes it over wants to see it. */
export interface OrganizedMeeting {
  workflowId: string;
  account: string;
  phase: string;
}
