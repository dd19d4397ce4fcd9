import { ApplicationFailure } from '@temporalio/common';
import type {
  CreateInput,
  DispatchActivities,
  KickoffActivities,
  RequestView,
  Resolution,
  ResolveInput,
  SkipupActivities,
  StepInput,
} from '../../../activities/contract.ts';
import { timeframeFrom } from '../../../activities/timeframe.ts';
import type { StepList } from '../../../config/policy.ts';

/** One call of an activity, with the server's time at which it came. */
export interface Call {
  name: keyof KickoffActivities | keyof SkipupActivities;
  workflowId?: string;
  requestId?: string;
  /** Of a step: its list, with its occurrence. */
  list?: StepList;
  occurrence?: string;
  /** Of a record: the phase. */
  phase?: string;
  lookUpFirst?: boolean;
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
  const requestIdOf = (workflowId: string) => `mr_${workflowId.replaceAll(':', '_')}`;

  const kickoff: KickoffActivities & DispatchActivities = {
    async resolveKickoff(input) {
      await record({ name: 'resolveKickoff', workflowId: input.workflowId });
      return resolution(input, withoutParticipants.has(input.workflowId));
    },
    async runStep(input: StepInput) {
      const { workflowId, list, occurrence, step } = input;
      await record({ name: 'runStep', workflowId, list, occurrence });
      if (failing.has(step.id)) throw ApplicationFailure.nonRetryable(`${step.id} is refused`);
      return { detail: 'done', ids: {} };
    },
    async undoStep({ workflowId, list, occurrence }) {
      await record({ name: 'undoStep', workflowId, list, occurrence });
      return { state: 'undone', detail: 'undone' };
    },
    async settleStep({ workflowId, list, occurrence }) {
      await record({ name: 'settleStep', workflowId, list, occurrence });
    },
    async recordPhase({ workflowId, phase }) {
      await record({ name: 'recordPhase', workflowId, phase });
    },
    async recordSkippedStep({ workflowId }) {
      await record({ name: 'recordSkippedStep', workflowId });
    },
    async startKickoff() {
      throw ApplicationFailure.nonRetryable('Nothing is dispatched here');
    },
  };
  const skipup: SkipupActivities = {
    async findMeetingRequest() {
      return null;
    },
    async createMeetingRequest({ workflowId, lookUpFirst }: CreateInput) {
      await record({ name: 'createMeetingRequest', workflowId, lookUpFirst });
      if (unanswered.has(workflowId)) throw ApplicationFailure.retryable('SkipUp does not answer');
      const requestId = requestIdOf(workflowId);
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
