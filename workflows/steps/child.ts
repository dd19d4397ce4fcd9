/** Steps of kind `workflow`: what teams already have, run as a child of the kickoff. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  startChild,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { ChildWorkflow, StepOutcome, UndoOutcome } from '../../activities/contract.ts';
import { sentenceOf } from '../activities.ts';
import type { StepRecord } from './record.ts';

/** What is kept of a child's result: the ledger holds links and ids, no documents. */
const MOST_FIELDS = 50;
const MOST_CHARACTERS = 500;

/**
 * Starts a child workflow and, where that is wanted, waits for its end.
 *
 * A child that is only started is left alone by whatever becomes of the kickoff, unless the step is undone. One that is
 * waited for is told to cancel when the step is stopped, and when the kickoff is terminated.
 *
 * @param outcome what the step's activity has prepared
 * @param onStarted called when the child is running
 * @returns the outcome with `workflowId`, `runId`, and the texts of what the child has returned
 * @throws ApplicationFailure with a sentence when it could not be started, failed or was ended by somebody else;
 *   a cancellation when the step was stopped
 */
export async function runChild(
  outcome: StepOutcome,
  child: ChildWorkflow,
  onStarted: () => void,
): Promise<StepOutcome> {
  const { workflowId, type, taskQueue, input, until, timeoutHours } = child;
  const { child: _prepared, ...prepared } = outcome;
  const isWaitedFor = until === 'ended';
  try {
    const handle = await startChild(type, {
      workflowId,
      taskQueue,
      args: [input],
      parentClosePolicy: isWaitedFor ? ParentClosePolicy.REQUEST_CANCEL : ParentClosePolicy.ABANDON,
      // Not until it has cleaned up: the customer's side is told of the cancellation meanwhile.
      cancellationType: isWaitedFor
        ? ChildWorkflowCancellationType.WAIT_CANCELLATION_REQUESTED
        : ChildWorkflowCancellationType.ABANDON,
      ...(timeoutHours === undefined ? {} : { workflowExecutionTimeout: Math.ceil(timeoutHours * 3_600_000) }),
    });
    onStarted();
    const ids = { ...prepared.ids, workflowId, runId: handle.firstExecutionRunId };
    if (!isWaitedFor) return { ...prepared, ids };
    const texts = textsOf(await handle.result());
    return { ...prepared, ...linkIn(texts), ids: { ...texts, ...ids } };
  } catch (error) {
    // Only the kickoff may give a repetition this id, so it is the step's own from before.
    if (error instanceof WorkflowExecutionAlreadyStartedError && !isWaitedFor) {
      onStarted();
      return { ...prepared, ids: { ...prepared.ids, workflowId } };
    }
    if (isCancellation(error) && CancellationScope.current().consideredCancelled) throw error;
    throw ApplicationFailure.nonRetryable(sentenceAbout(error, child), 'ChildWorkflow');
  }
}

/**
 * Tells the child workflow of a step to cancel.
 *
 * @param record of a step that is done, or was stopped while it ran
 * @returns undefined when it had started none
 */
export async function cancelChild(record: StepRecord, until: ChildWorkflow['until']): Promise<UndoOutcome | undefined> {
  const workflowId = record.child?.workflowId;
  if (workflowId === undefined) return undefined;
  const ended: UndoOutcome = { state: 'left', detail: `workflow ${workflowId} had ended: what it has done stays` };
  if (until === 'ended' && record.stopped === undefined) return ended;
  const cancelled: UndoOutcome = { state: 'undone', detail: `workflow ${workflowId} was told to cancel` };
  // It was told so when the step was stopped.
  if (until === 'ended') return cancelled;
  try {
    await getExternalWorkflowHandle(workflowId).cancel();
    return cancelled;
  } catch (error) {
    if (isCancellation(error)) throw error;
    // Temporal knows it no more, or it is closed.
    return ended;
  }
}

function sentenceAbout(error: unknown, { workflowId, timeoutHours }: ChildWorkflow): string {
  const which = `Workflow ${workflowId}`;
  if (error instanceof WorkflowExecutionAlreadyStartedError) {
    return `${which} is running already. Retry the step when it has ended, or skip it.`;
  }
  if (isCancellation(error)) return `${which} was cancelled.`;
  const cause = error instanceof ChildWorkflowFailure ? error.cause : undefined;
  if (cause instanceof TimeoutFailure) return `${which} had not ended after ${timeoutHours ?? 'too many'} hours.`;
  if (cause instanceof TerminatedFailure) return `${which} was terminated.`;
  return `${which} failed: ${sentenceOf(error)}`;
}

/** The texts of an object, by name; a result of any other shape has none. */
function textsOf(result: unknown): Record<string, string> {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return {};
  const texts = Object.entries(result).filter(
    (entry): entry is [string, string] =>
      /^[A-Za-z][A-Za-z0-9_]{0,40}$/.test(entry[0]) &&
      typeof entry[1] === 'string' &&
      entry[1].length <= MOST_CHARACTERS,
  );
  return Object.fromEntries(texts.slice(0, MOST_FIELDS));
}

/** The link that people see. */
function linkIn({ url }: Record<string, string>): { url?: string } {
  return url !== undefined && /^https?:\/\//.test(url) ? { url } : {};
}
