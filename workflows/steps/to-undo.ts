/** What is to be taken back when a meeting does not take place. */
import type { Step } from '../../config/policy.ts';
import { isOf, type StepLists, type StepRecord } from './record.ts';
import type { StepRun, StepsState } from './state.ts';

/** Left out, what was made for the booking is taken back, and nothing else. */
function isUndoWanted(step: Step, list: StepRecord['list']): boolean {
  return step.undo ?? list === 'on_booked';
}

/**
 * What a run is to take back, the last that was made first. A step that was stopped while it ran is among it: it may have
 * got through.
 *
 * @param run of `revision`: what the deal's close has set going stays, because the next revision will not do it again
 */
export function toUndo(state: StepsState, run: StepRun, lists: StepLists): StepRecord[] {
  const hasMade = (one: StepRecord) =>
    run.only === undefined ? one.state === 'done' || one.stopped === 'running' : one.state === 'left';
  return state.steps
    .filter((one) => hasMade(one) && isMeant(one, run, lists))
    .map((one, index) => ({ one, order: one.order ?? Number.MAX_SAFE_INTEGER, index }))
    .sort((a, b) => b.order - a.order || b.index - a.index)
    .map(({ one }) => one);
}

/** Whether there is, or may be when what is running has been stopped, anything to take back. */
export function isUndoPossible(state: StepsState, run: StepRun, lists: StepLists): boolean {
  return state.steps.some(
    (one) => (one.state === 'done' || one.state === 'running' || one.stopped === 'running') && isMeant(one, run, lists),
  );
}

function isMeant(one: StepRecord, run: StepRun, lists: StepLists): boolean {
  if (run.only !== undefined) return isOf(one, run) && run.only.includes(one.id);
  const step = stepOf(one, lists);
  if (step === undefined || !isUndoWanted(step, one.list)) return false;
  return one.list === 'on_won' ? run.undoes === 'everything' : one.revision === run.revision;
}

/** A record's step, as it is configured. */
export function stepOf(record: StepRecord, lists: StepLists): Step | undefined {
  return lists[record.list]?.find((step) => step.id === record.id);
}
