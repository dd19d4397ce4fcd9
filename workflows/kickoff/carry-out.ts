import { patched } from '@temporalio/workflow';
import type { FindInput, RequestView } from '../../activities/contract.ts';
import { prompt, quick } from '../activities.ts';
import { attempt, changeStatus, takeBack, updateContext } from '../meeting/by-hand.ts';
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
      return await updateContext(run, command.input, (timeframe) =>
        run.apply({ type: 'window_changed', ...run.windowFrom(timeframe) }),
      );
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
      if (run.state.between !== undefined) return await scheduleAnew(run);
      run.apply({ type: 'proceeded' });
      return 'The kickoff goes on: deal and registry are read again. Gaps that may be accepted are; others are named again.';
    case 'retryStep':
      return retryStep(run, command.input.id);
    case 'skipStep':
      return await skipStep(run, command.input);
  }
}

function retryStep(run: KickoffRun, id: string): string {
  const isUndo = findFailed(run.state, id)?.undoFailed === true;
  run.apply({ type: 'step_retried', id });
  return isUndo ? `What step ${id} made is being taken back again.` : `Step ${id} is being run again.`;
}

/** The next revision of a kickoff whose meeting was called off. Two requests at once would both write to the customer. */
async function scheduleAnew(run: KickoffRun): Promise<string> {
  const open = run.state.between?.openRequest;
  if (open !== undefined) await takeBack(run, open, false);
  run.apply({ type: 'proceeded' });
  return `The kickoff is scheduled anew, as revision ${run.state.revision}: deal and registry are read again.`;
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
  if (failed !== undefined && failed.undoFailed !== true) {
    const { list, occurrence, revision } = failed;
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
  const { meeting, request, resolution, between } = run.state;
  if (between !== undefined) return between.openRequest;
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
  if (run.state.between !== undefined) {
    // Whether it is scheduled anew was not the question: many may be handed over at once.
    run.apply({ type: 'organizer_chosen', email });
    return `${email} will organize it when it is scheduled anew; send \`proceed\` for that.`;
  }
  const requestId = run.state.meeting?.requestId;
  if (requestId === undefined) {
    const neverMade = await isNeverMade(run, email);
    run.apply({ type: 'organizer_named', email, ...(neverMade && { neverMade }) });
    return `${email} is the organizer; the kickoff goes on.`;
  }
  const view = await attempt(() => prompt.changeMeetingOrganizer({ requestId, email }));
  run.apply({ type: 'request_read', view: { ...view, organizerEmail: view.organizerEmail ?? email }, at: run.now() });
  run.apply({ type: 'organizer_chosen', email });
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
