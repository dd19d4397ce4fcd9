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
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import type {
  BackfillActivities,
  CatchUpActivities,
  DispatchActivities,
  KickoffActivities,
  RecordInput,
  ResolveInput,
  SkippedStep,
  SkipupActivities,
  StepInput,
  SweepActivities,
} from '../activities/contract.ts';
import { KICKOFF_TASK_QUEUE, SKIPUP_TASK_QUEUE } from './messages.ts';

/** Signals wait while a local activity runs, so it is kept short. */
const local = proxyLocalActivities<KickoffActivities>({
  startToCloseTimeout: '4s',
  scheduleToCloseTimeout: '8s',
  retry: { initialInterval: '250ms', backoffCoefficient: 3, maximumAttempts: 3 },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

/** After two days of failure a person is told, and can retry. */
const regular = proxyActivities<KickoffActivities>({
  taskQueue: KICKOFF_TASK_QUEUE,
  startToCloseTimeout: '20s',
  scheduleToCloseTimeout: '2 days',
  retry: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '5 minutes' },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

/** Runs one quick activity local first, then as a regular one. */
async function localFirst<T>(attempt: (activities: KickoffActivities) => Promise<T>, onSlow?: () => void): Promise<T> {
  try {
    return await attempt(local);
  } catch (error) {
    if (isCancellation(error) || isFinal(error)) throw error;
    onSlow?.();
    return await attempt(regular);
  }
}

/** A failure that no repetition mends. A local activity throws it bare, a regular one inside an `ActivityFailure`. */
export function isFinal(error: unknown): boolean {
  const failure = error instanceof ActivityFailure ? error.cause : error;
  return failure instanceof ApplicationFailure && failure.nonRetryable === true;
}

/** The sentence for a person in a failed activity. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ActivityFailure && error.cause !== undefined) return error.cause.message;
  return error instanceof Error ? error.message : String(error);
}

export const quick = {
  resolveKickoff: (input: ResolveInput) => localFirst((activities) => activities.resolveKickoff(input)),
  /** @param onSlow called when the step could not be done at once and goes on as a regular activity */
  runStep: (input: StepInput, onSlow: () => void) => localFirst((activities) => activities.runStep(input), onSlow),
  recordPhase: (input: RecordInput) => localFirst((activities) => activities.recordPhase(input)),
  recordSkippedStep: (input: SkippedStep) => localFirst((activities) => activities.recordSkippedStep(input)),
};

/**
 * Creating waits out an outage: SkipUp keeps an idempotency key for 24 h, so it ends before. An attempt includes the wait
 * for its turn within SkipUp's rate limit.
 */
export const creating = proxyActivities<Pick<SkipupActivities, 'createMeetingRequest'>>({
  taskQueue: SKIPUP_TASK_QUEUE,
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10s',
  scheduleToCloseTimeout: '22 hours',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '2 minutes' },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

/** What the kickoff does by itself: it has time. */
export const patient = proxyActivities<SkipupActivities>({
  taskQueue: SKIPUP_TASK_QUEUE,
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '1 day',
  retry: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '5 minutes' },
});

/** What a person asked for: they are waiting for the answer, and go before everything else. */
export const prompt = proxyActivities<SkipupActivities>({
  taskQueue: SKIPUP_TASK_QUEUE,
  priority: { priorityKey: 1 },
  startToCloseTimeout: '15s',
  scheduleToCloseTimeout: '45s',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumAttempts: 4 },
});

export const dispatching = proxyActivities<DispatchActivities>({
  taskQueue: KICKOFF_TASK_QUEUE,
  startToCloseTimeout: '20s',
  scheduleToCloseTimeout: '10 minutes',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
});

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
