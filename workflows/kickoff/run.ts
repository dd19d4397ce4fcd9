/**
 * One running kickoff: its state, the people's commands that wait to be carried out, and the clock it goes by.
 * Nothing here decides: decisions are in `reduce.ts`, the story is in `kickoff.ts`.
 */
import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  log,
  setCurrentDetails,
  setDefaultSignalHandler,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { PhaseRecord, StepFacts } from '../../activities/contract.ts';
import type { StepList } from '../../config/policy.ts';
import { isFinal, quick, sentenceOf } from '../activities.ts';
import { instantOf, realMsUntil } from '../clock.ts';
import * as messages from '../messages.ts';
import type { StepLists, StepRun } from '../steps/state.ts';
import { type Command, problemsOf } from './commands.ts';
import { isDealChange, needsOf } from './deal-change.ts';
import { describe, details } from './describe.ts';
import { isOrganizerLeft } from './organizer-left.ts';
import { type KickoffEvent, reduce } from './reduce.ts';
import { ENDED, initialState, type KickoffState } from './state.ts';

/** A call was given up because a person has asked for something. */
export const INTERRUPTED = Symbol('interrupted');

interface PendingCommand {
  command: Command;
  answer: (sentence: string) => void;
  refuse: (error: Error) => void;
}

export class KickoffRun {
  readonly workflowId = workflowInfo().workflowId;
  readonly input: messages.KickoffInput;
  state: KickoffState;
  readonly #commands: PendingCommand[] = [];
  /** The phase last put into the search attribute; dispatch sets the first one. */
  #listedPhase: messages.Phase = 'scheduling';
  #recordedPhase: messages.Phase | undefined;
  /** What is in doubt, as far as the ledger knows. */
  #recordedDoubt: Pick<KickoffState, 'doubt' | 'organizerLeft' | 'peopleChanged'> = {};

  /** Registers every handler; must run before the workflow's first await. */
  constructor(input: messages.KickoffInput) {
    this.input = input;
    this.state = initialState(input);
    setHandler(messages.status, () => this.status());
    setHandler(messages.meetingEvent, (event) => this.apply({ type: 'meeting_event', event }));
    setHandler(messages.registryChanged, () => this.apply({ type: 'registry_changed' }));
    setHandler(messages.dealChanged, (change) => this.#dealChanged(change));
    setHandler(messages.organizerLeft, (left) => this.#organizerLeft(left));
    setDefaultSignalHandler((name) => log.warn('a signal of an unknown name was dropped', { name }));
    this.#accept(messages.cancel, (input) => ({ name: 'cancel', input }));
    this.#accept(messages.changeOrganizer, (input) => ({ name: 'changeOrganizer', input }));
    this.#accept(messages.updateContext, (input) => ({ name: 'updateContext', input }));
    this.#accept(messages.pause, () => ({ name: 'pause' }));
    this.#accept(messages.resume, () => ({ name: 'resume' }));
    this.#accept(messages.replaceParticipants, (input) => ({ name: 'replaceParticipants', input }));
    this.#accept(messages.proceed, () => ({ name: 'proceed' }));
    this.#accept(messages.retryStep, (input) => ({ name: 'retryStep', input }));
    this.#accept(messages.skipStep, (input) => ({ name: 'skipStep', input }));
  }

  apply(event: KickoffEvent): void {
    this.state = reduce(this.state, event, this.input.policy);
  }

  status(): messages.KickoffStatus {
    return describe(this.workflowId, this.input, this.state);
  }

  /** ISO 8601, by the kickoff's clock. */
  now(): string {
    return instantOf(this.input.clock, Date.now()).toISOString();
  }

  /** ISO 8601, `days` after an instant. */
  daysAfter(instant: string, days: number): string {
    return new Date(Date.parse(instant) + days * 86_400_000).toISOString();
  }

  /**
   * Waits until `until` (ISO 8601, by the kickoff's clock), a person's command, or `happened`.
   *
   * @returns true when the time came first
   */
  async timeIsUp(until: string, happened: () => boolean): Promise<boolean> {
    this.#show();
    const woken = () => this.hasCommand() || happened();
    return !(await condition(woken, realMsUntil(this.input.clock, until, Date.now())));
  }

  /**
   * Waits, without a limit, for a command or for `happened`. The phase is not listed: such a wait is for steps that are
   * running, and those are mostly done before anybody could look.
   */
  async wait(happened: () => boolean): Promise<void> {
    setCurrentDetails(details(this.status()));
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

  /**
   * Tells the ledger a phase that no step carries there: its list is empty, or not all of the list has worked.
   */
  async recordPhase(carrier?: StepList): Promise<void> {
    const { phase, steps } = this.state;
    const carried =
      carrier !== undefined &&
      (this.lists[carrier] ?? []).length > 0 &&
      steps.every((step) => step.list !== carrier || step.state === 'done');
    if (carried || this.#recordedPhase === phase) return;
    this.#recordedPhase = phase;
    await this.#record();
  }

  /** Tells the ledger what a doubt about deal, organizer or participants asks of a person, and when it asks no more. */
  async recordDoubt(): Promise<void> {
    const { doubt, organizerLeft, peopleChanged } = this.state;
    const known = this.#recordedDoubt;
    const isKnown =
      doubt === known.doubt && organizerLeft === known.organizerLeft && peopleChanged === known.peopleChanged;
    if (isKnown) return;
    this.#recordedDoubt = {
      ...(doubt && { doubt }),
      ...(organizerLeft && { organizerLeft }),
      ...(peopleChanged && { peopleChanged }),
    };
    await this.#record();
  }

  async #record(): Promise<void> {
    const { phase, revision, closesAt } = this.state;
    try {
      const closing = closesAt === undefined ? {} : { closesAt };
      const needs = needsOf(this.state);
      await quick.recordPhase({ workflowId: this.workflowId, revision, phase, needs, ...closing });
    } catch (error) {
      if (isCancellation(error)) throw error;
      log.warn('the ledger could not be told the phase', { phase, reason: sentenceOf(error) });
    }
  }

  /** Lists the phase where people filter; done by itself whenever the kickoff comes to rest. */
  listPhase(): void {
    this.#show();
  }

  hasCommand(): boolean {
    return this.#commands.length > 0;
  }

  /** Carries out the next command, if there is one; its answer or its failure goes to whoever asked. */
  async takeCommand(carryOut: (command: Command) => Promise<string>): Promise<boolean> {
    const next = this.#commands.shift();
    if (next === undefined) return false;
    // The state may have changed since the validator looked.
    const problems = problemsOf(next.command, this.state);
    try {
      if (problems.length > 0) throw ApplicationFailure.nonRetryable(problems.join(' '), 'CommandRefused');
      next.answer(await carryOut(next.command));
    } catch (error) {
      next.refuse(error instanceof Error ? error : new Error(String(error)));
    }
    return true;
  }

  /** What steps may name in their texts. */
  facts(): StepFacts {
    const { resolution, request, meeting } = this.state;
    const status = this.status();
    return {
      vendor: this.input.policy.vendor,
      deal: this.input.deal,
      ...(resolution?.organizer && { organizer: resolution.organizer }),
      participants: resolution?.participants ?? [],
      meeting: {
        followUps: meeting?.followUpKeys.length ?? 0,
        ...(request && { key: request.key, timeframe: request.timeframe }),
        ...(meeting && { requestId: meeting.requestId }),
        ...(status.request && { status: status.request.status }),
        ...(meeting?.bookedAt && { bookedAt: meeting.bookedAt }),
        ...(meeting?.calendarEventId && { calendarEventId: meeting.calendarEventId }),
      },
      needs: needsOf(this.state),
      ...(this.state.reason && { reason: this.state.reason }),
    };
  }

  /** The configured step lists. */
  get lists(): StepLists {
    return this.input.policy.steps;
  }

  /** What the ledger is told together with a step's result. */
  phaseRecord({ list }: StepRun): PhaseRecord {
    const { phase, closesAt } = this.state;
    return {
      phase,
      phaseWhenSettled: phase === 'onboarding' && list === 'on_booked' ? 'done' : phase,
      stepIds: (this.lists[list] ?? []).map((step) => step.id),
      needs: needsOf(this.state),
      ...(closesAt === undefined ? {} : { closesAt }),
    };
  }

  /** The last thing a kickoff does: whoever still waits for an answer gets one. */
  async close(): Promise<messages.KickoffResult> {
    this.#show();
    if (!ENDED.has(this.state.phase)) await this.recordDoubt();
    do {
      for (const { refuse } of this.#commands.splice(0)) {
        refuse(ApplicationFailure.nonRetryable('The kickoff has closed.', 'CommandRefused'));
      }
      await condition(allHandlersFinished);
    } while (this.hasCommand());
    return {
      phase: this.state.phase,
      ...(this.state.meeting && { requestId: this.state.meeting.requestId }),
      outcome: this.state.reason ?? 'The kickoff was booked and its onboarding steps have run.',
    };
  }

  /** Shows how it stands where people look. The details cost nothing; the attribute costs an event when it changes. */
  #show(): void {
    setCurrentDetails(details(this.status()));
    if (this.state.phase !== this.#listedPhase && this.state.phase !== 'resolving') {
      this.#listedPhase = this.state.phase;
      upsertSearchAttributes([{ key: messages.SEARCH_ATTRIBUTES.phase, value: this.state.phase }]);
    }
  }

  /** Anybody who may send signals may send anything: what is malformed is dropped, for an error here would block the kickoff. */
  #dealChanged(change: unknown): void {
    if (isDealChange(change)) this.apply({ type: 'deal_changed', change });
    else log.warn('a malformed signal was dropped', { name: messages.dealChanged.name });
  }

  #organizerLeft(left: unknown): void {
    if (isOrganizerLeft(left)) this.apply({ type: 'organizer_left', left });
    else log.warn('a malformed signal was dropped', { name: messages.organizerLeft.name });
  }

  #accept<Args extends [unknown?]>(
    update: ReturnType<typeof import('@temporalio/workflow').defineUpdate<string, Args>>,
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
          // Not looked at again when it is carried out: a replay must not find otherwise.
          const problems = problemsOf(toCommand(...args), this.state, this.now());
          if (problems.length > 0) throw ApplicationFailure.nonRetryable(problems.join(' '), 'CommandRefused');
        },
      },
    );
  }
}
