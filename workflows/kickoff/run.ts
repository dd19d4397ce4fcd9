/**
 * One running kickoff: its state, the people's commands that wait to be carried out, and the clock it goes by.
 * Nothing here decides: decisions are in `reduce.ts`, the story is in `kickoff.ts`.
 */
import {
  isCancellation,
  log,
  patched,
  setCurrentDetails,
  setDefaultSignalHandler,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { PhaseRecord, StepFacts, Timeframe } from '../../activities/contract.ts';
import type { StepList } from '../../config/policy.ts';
import { quick, sentenceOf } from '../activities.ts';
import { WaitingRun } from '../meeting/waiting-run.ts';
import * as messages from '../messages.ts';
import type { StepLists, StepRun } from '../steps/state.ts';
import { type Command, problemsOf } from './commands.ts';
import { isDealChange, needsOf } from './deal-change.ts';
import { describe, details } from './describe.ts';
import { factsFor } from './facts.ts';
import { isOrganizerLeft } from './organizer-left.ts';
import { type KickoffEvent, reduce } from './reduce.ts';
import { ENDED, initialState, type KickoffState } from './state.ts';
import { reminderBefore } from './window.ts';

export { INTERRUPTED } from '../meeting/waiting-run.ts';

const RECORDED_ANEW = 'phase-recorded-anew';

export class KickoffRun extends WaitingRun<Command> {
  readonly workflowId = workflowInfo().workflowId;
  readonly input: messages.KickoffInput;
  state: KickoffState;
  /** The phase last put into the search attribute; dispatch sets the first one. */
  #listedPhase: messages.Phase = 'scheduling';
  #recordedPhase: string | undefined;
  /** How often the phase has changed, and how often it had when it was last recorded. */
  #changes = 0;
  #recordedAt = 0;
  /** What is in doubt, as far as the ledger knows. */
  #recordedDoubt: Pick<KickoffState, 'doubt' | 'organizerLeft' | 'peopleChanged'> = {};

  /** Registers every handler; must run before the workflow's first await. */
  constructor(input: messages.KickoffInput) {
    super(input.clock);
    this.input = input;
    this.state = initialState(input);
    setHandler(messages.status, () => this.status());
    setHandler(messages.meetingEvent, (event) => this.apply({ type: 'meeting_event', event }));
    setHandler(messages.registryChanged, () => this.apply({ type: 'registry_changed' }));
    setHandler(messages.dealChanged, (change) => this.#dealChanged(change));
    setHandler(messages.organizerLeft, (left) => this.#organizerLeft(left));
    setDefaultSignalHandler((name) => log.warn('a signal of an unknown name was dropped', { name }));
    this.accept(messages.cancel, (input) => ({ name: 'cancel', input }));
    this.accept(messages.changeOrganizer, (input) => ({ name: 'changeOrganizer', input }));
    this.accept(messages.updateContext, (input) => ({ name: 'updateContext', input }));
    this.accept(messages.pause, () => ({ name: 'pause' }));
    this.accept(messages.resume, () => ({ name: 'resume' }));
    this.accept(messages.replaceParticipants, (input) => ({ name: 'replaceParticipants', input }));
    this.accept(messages.proceed, () => ({ name: 'proceed' }));
    this.accept(messages.retryStep, (input) => ({ name: 'retryStep', input }));
    this.accept(messages.skipStep, (input) => ({ name: 'skipStep', input }));
  }

  apply(event: KickoffEvent): void {
    const { phase } = this.state;
    this.state = reduce(this.state, event, this.input.policy);
    if (this.state.phase !== phase) this.#changes += 1;
  }

  status(): messages.KickoffStatus {
    return describe(this.workflowId, this.input, this.state);
  }

  /** A window with the instants that follow from it. */
  windowFrom(timeframe: Timeframe): { timeframe: Timeframe; closesAt: string; remindsAt: string | undefined } {
    const { policy } = this.input;
    return {
      timeframe,
      closesAt: this.daysAfter(timeframe.end, policy.lateCancelDays),
      remindsAt: reminderBefore(timeframe.end, this.now(), policy),
    };
  }

  /**
   * Tells the ledger a phase that no step carries there: its list is empty, or not all of the list has worked.
   */
  async recordPhase(carrier?: StepList): Promise<void> {
    const { phase, steps, former } = this.state;
    const carried =
      carrier !== undefined &&
      (this.lists[carrier] ?? []).length > 0 &&
      steps.every((step) => step.list !== carrier || step.state === 'done' || step.past === true);
    // The same phase of another revision is another one.
    const recorded = former === undefined ? phase : `${phase} after revision ${former.revision}`;
    if (carried || (this.#recordedPhase === recorded && !this.#isAnew())) return;
    this.#recordedPhase = recorded;
    this.#recordedAt = this.#changes;
    await this.#record();
  }

  /** It has been in other phases since. A kickoff that is replayed from before this rule did not tell it again. */
  #isAnew(): boolean {
    return this.#changes !== this.#recordedAt && patched(RECORDED_ANEW);
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
  override listPhase(): void {
    this.#show();
  }

  /** Child workflows take as long as they take: where it rests is shown and recorded. */
  async rest(): Promise<void> {
    this.#show();
    await this.recordPhase();
  }

  facts(run: StepRun): StepFacts {
    return factsFor(this.input, this.state, run);
  }

  /** The configured step lists. */
  get lists(): StepLists {
    return this.input.policy.steps;
  }

  /** What the ledger is told together with a step's result. */
  phaseRecord({ list, undoes }: StepRun): PhaseRecord {
    const { phase, closesAt } = this.state;
    const isLast = phase === 'onboarding' && list === 'on_booked' && undoes === undefined;
    return {
      phase,
      phaseWhenSettled: isLast ? 'done' : phase,
      stepIds: (this.lists[list] ?? []).map((step) => step.id),
      needs: needsOf(this.state),
      ...(closesAt === undefined ? {} : { closesAt }),
    };
  }

  /** The last thing a kickoff does: whoever still waits for an answer gets one. */
  async close(): Promise<messages.KickoffResult> {
    this.#show();
    if (!ENDED.has(this.state.phase)) await this.recordDoubt();
    await this.refuseAll('The kickoff has closed.');
    return {
      phase: this.state.phase,
      ...(this.state.meeting && { requestId: this.state.meeting.requestId }),
      outcome: this.state.reason ?? 'The kickoff was booked and its onboarding steps have run.',
    };
  }

  protected override problemsOf(command: Command, now?: string): string[] {
    return problemsOf(command, this.state, now);
  }

  protected override showDetails(): void {
    setCurrentDetails(details(this.status()));
  }

  /** Shows how it stands where people look. The details cost nothing; the attribute costs an event when it changes. */
  #show(): void {
    this.showDetails();
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
}
