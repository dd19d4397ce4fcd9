import { ApplicationFailure } from '@temporalio/common';
import type {
  ChildWorkflow,
  CreateInput,
  DispatchActivities,
  KickoffActivities,
  RequestView,
  Resolution,
  ResolveInput,
  SkipupActivities,
  StepFacts,
  StepInput,
} from '../../../activities/contract.ts';
import { timeframeFrom } from '../../../activities/timeframe.ts';
import type { Step, StepList } from '../../../config/policy.ts';

/** One call of an activity, with the server's time at which it came. */
export interface Call {
  name: keyof KickoffActivities | keyof SkipupActivities;
  workflowId?: string;
  requestId?: string;
  /** Of a step: its list, with its occurrence, its id and what it was told. */
  list?: StepList;
  occurrence?: string;
  step?: string;
  revision?: number;
  facts?: StepFacts;
  /** Of a child workflow that has failed, and of a step that is skipped: why. */
  error?: string;
  /** Of a record: the phase. */
  phase?: string;
  lookUpFirst?: boolean;
  key?: string;
  atMs: number;
}

export interface Recorder {
  calls: Call[];
  activities: { kickoff: KickoffActivities & DispatchActivities; skipup: SkipupActivities };
  /** The calls of one kickoff, in their order. */
  callsOf(workflowId: string): Call[];
  /** Says what has happened at SkipUp to a kickoff's meeting request, and gives it. */
  atSkipUp(workflowId: string, change: Partial<RequestView>): RequestView;
  /** Kickoffs that have nobody to invite. */
  withoutParticipants: Set<string>;
  /** Kickoffs whose requests SkipUp does not answer. */
  unanswered: Set<string>;
  /** Ids of steps that fail for good. */
  failing: Set<string>;
  /** Ids of steps that fail as if a repetition might mend it. */
  flaky: Set<string>;
  /** Ids of steps whose results cannot be taken back for now. */
  sticky: Set<string>;
  /** Ids of steps whose results cannot be taken back. */
  lasting: Set<string>;
}

/**
 * The activities in memory. The sandbox would keep a time of its own beside the server's skipped one; here only the
 * workflow's clock is looked at, so the other side is a table of requests and a list of what was asked.
 */
export function recorder(nowMs: () => Promise<number>): Recorder {
  const calls: Call[] = [];
  const requests = new Map<string, RequestView>();
  const withoutParticipants = new Set<string>();
  const unanswered = new Set<string>();
  const failing = new Set<string>();
  const flaky = new Set<string>();
  const sticky = new Set<string>();
  const lasting = new Set<string>();
  const owners = new Map<string, string>();

  const record = async (call: Omit<Call, 'atMs'>): Promise<void> => {
    const workflowId = call.workflowId ?? owners.get(call.requestId ?? '');
    calls.push({ ...call, ...(workflowId === undefined ? {} : { workflowId }), atMs: await nowMs() });
  };
  const requestAt = (requestId: string): RequestView => {
    const view = requests.get(requestId);
    if (view === undefined) throw ApplicationFailure.nonRetryable(`There is no request ${requestId}`);
    return view;
  };
  const change = (requestId: string, to: Partial<RequestView>): RequestView => {
    const view = { ...requestAt(requestId), ...to };
    requests.set(requestId, view);
    return view;
  };
  const requestIdOf = (workflowId: string, revision = 1) =>
    `mr_${workflowId.replaceAll(':', '_')}${revision === 1 ? '' : `_r${revision}`}`;

  const kickoff: KickoffActivities & DispatchActivities = {
    async resolveKickoff(input) {
      await record({ name: 'resolveKickoff', workflowId: input.workflowId });
      return resolution(input, withoutParticipants.has(input.workflowId));
    },
    async runStep(input: StepInput) {
      const { workflowId, list, occurrence, step, revision, facts } = input;
      await record({ name: 'runStep', workflowId, list, occurrence, step: step.id, revision, facts });
      if (failing.has(step.id)) throw ApplicationFailure.nonRetryable(`${step.id} is refused`);
      if (flaky.has(step.id)) throw ApplicationFailure.retryable(`${step.id} is out of reach`);
      const outcome = { detail: `made ${step.id}`, ids: { made: `${step.id}-r${revision}` } };
      return step.kind === 'workflow' ? { ...outcome, child: childOf(workflowId, step) } : outcome;
    },
    async undoStep({ workflowId, list, occurrence, step, revision, undone }) {
      await record({ name: 'undoStep', workflowId, list, occurrence, step: step.id, revision });
      if (sticky.has(step.id)) throw ApplicationFailure.retryable(`${step.id} is out of reach`);
      if (lasting.has(step.id)) return { state: 'left', detail: `${step.id} stays` };
      return undone ?? { state: 'undone', detail: 'undone' };
    },
    async settleStep({ workflowId, list, occurrence, step, error }) {
      await record({ name: 'settleStep', workflowId, list, occurrence, step: step.id, ...(error && { error }) });
    },
    async recordPhase({ workflowId, phase }) {
      await record({ name: 'recordPhase', workflowId, phase });
    },
    async recordSkippedStep({ workflowId, list, occurrence, stepId, reason, revision }) {
      await record({ name: 'recordSkippedStep', workflowId, list, occurrence, step: stepId, revision, error: reason });
    },
    async startKickoff() {
      throw ApplicationFailure.nonRetryable('Nothing is dispatched here');
    },
  };
  const skipup: SkipupActivities = {
    async findMeetingRequest() {
      return null;
    },
    async createMeetingRequest({ workflowId, lookUpFirst, revision, idempotencyKey }: CreateInput) {
      await record({ name: 'createMeetingRequest', workflowId, lookUpFirst, revision, key: idempotencyKey });
      if (unanswered.has(workflowId)) throw ApplicationFailure.retryable('SkipUp does not answer');
      const requestId = requestIdOf(workflowId, revision);
      owners.set(requestId, workflowId);
      requests.set(requestId, { requestId, status: 'active' });
      return { requestId, status: 'active', events: [], fresh: true };
    },
    async readMeetingRequest({ requestId }) {
      await record({ name: 'readMeetingRequest', requestId });
      return requestAt(requestId);
    },
    async cancelMeetingRequest({ requestId }) {
      await record({ name: 'cancelMeetingRequest', requestId });
      // SkipUp refuses to cancel what is booked already; the activity then answers with the request as it is.
      return requestAt(requestId).status === 'booked'
        ? requestAt(requestId)
        : change(requestId, { status: 'cancelled', cancelledAt: new Date(await nowMs()).toISOString() });
    },
    async pauseMeetingRequest({ requestId }) {
      await record({ name: 'pauseMeetingRequest', requestId });
      return change(requestId, { status: 'paused' });
    },
    async resumeMeetingRequest({ requestId }) {
      await record({ name: 'resumeMeetingRequest', requestId });
      return change(requestId, { status: 'active' });
    },
    async changeMeetingOrganizer({ requestId, email }) {
      await record({ name: 'changeMeetingOrganizer', requestId });
      return change(requestId, { organizerEmail: email });
    },
    async updateMeetingContext({ requestId }) {
      await record({ name: 'updateMeetingContext', requestId });
      return requestAt(requestId);
    },
  };
  return {
    calls,
    activities: { kickoff, skipup },
    callsOf: (workflowId) => calls.filter((call) => call.workflowId === workflowId),
    atSkipUp: (workflowId, to) => change(requestIdOf(workflowId), to),
    withoutParticipants,
    unanswered,
    failing,
    flaky,
    sticky,
    lasting,
  };
}

/** As the step's own kind would prepare it. */
function childOf(workflowId: string, step: Extract<Step, { kind: 'workflow' }>): ChildWorkflow {
  const { type, taskQueue, input, until, timeoutHours } = step;
  return {
    workflowId: `${workflowId}/${step.id}`,
    type,
    taskQueue,
    input,
    until,
    ...(timeoutHours === undefined ? {} : { timeoutHours }),
  };
}

function resolution({ now, window, texts }: ResolveInput, empty: boolean): Resolution {
  const { title, purpose, description, durationMinutes } = texts;
  return {
    organizer: { email: 'jordan.lee@yourcompany.example', timezone: 'UTC', from: 'registry' },
    participants: empty
      ? []
      : [
          {
            email: 'jamie.chen@acme-corp.example',
            roles: ['champion'],
            side: 'customer',
            attendance: 'required',
            from: 'registry (account)',
          },
        ],
    excluded: [],
    gaps: empty
      ? [{ severity: 'block', code: 'no_participants', message: 'There is nobody to invite.', acceptable: false }]
      : [],
    timeframe: timeframeFrom(now, 'UTC', window),
    context: { title, purpose, description, durationMinutes },
  };
}
