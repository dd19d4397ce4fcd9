import type { FindInput, RequestView } from '../../activities/contract.ts';
import { prompt, quick } from '../activities.ts';
import { attempt, changeStatus, takeBack, updateContext } from '../meeting/by-hand.ts';
import { findFailed } from '../steps/state.ts';
import type { Command } from './commands.ts';
import type { RecoveryRun } from './run.ts';

/**
 * Does what a person asked for.
 *
 * @returns the answer, a sentence
 * @throws ApplicationFailure with a sentence that says why it could not be done; nothing has changed then
 */
export async function carryOut(run: RecoveryRun, command: Command): Promise<string> {
  switch (command.name) {
    case 'cancel':
      return await cancel(run, command.input.reason, command.input.notify ?? false);
    case 'changeOrganizer':
      return await changeOrganizer(run, command.input.email.toLowerCase());
    case 'updateContext':
      return await updateContext(run, command.input, (timeframe) =>
        run.apply({
          type: 'window_changed',
          timeframe,
          closesAt: run.daysAfter(timeframe.end, run.input.policy.lateCancelDays),
        }),
      );
    case 'pause':
      return await changeStatus(run, 'paused', (requestId) => prompt.pauseMeetingRequest({ requestId }));
    case 'resume':
      return await changeStatus(run, 'active', (requestId) => prompt.resumeMeetingRequest({ requestId }));
    case 'proceed':
      run.apply({ type: 'proceeded' });
      return 'The recovery goes on.';
    case 'retryStep':
      run.apply({ type: 'step_retried', id: command.input.id });
      return `Step ${command.input.id} is being run again.`;
    case 'skipStep':
      return await skipStep(run, command.input);
  }
}

async function skipStep(run: RecoveryRun, { id, reason }: { id: string; reason: string }): Promise<string> {
  const failed = findFailed(run.state, id);
  run.apply({ type: 'step_skipped', id, reason });
  if (failed !== undefined && failed.undoFailed !== true) {
    const { list, occurrence, revision } = failed;
    await quick.recordSkippedStep({ workflowId: run.workflowId, revision, list, occurrence, stepId: id, reason });
  }
  return `Step ${id} is skipped.`;
}

async function cancel(run: RecoveryRun, reason: string, notify: boolean): Promise<string> {
  const requestId = await knownRequest(run);
  if (requestId !== undefined) await takeBack(run, requestId, notify);
  run.apply({ type: 'cancelled_by_person', reason });
  return requestId === undefined
    ? 'The recovery is cancelled; no meeting request had been made.'
    : 'The recovery and its meeting request are cancelled.';
}

/**
 * The id of the request at SkipUp, if there is one. After an attempt that got no answer SkipUp is asked: a request that
 * nobody knows of would go on writing to the lead.
 *
 * @param find how SkipUp is asked
 */
export async function knownRequest(
  run: RecoveryRun,
  find: (input: FindInput) => Promise<RequestView | null> = (input) => attempt(() => prompt.findMeetingRequest(input)),
): Promise<string | undefined> {
  const { meeting, request, prepared } = run.state;
  if (meeting !== undefined) return meeting.requestId;
  const organizer = prepared?.organizer;
  if (request?.unanswered !== true || prepared === undefined || organizer === undefined) return undefined;
  const found = await find({
    idempotencyKey: request.key,
    organizer,
    participants: [prepared.participant],
    context: prepared.context,
    firstTriedAt: request.firstTriedAt,
  });
  return found?.requestId;
}

async function changeOrganizer(run: RecoveryRun, email: string): Promise<string> {
  const requestId = run.state.meeting?.requestId;
  if (requestId === undefined) {
    const neverMade = await isNeverMade(run, email);
    run.apply({ type: 'organizer_named', email, ...(neverMade && { neverMade }) });
    return `${email} is the organizer; the recovery goes on.`;
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
async function isNeverMade(run: RecoveryRun, email: string): Promise<boolean> {
  if (run.state.request?.unanswered !== true) return false;
  const made = await knownRequest(run);
  if (made === undefined) return true;
  await attempt(() => prompt.changeMeetingOrganizer({ requestId: made, email }));
  return false;
}
