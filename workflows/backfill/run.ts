/** One running backfill: its state, and whoever asks something of it. Decisions are in `state.ts`, the story is in `backfill.ts`. */
import {
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import * as messages from '../messages.ts';
import { type BackfillCommand, carryOut, problemOf } from './commands.ts';
import { describe, details } from './describe.ts';
import { type BackfillEvent, type BackfillState, initialState, reduce } from './state.ts';

/** A call was given up because the backfill is cancelled. */
export const STOPPED = Symbol('stopped');

export class BackfillRun {
  state: BackfillState;

  /** Registers every handler; must run before the workflow's first await. */
  constructor(input: messages.BackfillInput) {
    this.state = initialState(input, new Date().toISOString());
    setHandler(messages.progress, () => describe(this.state));
    this.#accept(messages.pause, () => ({ name: 'pause' }));
    this.#accept(messages.resume, () => ({ name: 'resume' }));
    this.#accept(messages.cancel, (command) => ({ name: 'cancel', input: command }));
    this.#accept(messages.changeRate, (command) => ({ name: 'changeRate', input: command }));
    setCurrentDetails(details(this.state));
  }

  apply(event: BackfillEvent): void {
    this.state = reduce(this.state, event);
    setCurrentDetails(details(this.state));
  }

  isHeld(): boolean {
    const { isPaused, pushBack, cancelReason } = this.state;
    return cancelReason === undefined && (isPaused || pushBack !== undefined);
  }

  /** Waits while it is paused, and until whoever pushed back may be asked again. */
  async whileHeld(): Promise<void> {
    while (this.isHeld()) {
      const { isPaused, pushBack } = this.state;
      if (isPaused || pushBack === undefined) {
        await condition(() => this.state.cancelReason !== undefined || !this.state.isPaused);
        continue;
      }
      const beganMs = Date.now();
      const moved = () =>
        this.state.cancelReason !== undefined || this.state.pushBack === undefined || this.state.isPaused;
      const isOver = !(await condition(moved, Math.max(0, pushBack.untilMs - beganMs)));
      if (isOver) this.apply({ type: 'wait_over', waitedMs: Date.now() - beganMs });
    }
  }

  /**
   * Makes a call that is told to end when the backfill is cancelled.
   *
   * @returns what the call returned, which may be less than was asked for, or `STOPPED` when it could not say
   * @throws what the call throws
   */
  async unlessCancelled<T>(call: () => Promise<T>): Promise<T | typeof STOPPED> {
    const scope = new CancellationScope();
    let settled = false;
    const calling = scope.run(call).finally(() => {
      settled = true;
    });
    // Awaited below; a failure meanwhile is not an unhandled one.
    calling.catch(() => undefined);
    await condition(() => settled || this.state.cancelReason !== undefined);
    if (!settled) scope.cancel();
    try {
      return await calling;
    } catch (error) {
      if (isCancellation(error) && this.state.cancelReason !== undefined) return STOPPED;
      throw error;
    }
  }

  /** Every update is done at once: nobody waits for an answer when the run ends or continues as a new one. */
  #accept<Args extends [unknown?]>(
    update: ReturnType<typeof import('@temporalio/workflow').defineUpdate<string, Args>>,
    toCommand: (...args: Args) => BackfillCommand,
  ): void {
    setHandler(
      update,
      (...args: Args) => {
        const { event, answer } = carryOut(toCommand(...args), this.state);
        this.apply(event);
        return answer;
      },
      {
        validator: (...args: Args) => {
          const problem = problemOf(toCommand(...args), this.state);
          if (problem !== undefined) throw ApplicationFailure.nonRetryable(problem, 'CommandRefused');
        },
      },
    );
  }
}
