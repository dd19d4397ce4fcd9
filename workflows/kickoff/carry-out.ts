import { ApplicationFailure, patched } from '@temporalio/workflow';
import type { FindInput, RequestView } from '../../activities/contract.ts';
import { prompt, quick, sentenceOf } from '../activities.ts';
import { findFailed } from '../steps/state.ts';
import type { Command } from './commands.ts';
import type { KickoffRun } from './run.ts';

/**
 * Does what a person asked for.
 *
 * @returns the answer, a sentence
 * @throws ApplicationFailure with a sentence that says why it could not be done; nothing has changed then
 */
export async function carryOut(run: KickoffRun, command: Command): Promise<string> {
  switch (command.name) {
    case 'cancel':
      return await cancel(run, command.input.reason, command.input.notify ?? false);
    case 'changeOrganizer':
      return await changeOrganizer(run, command.input.email.toLowerCase());
    case 'updateContext':
      return await updateContext(run, command.input);
    case 'pause':
      return await changeStatus(run, 'paused', (requestId) => prompt.pauseMeetingRequest({ requestId }));
    case 'resume':
      return await changeStatus(run, 'active', (requestId) => prompt.resumeMeetingRequest({ requestId }));
    case 'replaceParticipants':
      return await replaceParticipants(run, command.input);
    case 'proceed':
      if (run.state.phase !== 'needs_attention') {
        return settleDoubt(run);
      }
      run.apply({ type: 'proceeded' });
      return 'The kickoff goes on: deal and registry are read again. Gaps that may be accepted are; others are named again.';
    case 'retryStep':
      run.apply({ type: 'step_retried', id: command.input.id });
      return `Step ${command.input.id} is being run again.`;
    case 'skipStep':
      return await skipStep(run, command.input);
  }
}

function settleDoubt(run: KickoffRun): string {
  const wasDeal = run.state.doubt !== undefined;
  run.apply({ type: 'doubt_settled' });
  return wasDeal
    ? 'The kickoff goes on, whatever has become of the deal.'
    : 'The kickoff goes on with its people as they are.';
}

async function skipStep(run: KickoffRun, { id, reason }: { id: string; reason: string }): Promise<string> {
  const failed = findFailed(run.state, id);
  run.apply({ type: 'step_skipped', id, reason });
  if (failed !== undefined) {
    const { list, occurrence } = failed;
    const { revision } = run.state;
    await quick.recordSkippedStep({ workflowId: run.workflowId, revision, list, occurrence, stepId: id, reason });
  }
  return `Step ${id} is skipped.`;
}

async function cancel(run: KickoffRun, reason: string, notify: boolean): Promise<string> {
  const requestId = await knownRequest(run);
  if (requestId !== undefined) {
    await takeBack(run, requestId, notify);
  }
  run.apply({ type: 'cancelled_by_person', reason });
  return requestId === undefined
    ? 'The kickoff is cancelled; no meeting request had been made.'
    : 'The kickoff and its meeting request are cancelled.';
}

/**
 * The id of the request at SkipUp, if there is one. After an attempt that got no answer SkipUp is asked: a request that
 * nobody knows of would go on writing to the customer.
 *
 * @param find how SkipUp is asked
 */
export async function knownRequest(
  run: KickoffRun,
  find: (input: FindInput) => Promise<RequestView | null> = (input) => attempt(() => prompt.findMeetingRequest(input)),
): Promise<string | undefined> {
  const { meeting, request, resolution } = run.state;
  if (meeting !== undefined) return meeting.requestId;
  const organizer = resolution?.organizer;
  if (request?.unanswered !== true || resolution === undefined || organizer === undefined) return undefined;
  const found = await find({
    idempotencyKey: request.key,
    organizer,
    participants: resolution.participants,
    context: resolution.context,
    firstTriedAt: request.firstTriedAt,
  });
  return found?.requestId;
}

async function changeOrganizer(run: KickoffRun, email: string): Promise<string> {
  const requestId = run.state.meeting?.requestId;
  if (requestId === undefined) {
    const neverMade = await isNeverMade(run, email);
    run.apply({ type: 'organizer_named', email, ...(neverMade && { neverMade }) });
    return `${email} is the organizer; the kickoff goes on.`;
  }
  const view = await attempt(() => prompt.changeMeetingOrganizer({ requestId, email }));
  run.apply({ type: 'request_read', view: { ...view, organizerEmail: view.organizerEmail ?? email }, at: run.now() });
  return `${email} is the organizer now.`;
}

/**
 * A request that got no answer may exist, in the former organizer's name: then it is given to the new one, and found again
 * under the key. Where there is none, the next attempt has a key of its own, because SkipUp may know the former one.
 *
 * @returns true when SkipUp has none; false when it has, or nothing was ever sent
 */
async function isNeverMade(run: KickoffRun, email: string): Promise<boolean> {
  // A kickoff that is replayed from before this rule did not look.
  if (run.state.request?.unanswered !== true || !patched(UNANSWERED_LOOKED_FOR)) return false;
  const made = await knownRequest(run);
  if (made === undefined) return true;
  await attempt(() => prompt.changeMeetingOrganizer({ requestId: made, email }));
  return false;
}

const UNANSWERED_LOOKED_FOR = 'unanswered-request-looked-for';

async function updateContext(
  run: KickoffRun,
  input: Extract<Command, { name: 'updateContext' }>['input'],
): Promise<string> {
  const requestId = run.state.meeting?.requestId;
  if (requestId === undefined) throw refused('There is no meeting request yet.');
  const { timeframe, ...context } = input;
  await attempt(() => prompt.updateMeetingContext({ requestId, context, ...(timeframe && { timeframe }) }));
  if (timeframe !== undefined) {
    const closesAt = run.daysAfter(timeframe.end, run.input.policy.lateCancelDays);
    run.apply({ type: 'window_changed', timeframe, closesAt });
  }
  return `Updated: ${Object.keys(input).join(', ')}.`;
}

async function changeStatus(
  run: KickoffRun,
  wanted: 'paused' | 'active',
  change: (requestId: string) => Promise<RequestView>,
): Promise<string> {
  const requestId = run.state.meeting?.requestId;
  if (requestId === undefined) throw refused('There is no meeting request yet.');
  const view = await attempt(() => change(requestId));
  if (view.status !== wanted) return contradicted(run, view);
  run.apply({ type: 'request_read', view, at: run.now() });
  return wanted === 'paused' ? 'The scheduling is paused.' : 'The scheduling goes on.';
}

async function replaceParticipants(
  run: KickoffRun,
  input: Extract<Command, { name: 'replaceParticipants' }>['input'],
): Promise<string> {
  const requestId = await knownRequest(run);
  if (requestId !== undefined) {
    await takeBack(run, requestId, false);
  }
  run.apply({ type: 'participants_replaced', participants: input.participants });
  return requestId === undefined
    ? 'The participants are replaced; the kickoff goes on.'
    : `The request was cancelled; a new one follows as revision ${run.state.revision}.`;
}

/** Cancels the request at SkipUp, or fails with what it says instead. */
async function takeBack(run: KickoffRun, requestId: string, notify: boolean): Promise<void> {
  run.apply({ type: 'taking_back' });
  try {
    const view = await attempt(() => prompt.cancelMeetingRequest({ requestId, notify }));
    if (view.status !== 'cancelled') contradicted(run, view);
  } catch (error) {
    run.apply({ type: 'not_taken_back' });
    throw error;
  }
}

/** SkipUp's request has moved on meanwhile: what it says counts, and the person is told. */
function contradicted(run: KickoffRun, view: RequestView): never {
  run.apply({ type: 'request_read', view, at: run.now() });
  throw refused(`Not done: the meeting request is ${view.status} at SkipUp.`);
}

async function attempt<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw refused(`SkipUp did not do it: ${sentenceOf(error)}`);
  }
}

function refused(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'CommandRefused');
}
