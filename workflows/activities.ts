/**
 * The activities as workflows see them, with their time-outs.
 *
 * Short, idempotent activities run **local first**: one history event instead of three, and no round trip to a task
 * queue. If that has not worked within a few seconds they run as regular activities with a long retry policy. This is
 * safe because every activity may be repeated.
 */
import {
  ActivityCancellationType,
  ActivityFailure,
  type ActivityInterfaceFor,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  BackfillActivities,
  CatchUpActivities,
  CheckLeadInput,
  DispatchActivities,
  HandOverActivities,
  KickoffActivities,
  PrepareRecoveryInput,
  PreviewActivities,
  RecordInput,
  RecoveryActivities,
  RecoveryRecord,
  ResolveInput,
  SettleInput,
  SkippedStep,
  SkipupActivities,
  StepInput,
  SweepActivities,
  UndoInput,
} from '../activities/contract.ts';
import { type DispatchInput, KICKOFF_TASK_QUEUE, SKIPUP_TASK_QUEUE } from './messages.ts';
import { type Attempts, attemptsOf, UNDOING, UNLESS_SAID } from './steps/retry.ts';

/** Signals wait while a local activity runs, so it is kept short. */
function local({ attempts, firstMs }: NonNullable<Attempts['local']>) {
  return proxyLocalActivities<KickoffActivities & RecoveryActivities>({
    startToCloseTimeout: '4s',
    scheduleToCloseTimeout: '8s',
    retry: { initialInterval: firstMs, backoffCoefficient: 3, maximumAttempts: attempts },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
}

function regular({ attemptMs = 20_000, heartbeatMs, regular: { attempts, firstMs, mostMs, forMs } }: Attempts) {
  return proxyActivities<KickoffActivities & RecoveryActivities>({
    taskQueue: KICKOFF_TASK_QUEUE,
    startToCloseTimeout: attemptMs,
    ...(heartbeatMs === undefined ? {} : { heartbeatTimeout: heartbeatMs }),
    scheduleToCloseTimeout: forMs,
    retry: {
      initialInterval: firstMs,
      backoffCoefficient: 2,
      maximumInterval: mostMs,
      ...(attempts === undefined ? {} : { maximumAttempts: attempts }),
    },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
}

/** Runs one quick activity local first, then as a regular one. */
async function localFirst<T>(
  attempt: (activities: ReturnType<typeof local | typeof regular>) => Promise<T>,
  attempts: Attempts = UNLESS_SAID,
  onSlow?: () => void,
): Promise<T> {
  if (attempts.local !== undefined) {
    try {
      return await attempt(local(attempts.local));
    } catch (error) {
      if (isCancellation(error) || isFinal(error)) throw error;
      onSlow?.();
    }
    if (attempts.pauseMs > 0) await sleep(attempts.pauseMs);
  }
  return await attempt(regular(attempts));
}

/** A failure that no repetition mends. A local activity throws it bare, a regular one inside an `ActivityFailure`. */
export function isFinal(error: unknown): boolean {
  const failure = error instanceof ActivityFailure ? error.cause : error;
  return failure instanceof ApplicationFailure && failure.nonRetryable === true;
}

/** The sentence for a person in a failed activity, or a failed child workflow. */
export function sentenceOf(error: unknown): string {
  const isOuter = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure;
  if (isOuter && error.cause !== undefined) return error.cause.message;
  return error instanceof Error ? error.message : String(error);
}

/** A look that a person is not waiting for: one that fails for so long is left. */
const LOOKING: Attempts = {
  ...UNLESS_SAID,
  regular: { ...UNLESS_SAID.regular, mostMs: 60_000, forMs: 10 * 60_000 },
};

export const looking = {
  resolveKickoff: (input: ResolveInput) => {
    const summary = summaryOf('Whom the registry names now, for the kickoff of deal', input.deal.id);
    return localFirst((activities) => activities.resolveKickoff.executeWithOptions({ summary }, [input]), LOOKING);
  },
};

/** What each activity does, in words, beside its name in the Temporal UI. */
export const quick = {
  resolveKickoff: (input: ResolveInput) => {
    const summary = summaryOf('Who takes part in the kickoff of deal', input.deal.id);
    return localFirst((activities) => activities.resolveKickoff.executeWithOptions({ summary }, [input]));
  },
  /** @param onSlow called when the step could not be done at once and goes on as a regular activity */
  runStep: (input: StepInput, onSlow: () => void) => {
    const summary = summaryOf('Step', `${input.step.id} (${input.step.kind})`);
    const attempts = attemptsOf(input.step);
    return localFirst((activities) => activities.runStep.executeWithOptions({ summary }, [input]), attempts, onSlow);
  },
  undoStep: (input: UndoInput) => {
    const summary = summaryOf('Take back what was made by step', `${input.step.id} (${input.step.kind})`);
    const attempts = attemptsOf(input.step, UNDOING);
    return localFirst((activities) => activities.undoStep.executeWithOptions({ summary }, [input]), attempts);
  },
  settleStep: (input: SettleInput) => {
    const summary = summaryOf('Ledger: the workflow of step', input.step.id);
    return localFirst((activities) => activities.settleStep.executeWithOptions({ summary }, [input]));
  },
  recordPhase: (input: RecordInput) => {
    const summary = summaryOf('Ledger: phase', input.phase);
    return localFirst((activities) => activities.recordPhase.executeWithOptions({ summary }, [input]));
  },
  recordSkippedStep: (input: SkippedStep) => {
    const summary = summaryOf('Ledger: skipped is the step', input.stepId);
    return localFirst((activities) => activities.recordSkippedStep.executeWithOptions({ summary }, [input]));
  },
};

/** A lead's recovery. */
export const recovering = {
  checkLead: (input: CheckLeadInput) => {
    const summary = summaryOf('CRM: has the lead a meeting by now?', input.workflowId);
    return localFirst((activities) => activities.checkLead.executeWithOptions({ summary }, [input]));
  },
  prepareRecovery: (input: PrepareRecoveryInput) => {
    const summary = summaryOf('Who invites the lead, in which window:', input.workflowId);
    return localFirst((activities) => activities.prepareRecovery.executeWithOptions({ summary }, [input]));
  },
  recordRecovery: (input: RecoveryRecord) => {
    const summary = summaryOf('Ledger: phase', input.phase);
    return localFirst((activities) => activities.recordRecovery.executeWithOptions({ summary }, [input]));
  },
};

/**
 * Creating waits out an outage: SkipUp keeps an idempotency key for 24 h, so it ends before. An attempt includes the wait
 * for its turn within SkipUp's rate limit.
 */
export const creating: Pick<SkipupActivities, 'createMeetingRequest'> = inWords(
  proxyActivities<SkipupActivities>({
    taskQueue: SKIPUP_TASK_QUEUE,
    startToCloseTimeout: '1 minute',
    heartbeatTimeout: '10s',
    scheduleToCloseTimeout: '22 hours',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '2 minutes' },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  }),
);

/** What the kickoff does by itself: it has time. */
export const patient = inWords(
  proxyActivities<SkipupActivities>({
    taskQueue: SKIPUP_TASK_QUEUE,
    startToCloseTimeout: '1 minute',
    scheduleToCloseTimeout: '1 day',
    retry: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '5 minutes' },
  }),
);

/** What a person asked for: they are waiting for the answer, and go before everything else. */
export const prompt = inWords(
  proxyActivities<SkipupActivities>({
    taskQueue: SKIPUP_TASK_QUEUE,
    priority: { priorityKey: 1 },
    startToCloseTimeout: '15s',
    scheduleToCloseTimeout: '45s',
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumAttempts: 4 },
  }),
);

/** The same calls, each with a line about it for the Temporal UI. */
function inWords(skipup: ActivityInterfaceFor<SkipupActivities>): SkipupActivities {
  const about = (what: string, which: string) => ({ summary: summaryOf(`SkipUp: ${what} the request`, which) });
  return {
    findMeetingRequest: (input) =>
      skipup.findMeetingRequest.executeWithOptions(about('look for', input.idempotencyKey), [input]),
    createMeetingRequest: (input) =>
      skipup.createMeetingRequest.executeWithOptions(about('create', input.idempotencyKey), [input]),
    readMeetingRequest: (input) =>
      skipup.readMeetingRequest.executeWithOptions(about('read', input.requestId), [input]),
    cancelMeetingRequest: (input) =>
      skipup.cancelMeetingRequest.executeWithOptions(about('cancel', input.requestId), [input]),
    pauseMeetingRequest: (input) =>
      skipup.pauseMeetingRequest.executeWithOptions(about('pause', input.requestId), [input]),
    resumeMeetingRequest: (input) =>
      skipup.resumeMeetingRequest.executeWithOptions(about('resume', input.requestId), [input]),
    changeMeetingOrganizer: (input) =>
      skipup.changeMeetingOrganizer.executeWithOptions(about('change the organizer of', input.requestId), [input]),
    updateMeetingContext: (input) =>
      skipup.updateMeetingContext.executeWithOptions(about('change the texts of', input.requestId), [input]),
  };
}

/** What a person asked for by hand. A system that is down is waited for; what is wrong with the input fails at once. */
const dispatches = proxyActivities<DispatchActivities>({
  taskQueue: KICKOFF_TASK_QUEUE,
  startToCloseTimeout: '20s',
  scheduleToCloseTimeout: '10 minutes',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
});

const previews = proxyActivities<PreviewActivities>({
  taskQueue: KICKOFF_TASK_QUEUE,
  startToCloseTimeout: '20s',
  scheduleToCloseTimeout: '1 minute',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '5s' },
});

/** @param deal the deal's id as it was typed, for the Temporal UI */
export const dispatching = {
  startKickoff: (input: DispatchInput, deal: string) =>
    dispatches.startKickoff.executeWithOptions(
      { summary: summaryOf('Read the deal, start or join its kickoff:', deal) },
      [input],
    ),
  previewKickoff: (input: DispatchInput & { now: string }, deal: string) =>
    previews.previewKickoff.executeWithOptions({ summary: summaryOf('Read the deal, show its kickoff:', deal) }, [
      input,
    ]),
};

/** The ledger is read and the manager told; whoever is down is waited for. */
const organized = proxyActivities<HandOverActivities>({
  taskQueue: KICKOFF_TASK_QUEUE,
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '1 day',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5 minutes' },
});

/** A person waits for the answer. Each of a batch is a call to SkipUp, within its rate limit. */
const handed = proxyActivities<HandOverActivities>({
  taskQueue: KICKOFF_TASK_QUEUE,
  startToCloseTimeout: '10 minutes',
  scheduleToCloseTimeout: '30 minutes',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

export const handingOver = {
  listOrganized: (input: { email: string }) =>
    organized.listOrganized.executeWithOptions({ summary: 'Ledger: what they organize' }, [input]),
  tellManager: (input: Omit<Parameters<HandOverActivities['tellManager']>[0], 'workflowId'>) =>
    organized.tellManager.executeWithOptions({ summary: 'Tell their manager' }, [
      { ...input, workflowId: workflowInfo().workflowId },
    ]),
  handOver: (input: Parameters<HandOverActivities['handOver']>[0]) =>
    handed.handOver.executeWithOptions({ summary: `Name another organizer for ${input.workflowIds.length}` }, [input]),
};

/** Temporal takes 400 bytes of summary. Ids, keys and names of steps: a person's data has no place in it. */
function summaryOf(what: string, which: string): string {
  return `${what} ${which.replace(/\p{Cc}/gu, ' ')}`.trim().slice(0, 120);
}

/**
 * Few attempts, because the next sweep is near. Reading takes its time: it keeps to its share of SkipUp's rate limit, so a
 * big workspace is minutes; heartbeats say that it goes on, and where a next attempt begins.
 */
export const sweeping = proxyActivities<SweepActivities>({
  taskQueue: SKIPUP_TASK_QUEUE,
  startToCloseTimeout: '30 minutes',
  scheduleToCloseTimeout: '40 minutes',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '1 minute', maximumAttempts: 4 },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

/** Reading a page and starting its deals; how long to wait when somebody pushes back is the workflow's to decide. */
export const backfilling = proxyActivities<BackfillActivities>({
  taskQueue: KICKOFF_TASK_QUEUE,
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1 minute' },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

/** Few attempts, because the next one by the clock is near; how far it had got is in the database. */
export const catchingUp = proxyActivities<CatchUpActivities>({
  taskQueue: KICKOFF_TASK_QUEUE,
  startToCloseTimeout: '30 minutes',
  scheduleToCloseTimeout: '40 minutes',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '1 minute', maximumAttempts: 4 },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});
