import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { PhaseRecord, StepFacts } from '../../activities/contract.ts';
import type { Step } from '../../config/policy.ts';
import { quick, sentenceOf } from '../activities.ts';
import { type StepEvent, type StepLists, type StepRun, type StepsState, stepsOf } from './state.ts';

/** Whose steps are run: a kickoff, or a lead's recovery. */
export interface StepsOwner {
  readonly workflowId: string;
  readonly lists: StepLists;
  readonly state: StepsState & { readonly revision: number };
  apply(event: StepEvent): void;
  /** What steps may name in their texts. */
  facts(): StepFacts;
  /** What the ledger is told together with a step's result. */
  phaseRecord(run: StepRun): PhaseRecord;
  /** A step could not be done at once and goes on as a regular activity. */
  listPhase(): void;
}

/**
 * Runs the step lists, one after the other, the steps of a list side by side. It runs beside the owner's own story, so
 * that a CRM that is down for a day does not keep a cancellation waiting.
 *
 * A list that is running when the meeting falls through is stopped first: its late write must not come after the
 * cancellation's.
 */
export async function runStepLists(owner: StepsOwner): Promise<never> {
  for (;;) {
    await condition(() => owner.state.queue.length > 0);
    const [next] = owner.state.queue;
    if (next === undefined) continue;
    owner.apply({ type: 'list_started', run: next });
    const scope = new CancellationScope();
    const finished = scope.run(() => Promise.all(stepsOf(next, owner.lists).map((step) => runStep(owner, next, step))));
    let settled = false;
    const done = finished.finally(() => {
      settled = true;
    });
    await condition(() => settled || isSuperseded(owner, next));
    if (!settled) scope.cancel();
    await done;
    owner.apply({ type: 'list_finished', run: next });
  }
}

function isSuperseded(owner: StepsOwner, running: StepRun): boolean {
  return (
    running.list !== 'on_cancelled' &&
    owner.state.queue.some((later) => later !== running && later.list === 'on_cancelled')
  );
}

async function runStep(owner: StepsOwner, list: StepRun, step: Step): Promise<void> {
  try {
    const outcome = await quick.runStep(
      {
        workflowId: owner.workflowId,
        revision: owner.state.revision,
        list: list.list,
        occurrence: list.occurrence,
        step,
        record: owner.phaseRecord(list),
        facts: owner.facts(),
      },
      () => owner.listPhase(),
    );
    owner.apply({ type: 'step_done', run: list, id: step.id, outcome });
  } catch (error) {
    if (isCancellation(error)) owner.apply({ type: 'step_stopped', run: list, id: step.id });
    else owner.apply({ type: 'step_failed', run: list, id: step.id, message: sentenceOf(error) });
  }
}
