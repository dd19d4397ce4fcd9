import { CancellationScope, condition, isCancellation, log } from '@temporalio/workflow';
import type { StepInput, StepOutcome } from '../../activities/contract.ts';
import type { Step } from '../../config/policy.ts';
import { quick, sentenceOf } from '../activities.ts';
import { runChild } from './child.ts';
import { standingOf } from './order.ts';
import { type StepsOwner, stepInput } from './owner.ts';
import { isOf } from './record.ts';
import { type StepRun, stepsOf } from './state.ts';
import { undoSteps } from './undo.ts';

export type { StepsOwner } from './owner.ts';

/**
 * Runs the step lists, one after the other; of a list, the steps that come after none side by side, and the others when
 * those before them are done. It runs beside the owner's own story, so that a CRM that is down for a day does not keep a
 * cancellation waiting. A list of which only child workflows still run does not keep the next one waiting either.
 *
 * A list that is running when the meeting falls through is stopped first: its late write must not come after the
 * cancellation's.
 */
export async function runStepLists(owner: StepsOwner): Promise<never> {
  /** Lists that wait for child workflows, each with its end. */
  const resting = new Map<StepRun, Promise<void>>();
  const nextOf = () => owner.state.queue.find((run) => !resting.has(run));
  for (;;) {
    await condition(() => nextOf() !== undefined);
    const next = nextOf();
    if (next === undefined) continue;
    const superseded = [...resting].filter(([run]) => isSuperseded(owner, run));
    if (superseded.length > 0) await Promise.all(superseded.map(([, ended]) => ended));
    const started = new StartedList(owner, next);
    await condition(() => started.settled || isSuperseded(owner, next) || started.isResting());
    if (started.settled || isSuperseded(owner, next)) {
      await started.end();
      continue;
    }
    resting.set(
      next,
      condition(() => started.settled || isSuperseded(owner, next))
        .then(() => started.end())
        .finally(() => resting.delete(next)),
    );
    await owner.rest?.();
  }
}

/** Whether what a list is run for has fallen through meanwhile. */
function isSuperseded(owner: StepsOwner, running: StepRun): boolean {
  return (
    !endsMeeting(running) &&
    owner.state.queue.some((later) => later !== running && later.only === undefined && endsMeeting(later))
  );
}

function endsMeeting(run: StepRun): boolean {
  return run.list === 'on_cancelled' || run.undoes !== undefined;
}

/** A list whose steps are running. */
class StartedList {
  settled = false;
  readonly #owner: StepsOwner;
  readonly #queued: StepRun;
  readonly #scope = new CancellationScope();
  readonly #finished: Promise<void>;
  /** How many steps neither wait for others nor for a child workflow. */
  #busy = 0;
  #children = 0;

  constructor(owner: StepsOwner, queued: StepRun) {
    this.#owner = owner;
    this.#queued = queued;
    const run = queued.revision === undefined ? { ...queued, revision: owner.state.revision } : queued;
    owner.apply({ type: 'list_started', run });
    const work = () =>
      run.undoes === undefined
        ? Promise.all(stepsOf(run, owner.lists).map((step) => this.#runStep(run, step)))
        : undoSteps(owner, run);
    this.#finished = Promise.resolve(this.#scope.run<unknown>(work)).then(() => {
      this.settled = true;
    });
  }

  /** Nothing more happens before a child workflow has ended, and that may take days. */
  isResting(): boolean {
    return this.#children > 0 && this.#busy === 0;
  }

  /** Stops what is still running, and waits for its end. */
  async end(): Promise<void> {
    if (!this.settled) this.#scope.cancel();
    await this.#finished;
    this.#owner.apply({ type: 'list_finished', run: this.#queued });
  }

  async #runStep(run: StepRun, step: Step): Promise<void> {
    const { id } = step;
    try {
      if (step.after !== undefined && !(await this.#itsTurn(run, step))) return;
      this.#busy += 1;
      try {
        const input = stepInput(this.#owner, run, step);
        const outcome = await quick.runStep(input, () => this.#owner.listPhase());
        const made = outcome.child === undefined ? outcome : await this.#followChild(input, outcome, outcome.child);
        this.#owner.apply({ type: 'step_done', run, id, outcome: made });
      } finally {
        this.#busy -= 1;
      }
    } catch (error) {
      if (isCancellation(error)) this.#owner.apply({ type: 'step_stopped', run, id });
      else this.#owner.apply({ type: 'step_failed', run, id, message: sentenceOf(error) });
    }
  }

  /** Waits for the steps that come first; false when one of them has failed. */
  async #itsTurn(run: StepRun, step: Step): Promise<boolean> {
    const { id } = step;
    const standing = () => standingOf(step, run, this.#owner.state.steps);
    for (;;) {
      await condition(() => standing().standing !== 'wait');
      const now = standing();
      switch (now.standing) {
        case 'wait':
          continue;
        case 'go':
          this.#owner.apply({ type: 'step_started', run, id });
          return true;
        case 'held':
          this.#owner.apply({ type: 'step_held_back', run, id });
          return false;
        case 'dropped':
          this.#owner.apply({ type: 'step_dropped', run, id, failed: now.failed });
          await this.#noteDropped(run, step);
          return false;
      }
    }
  }

  /** A step that was never begun has no row in the ledger, and no activity that would bring it there. */
  async #noteDropped(run: StepRun, { id, kind }: Step): Promise<void> {
    const { workflowId, state } = this.#owner;
    const { list, occurrence, revision = state.revision } = run;
    const reason = state.steps.find((one) => isOf(one, run) && one.id === id)?.detail ?? '';
    try {
      await quick.recordSkippedStep({ workflowId, revision, list, occurrence, stepId: id, kind, reason });
    } catch (error) {
      // It is dropped, whether the ledger knows or not.
      if (!isCancellation(error)) log.warn('the ledger could not be told of a step', { id, reason: sentenceOf(error) });
    }
  }

  async #followChild(
    input: StepInput,
    prepared: StepOutcome,
    child: NonNullable<StepOutcome['child']>,
  ): Promise<StepOutcome> {
    const { list, occurrence, step } = input;
    const { workflowId } = child;
    let isFollowed = false;
    const onStarted = () => {
      this.#owner.apply({ type: 'step_child_started', run: { list, occurrence }, id: step.id, workflowId });
      if (child.until === 'started') return;
      isFollowed = true;
      this.#children += 1;
      this.#busy -= 1;
    };
    let outcome: StepOutcome;
    try {
      outcome = await runChild(prepared, child, onStarted);
    } catch (error) {
      if (!isCancellation(error)) await quick.settleStep({ ...input, outcome: prepared, error: sentenceOf(error) });
      throw error;
    } finally {
      if (isFollowed) {
        this.#children -= 1;
        this.#busy += 1;
      }
    }
    await quick.settleStep({ ...input, outcome });
    return outcome;
  }
}
