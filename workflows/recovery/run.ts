/**
 * One running recovery: its state, the people's commands that wait to be carried out, and what the ledger knows of it.
 * Nothing here decides: decisions are in `reduce.ts`, the story is in `recovery.ts`.
 */
import {
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
import { recovering, sentenceOf } from '../activities.ts';
import { WaitingRun } from '../meeting/waiting-run.ts';
import * as messages from '../messages.ts';
import type { StepLists, StepRun } from '../steps/state.ts';
import { type Command, problemsOf } from './commands.ts';
import { describe, details } from './describe.ts';
import { type RecoveryEvent, reduce } from './reduce.ts';
import { ENDED, initialState, needsOf, type RecoveryState, requestStatus } from './state.ts';

/** Phases of a moment, and the wait that every lead begins with: listing them would cost more than it says. */
const UNLISTED: ReadonlySet<messages.RecoveryPhase> = new Set<messages.RecoveryPhase>([
  'waiting',
  'checking',
  'requesting',
]);

export class RecoveryRun extends WaitingRun<Command> {
  readonly workflowId = workflowInfo().workflowId;
  readonly input: messages.RecoveryInput;
  /** ISO 8601; when the lead has had its time. */
  readonly waitsUntil: string;
  state: RecoveryState;
  /** The phase last put into the search attribute; there is none before the lead is asked. */
  #listedPhase: messages.RecoveryPhase | undefined;
  /** The phase and the needs that the ledger knows. */
  #recorded = '';

  /** Registers every handler; must run before the workflow's first await. */
  constructor(input: messages.RecoveryInput) {
    super(input.clock);
    this.input = input;
    this.state = initialState(input);
    this.waitsUntil = this.daysAfter(this.now(), (input.waitMinutes ?? input.policy.waitMinutes) / 1_440);
    setHandler(messages.recoveryStatus, () => this.status());
    setHandler(messages.meetingEvent, (event) => this.apply({ type: 'meeting_event', event }));
    setHandler(messages.leadBooked, (news) => this.#leadBooked(news));
    setDefaultSignalHandler((name) => log.warn('a signal of an unknown name was dropped', { name }));
    this.accept(messages.cancel, (command) => ({ name: 'cancel', input: command }));
    this.accept(messages.changeOrganizer, (command) => ({ name: 'changeOrganizer', input: command }));
    this.accept(messages.updateContext, (command) => ({ name: 'updateContext', input: command }));
    this.accept(messages.pause, () => ({ name: 'pause' }));
    this.accept(messages.resume, () => ({ name: 'resume' }));
    this.accept(messages.proceed, () => ({ name: 'proceed' }));
    this.accept(messages.retryStep, (command) => ({ name: 'retryStep', input: command }));
    this.accept(messages.skipStep, (command) => ({ name: 'skipStep', input: command }));
  }

  apply(event: RecoveryEvent): void {
    this.state = reduce(this.state, event, this.input.policy);
  }

  status(): messages.RecoveryStatus {
    return describe(this.workflowId, this.input, this.state, this.waitsUntil);
  }

  protected override problemsOf(command: Command, now?: string): string[] {
    return problemsOf(command, this.state, now);
  }

  /** What steps may name in their texts. */
  facts(): StepFacts {
    const { lead, prepared, request, meeting, reason, steps } = this.state;
    const left = steps.filter(({ state }) => state === 'left').map(({ id, detail }) => `${id}: ${detail ?? ''}`);
    return {
      vendor: this.input.policy.vendor,
      lead,
      form: this.input.form,
      ...(prepared?.organizer && { organizer: prepared.organizer }),
      participants: prepared === undefined ? [] : [prepared.participant],
      meeting: {
        followUps: meeting?.followUpKeys.length ?? 0,
        ...(request && { key: request.key, timeframe: request.timeframe, status: requestStatus(this.state) }),
        ...(meeting && { requestId: meeting.requestId }),
        ...(meeting?.bookedAt && { bookedAt: meeting.bookedAt }),
        ...(meeting?.calendarEventId && { calendarEventId: meeting.calendarEventId }),
      },
      needs: needsOf(this.state),
      ...(reason && { reason }),
      ...(left.length > 0 && { left }),
    };
  }

  /** Child workflows take as long as they take: where it rests is shown and recorded. */
  async rest(): Promise<void> {
    this.listPhase();
    await this.record();
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
      phaseWhenSettled: phase,
      stepIds: (this.lists[list] ?? []).map((step) => step.id),
      needs: needsOf(this.state),
      ...(closesAt === undefined ? {} : { closesAt }),
    };
  }

  /** An activity has told the ledger the phase in which the recovery is now. */
  told(): void {
    this.#recorded = this.#inShort();
  }

  /** Tells the ledger how it stands, unless it knows: by an activity, or by a step of the list that goes with the phase. */
  async record(carrier?: StepList): Promise<void> {
    const { steps } = this.state;
    const isCarried =
      carrier !== undefined &&
      (this.lists[carrier] ?? []).length > 0 &&
      steps.every((step) => step.list !== carrier || step.state === 'done');
    if (isCarried) this.told();
    if (this.#recorded === this.#inShort()) return;
    this.told();
    await this.#tell(false);
  }

  /** Closed: the lead may be recovered anew. A recovery that ended without a booking has said so with its phase. */
  async close(): Promise<messages.RecoveryResult> {
    this.listPhase();
    const { phase } = this.state;
    if (phase === 'booked') await this.#tell(true);
    await this.refuseAll('The recovery has closed.');
    return {
      phase,
      ...(this.state.meeting && { requestId: this.state.meeting.requestId }),
      outcome: this.state.reason ?? 'The lead has booked through SkipUp.',
    };
  }

  override listPhase(): void {
    this.showDetails();
    const { phase } = this.state;
    if (phase === this.#listedPhase || UNLISTED.has(phase)) return;
    // Whoever was never asked is found in the ledger: most leads book by themselves, and each listing is an action.
    if (this.#listedPhase === undefined && ENDED.has(phase)) return;
    this.#listedPhase = phase;
    upsertSearchAttributes([{ key: messages.SEARCH_ATTRIBUTES.phase, value: phase }]);
  }

  protected override showDetails(): void {
    setCurrentDetails(details(this.status(), this.input, this.state));
  }

  #inShort(): string {
    return JSON.stringify([this.state.phase, needsOf(this.state)]);
  }

  async #tell(ended: boolean): Promise<void> {
    const { phase, reason, closesAt } = this.state;
    try {
      await recovering.recordRecovery({
        workflowId: this.workflowId,
        phase,
        needs: needsOf(this.state),
        ...(reason === undefined ? {} : { reason }),
        ...(closesAt === undefined ? {} : { closesAt }),
        ...(ended ? { ended } : {}),
      });
    } catch (error) {
      if (isCancellation(error)) throw error;
      log.warn('the ledger could not be told the phase', { phase, reason: sentenceOf(error) });
    }
  }

  /** Anybody who may send signals may send anything: what is malformed is dropped, for an error here would block the recovery. */
  #leadBooked(news: unknown): void {
    if (isLeadBooked(news)) this.apply({ type: 'lead_booked', news });
    else log.warn('a malformed signal was dropped', { name: messages.leadBooked.name });
  }
}

/** Whether a signal’s input is what it should be. */
export function isLeadBooked(value: unknown): value is messages.LeadBooked {
  if (typeof value !== 'object' || value === null || !('key' in value) || !('at' in value)) return false;
  const isNamed = typeof value.key === 'string' && typeof value.at === 'string' && !Number.isNaN(Date.parse(value.at));
  return isNamed && (!('meeting' in value) || typeof value.meeting === 'string');
}
