import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  type defineUpdate,
  isCancellation,
  setHandler,
} from '@temporalio/workflow';
import type { VirtualClock } from '../../config/policy.ts';
import { isFinal } from '../activities.ts';
import { instantOf, realMsUntil } from '../clock.ts';

/** A call was given up because a person has asked for something. */
export const INTERRUPTED = Symbol('interrupted');

interface PendingCommand<Command> {
  command: Command;
  answer: (sentence: string) => void;
  refuse: (error: Error) => void;
}

/**
 * A workflow that waits for days and listens to people meanwhile: its clock, their commands, and calls that give way to
 * them. A kickoff is one, and so is a lead's recovery.
 */
export abstract class WaitingRun<Command> {
  readonly #clock: VirtualClock | undefined;
  readonly #commands: PendingCommand<Command>[] = [];

  constructor(clock: VirtualClock | undefined) {
    this.#clock = clock;
  }

  /**
   * Why a command cannot be carried out now; empty when it can.
   *
   * @param now only while it is asked for: what is past then is refused, and not looked at again when it is carried out,
   *   because a replay must not find otherwise
   */
  protected abstract problemsOf(command: Command, now?: string): string[];
  /** Shows how it stands, where people look, and lists its phase. Called whenever it comes to rest. */
  abstract listPhase(): void;
  /** Shows how it stands, and nothing more. */
  protected abstract showDetails(): void;

  /** ISO 8601, by the run's clock. */
  now(): string {
    return instantOf(this.#clock, Date.now()).toISOString();
  }

  /** ISO 8601, `days` after an instant. */
  daysAfter(instant: string, days: number): string {
    return new Date(Date.parse(instant) + days * 86_400_000).toISOString();
  }

  /**
   * Waits until `until` (ISO 8601, by the run's clock), a person's command, or `happened`.
   *
   * @returns true when the time came first
   */
  async timeIsUp(until: string, happened: () => boolean): Promise<boolean> {
    this.listPhase();
    const woken = () => this.hasCommand() || happened();
    return !(await condition(woken, realMsUntil(this.#clock, until, Date.now())));
  }

  /**
   * Waits, without a limit, for a command or for `happened`. The phase is not listed: such a wait is for steps that are
   * running, and those are mostly done before anybody could look.
   */
  async wait(happened: () => boolean): Promise<void> {
    this.showDetails();
    await condition(() => this.hasCommand() || happened());
  }

  /**
   * Makes a call that may take as long as an outage does, unless a person's command comes first.
   *
   * @param moved what else makes the call needless
   * @returns what the call returned, or `interrupted`: the command is to be carried out, then the call may be made again
   * @throws what the call throws
   */
  async unlessInterrupted<T>(
    call: () => Promise<T>,
    moved: () => boolean = () => false,
  ): Promise<T | typeof INTERRUPTED> {
    const scope = new CancellationScope();
    let settled = false;
    const calling = scope.run(call).finally(() => {
      settled = true;
    });
    // Awaited below; a failure meanwhile is not an unhandled one.
    calling.catch(() => undefined);
    await condition(() => settled || this.hasCommand() || moved());
    if (!settled) scope.cancel();
    try {
      return await calling;
    } catch (error) {
      // An attempt that was under way when it was told to end may fail in its own way: it would have been repeated.
      if (scope.consideredCancelled && (isCancellation(error) || !isFinal(error))) return INTERRUPTED;
      throw error;
    }
  }

  hasCommand(): boolean {
    return this.#commands.length > 0;
  }

  /** Carries out the next command, if there is one; its answer or its failure goes to whoever asked. */
  async takeCommand(carryOut: (command: Command) => Promise<string>): Promise<boolean> {
    const next = this.#commands.shift();
    if (next === undefined) return false;
    // The state may have changed since the validator looked.
    const problems = this.problemsOf(next.command);
    try {
      if (problems.length > 0) throw ApplicationFailure.nonRetryable(problems.join(' '), 'CommandRefused');
      next.answer(await carryOut(next.command));
    } catch (error) {
      next.refuse(error instanceof Error ? error : new Error(String(error)));
    }
    return true;
  }

  /** Whoever still waits for an answer gets one; nothing may be awaited between this and the workflow's return. */
  protected async refuseAll(sentence: string): Promise<void> {
    do {
      for (const { refuse } of this.#commands.splice(0)) {
        refuse(ApplicationFailure.nonRetryable(sentence, 'CommandRefused'));
      }
      await condition(allHandlersFinished);
    } while (this.hasCommand());
  }

  /** Takes an update as a command, when its validator lets it through. */
  protected accept<Args extends [unknown?]>(
    update: ReturnType<typeof defineUpdate<string, Args>>,
    toCommand: (...args: Args) => Command,
  ): void {
    setHandler(
      update,
      (...args: Args) =>
        new Promise<string>((answer, refuse) => {
          this.#commands.push({ command: toCommand(...args), answer, refuse });
        }),
      {
        validator: (...args: Args) => {
          const problems = this.problemsOf(toCommand(...args), this.now());
          if (problems.length > 0) throw ApplicationFailure.nonRetryable(problems.join(' '), 'CommandRefused');
        },
      },
    );
  }
}
