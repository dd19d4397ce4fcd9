/**
 * The way of one kickoff, from the deal's close to the day after its window: who takes part, the request, the wait for
 * SkipUp, the onboarding steps, the wait for a late cancellation.
 */
import { patched } from '@temporalio/workflow';
import { creating, isFinal, patient, quick, sentenceOf } from '../activities.ts';
import { passedWindow } from '../meeting/passed-window.ts';
import { sendBefore } from '../meeting/send-before.ts';
import type { KickoffInput, KickoffResult } from '../messages.ts';
import { runStepLists } from '../steps/runner.ts';
import { heldSteps, stepsSettled } from '../steps/state.ts';
import { callOff } from './call-off.ts';
import { carryOut } from './carry-out.ts';
import { needsOf } from './deal-change.ts';
import { endWindow } from './end-of-window.ts';
import { kickoffKey } from './key.ts';
import { lookAtPeople, looksAgain, resolveInput } from './look.ts';
import { INTERRUPTED, KickoffRun } from './run.ts';

/**
 * Schedules one deal's implementation kickoff. Runs under `kickoffWorkflowId(deal, workstream)`.
 *
 * @returns how it ended; it fails only when its code is at fault, never for a person's mistake
 */
export async function kickoff(input: KickoffInput): Promise<KickoffResult> {
  const run = new KickoffRun(input);
  // Never returns; a bug in it fails the workflow task, which is retried when the code is mended.
  void runStepLists(run);
  while (!run.state.closed) {
    if (await run.takeCommand((command) => carryOut(run, command))) continue;
    if (run.state.doubt?.wanted === 'cancellation') {
      await callOff(run);
      continue;
    }
    switch (run.state.phase) {
      case 'resolving':
        await resolve(run);
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
      case 'onboarding':
      case 'done':
        await waitForLateCancellation(run);
        break;
      case 'cancelled':
      case 'expired':
      case 'failed':
        await finishSteps(run);
        break;
    }
  }
  return await run.close();
}

/** Who takes part, in which window, with which texts. */
async function resolve(run: KickoffRun): Promise<void> {
  if (mayExist(run)) return run.apply({ type: 'sent_again' });
  const { deal, workstream } = run.input;
  const { revision } = run.state;
  const now = run.now();
  run.apply({ type: 'looking' });
  try {
    const resolution = await run.unlessInterrupted(() => quick.resolveKickoff(resolveInput(run, now)));
    if (resolution === INTERRUPTED) return;
    // The key's date and the instant are taken from the clock once, here, and kept.
    const stream = workstream === undefined ? {} : { workstream };
    const key = kickoffKey({ dealId: deal.id, ...stream, revision, date: now.slice(0, 10) });
    run.apply({ type: 'resolved', resolution, key, firstTriedAt: new Date().toISOString() });
    // The registry may have changed while it was being read.
    if (run.state.phase === 'needs_attention' && looksAgain(run)) run.apply({ type: 'registry_changed' });
  } catch (error) {
    run.apply({ type: 'resolve_failed', message: `Who takes part could not be found out: ${sentenceOf(error)}` });
  }
}

/**
 * Whether SkipUp may have a request without our knowing its id. It is found by its people and its title, and by its key for
 * a day: with those whom the registry names by now it would not be, and the customer would be written to twice. What has
 * changed since is compared when it is found. A kickoff that is replayed from before this rule read the registry anew.
 */
function mayExist({ state: { request: sent, resolution } }: KickoffRun): boolean {
  return sent?.unanswered === true && resolution?.organizer !== undefined && patched(SENT_AS_IT_WAS);
}

const SENT_AS_IT_WAS = 'unanswered-request-sent-as-it-was';

/** Sends the request. It waits out an outage of SkipUp; a person's cancellation and a doubt about the deal end the waiting. */
async function request(run: KickoffRun): Promise<void> {
  const { request: planned, resolution, revision } = run.state;
  const organizer = resolution?.organizer;
  if (planned === undefined || resolution === undefined || organizer === undefined) {
    throw new Error('a kickoff cannot be requesting without a request and an organizer');
  }
  const isInDoubt = () => run.state.doubt !== undefined;
  if (isInDoubt()) return run.apply({ type: 'create_held' });
  try {
    const created = await run.unlessInterrupted(
      () =>
        creating.createMeetingRequest({
          workflowId: run.workflowId,
          idempotencyKey: planned.key,
          revision,
          organizer,
          participants: resolution.participants,
          context: resolution.context,
          timeframe: planned.timeframe,
          sendBefore: sendBefore({ ...planned, ...resolution.context }, run.input.clock, Date.now()),
          includeIntroduction: run.input.policy.includeIntroduction,
          firstTriedAt: planned.firstTriedAt,
          lookUpFirst: planned.unanswered,
        }),
      isInDoubt,
    );
    if (created === INTERRUPTED) return run.apply({ type: run.hasCommand() ? 'create_stopped' : 'create_held' });
    const { closesAt, remindsAt } = run.windowFrom(planned.timeframe);
    run.apply({ type: 'created', created, closesAt, remindsAt, at: run.now() });
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
async function waitForMeeting(run: KickoffRun): Promise<void> {
  if (run.state.readWanted) return await readRequest(run);
  if (looksAgain(run)) return await lookAtPeople(run);
  await run.recordDoubt();
  const { phase, request: sent, doubt, organizerLeft, peopleChanged } = run.state;
  const moved = () =>
    run.state.phase !== phase ||
    run.state.request !== sent ||
    run.state.readWanted ||
    run.state.doubt !== doubt ||
    run.state.lookWanted === true ||
    run.state.organizerLeft !== organizerLeft ||
    run.state.peopleChanged !== peopleChanged;
  const endsAt = sent?.timeframe.end ?? run.now();
  const remindsAt = run.daysAfter(run.now(), run.input.policy.remindAfterDays);
  const { remindsAt: windowRemindsAt = endsAt } = run.state;
  if (doubt !== undefined && remindsAt < windowRemindsAt) {
    if (await run.timeIsUp(remindsAt, moved)) run.apply({ type: 'reminded' });
    return;
  }
  if (windowRemindsAt < endsAt) {
    if (await run.timeIsUp(windowRemindsAt, moved)) run.apply({ type: 'window_reminded' });
    return;
  }
  if (!(await run.timeIsUp(endsAt, moved))) return;
  await readRequest(run);
  if (run.hasCommand() || run.state.phase !== phase) return;
  await endWindow(run);
}

/** Asks SkipUp how the request stands: an event came that does not say, or one may have been lost. */
async function readRequest(run: KickoffRun): Promise<void> {
  const requestId = run.state.meeting?.requestId;
  if (requestId === undefined) return;
  try {
    const view = await run.unlessInterrupted(
      () => patient.readMeetingRequest({ requestId }),
      () => run.state.doubt?.wanted === 'cancellation',
    );
    if (view !== INTERRUPTED) run.apply({ type: 'request_read', view, at: run.now() });
  } catch (error) {
    run.apply({ type: 'read_failed', message: `SkipUp could not be asked: ${sentenceOf(error)}` });
  }
}

/** Waits for whoever can settle what is missing, reminds, and gives up in the end, saying so. */
async function waitForPerson(run: KickoffRun): Promise<void> {
  const { remindAfterDays, giveUpAfterDays } = run.input.policy;
  const givesUpAt = run.daysAfter(run.now(), giveUpAfterDays);
  for (;;) {
    const { asked, doubt, organizerLeft } = run.state;
    await run.recordPhase('on_attention');
    await run.recordDoubt();
    const moved = () =>
      run.state.phase !== 'needs_attention' ||
      run.state.asked !== asked ||
      run.state.doubt !== doubt ||
      run.state.organizerLeft !== organizerLeft;
    const remindsAt = run.daysAfter(run.now(), remindAfterDays);
    // A last reminder on the day of giving up would remind of nothing.
    const isLast = remindsAt >= givesUpAt;
    if (!(await run.timeIsUp(isLast ? givesUpAt : remindsAt, moved))) return;
    if (isLast) {
      run.apply({
        type: 'gave_up',
        message: `Nobody settled it in ${giveUpAfterDays} days: ${needsOf(run.state).join(' ')}`,
      });
      return;
    }
    run.apply({ type: 'reminded' });
  }
}

/** Booked: the steps run beside; a person may still call it off in their calendar. */
async function waitForLateCancellation(run: KickoffRun): Promise<void> {
  if (run.state.readWanted) return await readRequest(run);
  const { phase, doubt } = run.state;
  const moved = () => run.state.phase !== phase || run.state.readWanted || run.state.doubt !== doubt;
  if (!stepsSettled(run.state)) return await run.wait(() => stepsSettled(run.state) || moved());
  await run.recordPhase('on_booked');
  await run.recordDoubt();
  const closesAt = run.state.closesAt ?? run.now();
  const stepsMoved = () => moved() || !stepsSettled(run.state);
  if (!(await run.timeIsUp(closesAt, stepsMoved))) return;
  if (run.state.phase === 'done') return run.apply({ type: 'late_window_passed' });
  // A step still waits for a person: so does the kickoff, for as long as it would wait for one elsewhere.
  const givesUpAt = run.daysAfter(closesAt, run.input.policy.giveUpAfterDays);
  if (await run.timeIsUp(givesUpAt, stepsMoved)) {
    run.apply({ type: 'gave_up', message: 'A failed onboarding step was neither retried nor skipped.' });
  }
}

const END_TOLD = 'end-told-after-its-list';

/** The kickoff is off: the steps that say so run to their end, a failed one that holds waits for a person. */
async function finishSteps(run: KickoffRun): Promise<void> {
  if (!stepsSettled(run.state)) return await run.wait(() => stepsSettled(run.state));
  const carrier = { cancelled: 'on_cancelled', expired: 'on_expired' } as const;
  const { phase, isUntold } = run.state;
  // A kickoff that is replayed from before this rule did not tell it.
  const isTold = isUntold === true && patched(END_TOLD);
  const isCarried = !isTold && (phase === 'cancelled' || phase === 'expired');
  await run.recordPhase(isCarried ? carrier[phase] : undefined);
  if (heldSteps(run.state).length > 0) {
    const givesUpAt = run.daysAfter(run.now(), run.input.policy.giveUpAfterDays);
    const moved = () => heldSteps(run.state).length === 0 || !stepsSettled(run.state);
    if (!(await run.timeIsUp(givesUpAt, moved))) return;
  }
  if (!run.hasCommand()) run.apply({ type: 'late_window_passed' });
}
