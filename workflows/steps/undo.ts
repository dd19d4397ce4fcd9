/** Taking back what steps have made for a meeting that does not take place. */
import { isCancellation } from '@temporalio/workflow';
import type { StepOutcome } from '../../activities/contract.ts';
import type { Step } from '../../config/policy.ts';
import { quick, sentenceOf } from '../activities.ts';
import { cancelChild } from './child.ts';
import { type StepsOwner, stepInput } from './owner.ts';
import type { StepRecord } from './record.ts';
import type { StepRun } from './state.ts';
import { stepOf, toUndo } from './to-undo.ts';

/** Takes back one after the other; what fails is flagged, and the next one's turn comes. */
export async function undoSteps(owner: StepsOwner, run: StepRun): Promise<void> {
  for (const record of toUndo(owner.state, run, owner.lists)) {
    const step = stepOf(record, owner.lists);
    if (step === undefined) continue;
    const { id } = record;
    try {
      owner.apply({ type: 'step_undone', run: record, id, undone: await undo(owner, record, step) });
    } catch (error) {
      if (isCancellation(error)) throw error;
      const message = `could not be taken back: ${sentenceOf(error)}`;
      owner.apply({ type: 'step_undo_failed', run: record, id, message, holds: step.onFailure === 'wait' });
    }
  }
}

const NOTHING: StepOutcome = { detail: '', ids: {} };

async function undo(owner: StepsOwner, record: StepRecord, step: Step) {
  const undone = step.kind === 'workflow' ? await cancelChild(record, step.until) : undefined;
  return await quick.undoStep({
    ...stepInput(owner, record, step),
    outcome: record.outcome ?? NOTHING,
    ...(record.outcome === undefined && { stopped: true as const }),
    ...(undone && { undone }),
  });
}
