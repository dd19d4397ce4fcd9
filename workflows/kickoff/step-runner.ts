import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { PhaseRecord } from '../../activities/contract.ts';
import type { Step } from '../../config/policy.ts';
import { quick, sentenceOf } from '../activities.ts';
import { needsOf } from './deal-change.ts';
import type { KickoffRun } from './run.ts';
import type { StepRun } from './state.ts';
import { stepsOf } from './steps.ts';

/**
 * Runs the step lists, one after the other, the steps of a list side by side. It runs beside the kickoff's own story, so
 * that a CRM that is down for a day does not keep a cancellation waiting.
 *
 * A list that is running when the kickoff falls through is stopped first: its late write must not come after the
 * cancellation's.
 */
export async function runStepLists(run: KickoffRun): Promise<never> {
  for (;;) {
    await condition(() => run.state.queue.length > 0);
    const [next] = run.state.queue;
    if (next === undefined) continue;
    run.apply({ type: 'list_started', run: next });
    const scope = new CancellationScope();
    const finished = scope.run(() =>
      Promise.all(stepsOf(next, run.input.policy).map((step) => runStep(run, next, step))),
    );
    let settled = false;
    const done = finished.finally(() => {
      settled = true;
    });
    await condition(() => settled || isSuperseded(run, next));
    if (!settled) scope.cancel();
    await done;
    run.apply({ type: 'list_finished', run: next });
  }
}

function isSuperseded(run: KickoffRun, running: StepRun): boolean {
  return (
    running.list !== 'on_cancelled' &&
    run.state.queue.some((later) => later !== running && later.list === 'on_cancelled')
  );
}

async function runStep(run: KickoffRun, list: StepRun, step: Step): Promise<void> {
  try {
    const outcome = await quick.runStep(
      {
        workflowId: run.workflowId,
        revision: run.state.revision,
        list: list.list,
        occurrence: list.occurrence,
        step,
        record: phaseRecord(run, list),
        facts: run.facts(),
      },
      () => run.listPhase(),
    );
    run.apply({ type: 'step_done', run: list, id: step.id, outcome });
  } catch (error) {
    if (isCancellation(error)) run.apply({ type: 'step_stopped', run: list, id: step.id });
    else run.apply({ type: 'step_failed', run: list, id: step.id, message: sentenceOf(error) });
  }
}

function phaseRecord(run: KickoffRun, list: StepRun): PhaseRecord {
  const { phase, closesAt } = run.state;
  return {
    phase,
    phaseWhenSettled: phase === 'onboarding' && list.list === 'on_booked' ? 'done' : phase,
    stepIds: run.input.policy.steps[list.list].map((step) => step.id),
    needs: needsOf(run.state),
    ...(closesAt === undefined ? {} : { closesAt }),
  };
}
