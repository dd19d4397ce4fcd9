import { patient, sentenceOf } from '../activities.ts';
import { INTERRUPTED } from '../meeting/waiting-run.ts';
import { knownRequest } from './carry-out.ts';
import type { RecoveryRun } from './run.ts';
import { isCallOffWanted } from './state.ts';

/**
 * Cancels the request of a lead that has booked by another way, without telling the lead. It waits out an outage of SkipUp;
 * a person's command ends the waiting. A request that is booked by then stays: both are known, and a person is told.
 */
export async function callOff(run: RecoveryRun): Promise<void> {
  const moved = () => !isCallOffWanted(run.state);
  run.listPhase();
  try {
    const requestId = await run.unlessInterrupted(
      () => knownRequest(run, (input) => patient.findMeetingRequest(input)),
      moved,
    );
    if (requestId === INTERRUPTED) return;
    if (requestId !== undefined && !(await isTakenBack(run, requestId))) return;
    run.apply({ type: 'called_off' });
  } catch (error) {
    run.apply({ type: 'not_called_off', message: sentenceOf(error) });
  }
}

/** @returns false when something came between: what is to be done is looked at again */
async function isTakenBack(run: RecoveryRun, requestId: string): Promise<boolean> {
  run.apply({ type: 'taking_back' });
  const view = await run.unlessInterrupted(() => patient.cancelMeetingRequest({ requestId, notify: false }));
  if (view !== INTERRUPTED && view.status === 'cancelled') return true;
  run.apply({ type: 'not_taken_back' });
  if (view === INTERRUPTED) return false;
  run.apply({ type: 'request_read', view, at: run.now() });
  // It is booked, and a person has been told; anything else is not as SkipUp documents it.
  if (isCallOffWanted(run.state)) run.apply({ type: 'not_called_off', message: `it is ${view.status} at SkipUp.` });
  return false;
}
