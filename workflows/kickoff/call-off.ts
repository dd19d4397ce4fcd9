import { patient, sentenceOf } from '../activities.ts';
import { knownRequest } from './carry-out.ts';
import { dealInWords } from './deal-change.ts';
import { INTERRUPTED, type KickoffRun } from './run.ts';

/**
 * Cancels the kickoff of a deal that is lost, as a person would, without telling the participants. It waits out an outage
 * of SkipUp; a person's command, and a deal that is won again, end the waiting. What cannot be cancelled a person is asked
 * about.
 */
export async function callOff(run: KickoffRun): Promise<void> {
  const { doubt } = run.state;
  if (doubt?.wanted !== 'cancellation') return;
  const moved = () => run.state.doubt !== doubt;
  run.listPhase();
  try {
    const requestId = await run.unlessInterrupted(
      () => knownRequest(run, (input) => patient.findMeetingRequest(input)),
      moved,
    );
    if (requestId === INTERRUPTED) return;
    if (requestId !== undefined && !(await isTakenBack(run, requestId, moved))) return;
    run.apply({ type: 'called_off', reason: dealInWords(doubt.change) });
  } catch (error) {
    run.apply({ type: 'not_called_off', message: sentenceOf(error) });
  }
}

/** @returns false when something came between: what is to be done is looked at again */
async function isTakenBack(run: KickoffRun, requestId: string, moved: () => boolean): Promise<boolean> {
  run.apply({ type: 'taking_back' });
  const view = await run.unlessInterrupted(() => patient.cancelMeetingRequest({ requestId, notify: false }), moved);
  if (view !== INTERRUPTED && view.status === 'cancelled') return true;
  run.apply({ type: 'not_taken_back' });
  if (view === INTERRUPTED) return false;
  run.apply({ type: 'request_read', view, at: run.now() });
  // It is booked, and a person has been asked; anything else is not as SkipUp documents it.
  if (!moved()) run.apply({ type: 'not_called_off', message: `it is ${view.status} at SkipUp.` });
  return false;
}
