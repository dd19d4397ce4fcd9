/** The window has passed without a booking: the kickoff is over, goes on in a new window, or a person takes over. */
import { log } from '@temporalio/workflow';
import { patient, sentenceOf } from '../activities.ts';
import { isAsking } from './people-change.ts';
import { INTERRUPTED, type KickoffRun } from './run.ts';
import { extendedWindow } from './window.ts';

/** What is done is the policy's to say; a kickoff that began before it said anything expires. */
export async function endWindow(run: KickoffRun): Promise<void> {
  const { whenWindowPasses: rule = 'close', extendTimes } = run.input.policy;
  if (rule === 'extend' && (run.state.extended ?? 0) < extendTimes && (await isExtended(run))) return;
  // SkipUp may have told of a booking or a cancellation meanwhile.
  if (!isAsking(run.state)) return;
  const requestId = run.state.meeting?.requestId;
  const taken = requestId === undefined ? TAKEN_BACK : await takeBack(run, requestId);
  if (taken === MOVED_ON) return;
  const trouble = taken.trouble === undefined ? {} : { trouble: taken.trouble };
  run.apply({ type: rule === 'close' ? 'deadline_passed' : 'window_handed_over', ...trouble });
}

interface Taken {
  /** In words: why it could not be cancelled. */
  trouble?: string;
}
const TAKEN_BACK: Taken = {};
/** A person has asked for something, or it was booked between two calls. */
const MOVED_ON = Symbol('moved on');

/** Takes the request back, so that nobody books a time after the window. */
async function takeBack(run: KickoffRun, requestId: string): Promise<Taken | typeof MOVED_ON> {
  run.apply({ type: 'taking_back' });
  try {
    const view = await run.unlessInterrupted(() => patient.cancelMeetingRequest({ requestId, notify: false }));
    if (view === INTERRUPTED) {
      run.apply({ type: 'not_taken_back' });
      return MOVED_ON;
    }
    if (view.status === 'booked') {
      run.apply({ type: 'not_taken_back' });
      run.apply({ type: 'request_read', view, at: run.now() });
      return MOVED_ON;
    }
    return TAKEN_BACK;
  } catch (error) {
    log.warn('the request could not be taken back', { requestId, reason: sentenceOf(error) });
    return { trouble: sentenceOf(error) };
  }
}

/** @returns false when SkipUp does not take the new window: whatever the reason, a person should look */
async function isExtended(run: KickoffRun): Promise<boolean> {
  const { meeting, request: sent } = run.state;
  if (meeting === undefined || sent === undefined) return false;
  const { requestId } = meeting;
  const timeframe = extendedWindow(run.now(), sent.timeframe, run.input.policy);
  try {
    const view = await run.unlessInterrupted(() => patient.updateMeetingContext({ requestId, context: {}, timeframe }));
    if (view !== INTERRUPTED) run.apply({ type: 'window_extended', ...run.windowFrom(timeframe) });
    return true;
  } catch (error) {
    log.warn('the window could not be extended', { requestId, reason: sentenceOf(error) });
    return false;
  }
}
