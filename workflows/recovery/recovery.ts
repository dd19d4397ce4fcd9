/**
 * The way of one lead that has filled in a form and booked nothing: time to book by itself, a look whether it has, the
 * request, the wait for SkipUp, the steps that say what became of it.
 */
import { log } from '@temporalio/workflow';
import { creating, isFinal, patient, recovering, sentenceOf } from '../activities.ts';
import { passedWindow } from '../meeting/passed-window.ts';
import { sendBefore } from '../meeting/send-before.ts';
import { INTERRUPTED } from '../meeting/waiting-run.ts';
import type { RecoveryInput, RecoveryResult } from '../messages.ts';
import { runStepLists } from '../steps/runner.ts';
import { heldSteps, stepsSettled } from '../steps/state.ts';
import { callOff } from './call-off.ts';
import { carryOut } from './carry-out.ts';
import { recoveryKey } from './key.ts';
import { RecoveryRun } from './run.ts';
import { isCallOffWanted, needsOf } from './state.ts';

/**
 * Recovers one lead. Runs under `recoveryWorkflowId(lead, date)`.
 *
 * @returns how it ended; it fails only when its code is at fault, never for a person's mistake
 */
export async function leadRecovery(input: RecoveryInput): Promise<RecoveryResult> {
  const run = new RecoveryRun(input);
  // Never returns; a bug in it fails the workflow task, which is retried when the code is mended.
  void runStepLists(run);
  while (!run.state.closed) {
    if (await run.takeCommand((command) => carryOut(run, command))) continue;
    if (isCallOffWanted(run.state)) {
      await callOff(run);
      continue;
    }
    switch (run.state.phase) {
      case 'waiting':
        await waitForLead(run);
        break;
      case 'checking':
        await check(run);
        break;
      case 'needs_attention':
        await waitForPerson(run);
        break;
      case 'requesting':
        await request(run);
        break;
      case 'scheduling':
      case 'paused':
        await waitForMeeting(run);
        break;
      case 'booked':
        await waitForLateCancellation(run);
        break;
      case 'booked_elsewhere':
      case 'cancelled':
      case 'expired':
      case 'opted_out':
      case 'failed':
        await finishSteps(run);
        break;
    }
  }
  return await run.close();
}

/** The lead has time to book by itself. */
async function waitForLead(run: RecoveryRun): Promise<void> {
  if (await run.timeIsUp(run.waitsUntil, () => run.state.phase !== 'waiting')) run.apply({ type: 'waited' });
}

/** Whether it has, or may not be written to; then who invites, in which window, with which texts. */
async function check(run: RecoveryRun): Promise<void> {
  const { workflowId } = run;
  const { form, policy } = run.input;
  const { lead, organizerEmail, revision, request } = run.state;
  const { vendor, title, purpose, description, durationMinutes, leadDays, windowDays, workingDays, country } = policy;
  const moved = () => run.state.phase !== 'checking';
  try {
    const found = await run.unlessInterrupted(
      () =>
        recovering.checkLead({
          ...{ workflowId, lead, since: form.submittedAt },
          ...(request === undefined ? {} : { mayBeRequested: true }),
        }),
      moved,
    );
    if (found === INTERRUPTED || moved()) return;
    run.apply({ type: 'checked', check: found });
    if (moved()) {
      // The check has told the ledger how it ended; not that a request is to be looked for first.
      if (request === undefined) run.told();
      return;
    }
    if (isCallOffWanted(run.state)) return;
    const now = run.now();
    // A request that may exist is asked for once more as it was: with another address, or title, it would not be found.
    const { request: sent, prepared: asked } = run.state;
    const mayExist = sent?.unanswered === true && asked?.organizer !== undefined;
    const prepared = await run.unlessInterrupted(
      async () =>
        mayExist
          ? asked
          : await recovering.prepareRecovery({
              workflowId,
              lead: run.state.lead,
              form,
              now,
              ...(organizerEmail === undefined ? {} : { organizerEmail }),
              texts: { vendor, title, purpose, description, durationMinutes },
              window: { leadDays, windowDays, workingDays, ...(country === undefined ? {} : { country }) },
            }),
      moved,
    );
    if (prepared === INTERRUPTED || moved()) return;
    const key = recoveryKey({ workflowId, revision });
    run.apply({ type: 'prepared', prepared, key, firstTriedAt: new Date().toISOString() });
    if (!mayExist) run.told();
  } catch (error) {
    run.apply({ type: 'check_failed', message: `The lead could not be read: ${sentenceOf(error)}` });
  }
}

/** Sends the request. It waits out an outage of SkipUp; a person's word and a booking elsewhere end the waiting. */
async function request(run: RecoveryRun): Promise<void> {
  const { request: planned, prepared, revision } = run.state;
  const organizer = prepared?.organizer;
  if (planned === undefined || prepared === undefined || organizer === undefined) {
    throw new Error('a recovery cannot be requesting without a request and an organizer');
  }
  try {
    const created = await run.unlessInterrupted(
      () =>
        creating.createMeetingRequest({
          workflowId: run.workflowId,
          idempotencyKey: planned.key,
          revision,
          organizer,
          participants: [prepared.participant],
          context: prepared.context,
          timeframe: planned.timeframe,
          sendBefore: sendBefore({ ...planned, ...prepared.context }, run.input.clock, Date.now()),
          includeIntroduction: run.input.policy.includeIntroduction,
          firstTriedAt: planned.firstTriedAt,
          lookUpFirst: planned.unanswered,
        }),
      () => run.state.elsewhere !== undefined,
    );
    if (created === INTERRUPTED) return run.apply({ type: 'create_stopped' });
    const closesAt = run.daysAfter(planned.timeframe.end, run.input.policy.lateCancelDays);
    run.apply({ type: 'created', created, closesAt });
    // The creation has told the ledger.
    if (run.state.phase === 'scheduling') run.told();
  } catch (error) {
    const passed = passedWindow(error);
    if (passed !== undefined) return run.apply({ type: 'window_passed', ...passed });
    const message = sentenceOf(error);
    if (isFinal(error)) return run.apply({ type: 'create_refused', message });
    run.apply({
      type: 'create_unanswered',
      message: `SkipUp has not answered for 22 hours (${message}). Send \`proceed\` to try again: the request is looked up first.`,
    });
  }
}

/** The wait of days. A window that passes is not the end before SkipUp has been asked once more. */
async function waitForMeeting(run: RecoveryRun): Promise<void> {
  if (run.state.readWanted) return await readRequest(run);
  const { phase, request: sent, elsewhere } = run.state;
  if (elsewhere?.trouble !== undefined) await run.record();
  const moved = () =>
    run.state.phase !== phase ||
    run.state.request !== sent ||
    run.state.readWanted ||
    run.state.elsewhere !== elsewhere;
  if (!(await run.timeIsUp(sent?.timeframe.end ?? run.now(), moved))) return;
  await readRequest(run);
  if (run.hasCommand() || moved()) return;
  await expire(run);
}

/** Takes the request back, so that nobody books a time after the window. */
async function expire(run: RecoveryRun): Promise<void> {
  const requestId = run.state.meeting?.requestId;
  if (requestId === undefined) return run.apply({ type: 'deadline_passed' });
  run.apply({ type: 'taking_back' });
  try {
    const view = await run.unlessInterrupted(() => patient.cancelMeetingRequest({ requestId, notify: false }));
    if (view === INTERRUPTED) return run.apply({ type: 'not_taken_back' });
    // It was booked between the two calls.
    if (view.status === 'booked') {
      run.apply({ type: 'not_taken_back' });
      return run.apply({ type: 'request_read', view, at: run.now() });
    }
  } catch (error) {
    const trouble = sentenceOf(error);
    log.warn('the request could not be taken back', { requestId, reason: trouble });
    return run.apply({ type: 'deadline_passed', trouble });
  }
  run.apply({ type: 'deadline_passed' });
}

/** Asks SkipUp how the request stands: an event came that does not say, or one may have been lost. */
async function readRequest(run: RecoveryRun): Promise<void> {
  const requestId = run.state.meeting?.requestId;
  if (requestId === undefined) return;
  try {
    const view = await run.unlessInterrupted(
      () => patient.readMeetingRequest({ requestId }),
      () => isCallOffWanted(run.state),
    );
    if (view !== INTERRUPTED) run.apply({ type: 'request_read', view, at: run.now() });
  } catch (error) {
    run.apply({ type: 'read_failed', message: `SkipUp could not be asked: ${sentenceOf(error)}` });
  }
}

/** Waits for whoever can settle what is missing, reminds, and gives up in the end, saying so. */
async function waitForPerson(run: RecoveryRun): Promise<void> {
  const { remindAfterDays, giveUpAfterDays } = run.input.policy;
  const givesUpAt = run.daysAfter(run.now(), giveUpAfterDays);
  for (;;) {
    const { asked, elsewhere } = run.state;
    await run.record('on_attention');
    const moved = () =>
      run.state.phase !== 'needs_attention' || run.state.asked !== asked || run.state.elsewhere !== elsewhere;
    const remindsAt = run.daysAfter(run.now(), remindAfterDays);
    // A last reminder on the day of giving up would remind of nothing.
    const isLast = remindsAt >= givesUpAt;
    if (!(await run.timeIsUp(isLast ? givesUpAt : remindsAt, moved))) return;
    if (isLast) {
      const open = needsOf(run.state).join(' ');
      return run.apply({ type: 'gave_up', message: `Nobody settled it in ${giveUpAfterDays} days: ${open}` });
    }
    run.apply({ type: 'reminded' });
  }
}

/** Booked: the steps run beside; a person may still call it off in their calendar. */
async function waitForLateCancellation(run: RecoveryRun): Promise<void> {
  if (run.state.readWanted) return await readRequest(run);
  const { phase, elsewhere } = run.state;
  const moved = () =>
    run.state.phase !== phase || run.state.readWanted || run.state.elsewhere?.trouble !== elsewhere?.trouble;
  if (!stepsSettled(run.state)) return await run.wait(() => stepsSettled(run.state) || moved());
  await run.record('on_booked');
  const closesAt = run.state.closesAt ?? run.now();
  const stepsMoved = () => moved() || !stepsSettled(run.state);
  if (!(await run.timeIsUp(closesAt, stepsMoved))) return;
  if (heldSteps(run.state).length > 0) {
    const givesUpAt = run.daysAfter(closesAt, run.input.policy.giveUpAfterDays);
    if (!(await run.timeIsUp(givesUpAt, () => stepsMoved() || heldSteps(run.state).length === 0))) return;
  }
  if (!run.hasCommand()) run.apply({ type: 'late_window_passed' });
}

/** It is over: the steps that say so run to their end, a failed one that holds waits for a person. */
async function finishSteps(run: RecoveryRun): Promise<void> {
  if (!stepsSettled(run.state)) return await run.wait(() => stepsSettled(run.state));
  const { phase } = run.state;
  await run.record(
    phase === 'cancelled' || phase === 'expired' || phase === 'booked_elsewhere' ? `on_${phase}` : undefined,
  );
  if (heldSteps(run.state).length > 0) {
    const givesUpAt = run.daysAfter(run.now(), run.input.policy.giveUpAfterDays);
    const moved = () => heldSteps(run.state).length === 0 || !stepsSettled(run.state);
    if (!(await run.timeIsUp(givesUpAt, moved))) return;
  }
  if (!run.hasCommand()) run.apply({ type: 'late_window_passed' });
}
