/**
 * The part of a state machine that follows its onboarding steps. A kickoff has it, and so has a lead's recovery: what it
 * means for them that a step has run, is theirs.
 */
import type { StepOutcome } from '../../activities/contract.ts';
import type { Step, StepList } from '../../config/policy.ts';
import type { StepStatus } from '../messages.ts';

/** One run of one step list; `only` when a person retries single steps. */
export interface StepRun {
  list: StepList;
  /** Distinguishes repeats of a list: the third follow-up, the second reminder. Empty for lists that run once. */
  occurrence: string;
  only?: string[];
}

/** A step's state, with the run it belongs to. */
export interface StepRecord extends StepStatus {
  list: StepList;
  occurrence: string;
  /** Its failure waits for a person. */
  holds: boolean;
}

/** Plain data: it is what the reducer takes and gives. */
export interface StepsState {
  /** Step lists still to run, the running one first. */
  queue: StepRun[];
  steps: StepRecord[];
}

/** The configured lists; one that is absent is empty. */
export type StepLists = Partial<Record<StepList, readonly Step[]>>;

export type StepEvent =
  | { type: 'list_started'; run: StepRun }
  | { type: 'list_finished'; run: StepRun }
  | { type: 'step_done'; run: StepRun; id: string; outcome: StepOutcome }
  | { type: 'step_failed'; run: StepRun; id: string; message: string }
  /** What the step was for fell through while it was running. */
  | { type: 'step_stopped'; run: StepRun; id: string }
  | { type: 'step_retried'; id: string }
  | { type: 'step_skipped'; id: string; reason: string };

/** The steps that a run is about. */
export function stepsOf(run: StepRun, lists: StepLists): readonly Step[] {
  const steps = lists[run.list] ?? [];
  return run.only === undefined ? steps : steps.filter((step) => run.only?.includes(step.id));
}

/** A list without steps is no run. */
export function listOf(lists: StepLists, run: StepRun): StepRun[] {
  return (lists[run.list] ?? []).length === 0 ? [] : [run];
}

/** Sets step lists going. */
export function enqueue<State extends StepsState>(state: State, runs: StepRun[]): State {
  return runs.length === 0 ? state : { ...state, queue: [...state.queue, ...runs] };
}

export function reduceSteps<State extends StepsState>(state: State, event: StepEvent, lists: StepLists): State {
  switch (event.type) {
    case 'list_started':
      return {
        ...state,
        steps: stepsOf(event.run, lists).reduce(
          (steps, step) => withRecord(steps, record(event.run, step)),
          state.steps,
        ),
      };
    case 'list_finished':
      return { ...state, queue: state.queue.slice(1) };
    case 'step_done':
      return change(state, event.id, event.run.occurrence, {
        state: 'done',
        detail: event.outcome.detail,
        ...(event.outcome.url === undefined ? {} : { url: event.outcome.url }),
      });
    case 'step_failed':
      return change(state, event.id, event.run.occurrence, { state: 'failed', detail: event.message });
    case 'step_stopped':
      return change(state, event.id, event.run.occurrence, { state: 'skipped', detail: 'the kickoff fell through' });
    case 'step_retried': {
      const failed = findFailed(state, event.id);
      if (failed === undefined) return state;
      const run = listOf(lists, { list: failed.list, occurrence: failed.occurrence, only: [event.id] });
      return change({ ...state, queue: [...state.queue, ...run] }, event.id, failed.occurrence, { state: 'running' });
    }
    case 'step_skipped': {
      const failed = findFailed(state, event.id);
      if (failed === undefined) return state;
      return change(state, event.id, failed.occurrence, { state: 'skipped', detail: event.reason });
    }
  }
}

export function findFailed(state: StepsState, id: string): StepRecord | undefined {
  return state.steps.find((step) => step.id === id && step.state === 'failed');
}

/** Failed steps that a person must retry or skip before it may close. */
export function heldSteps(state: StepsState): StepRecord[] {
  return state.steps.filter((step) => step.state === 'failed' && step.holds);
}

/** True when no step is running or waiting to run. */
export function stepsSettled(state: StepsState): boolean {
  return state.queue.length === 0;
}

function record(run: StepRun, step: Step): StepRecord {
  return {
    id: step.id,
    list: run.list,
    kind: step.kind,
    occurrence: run.occurrence,
    holds: step.onFailure === 'wait',
    state: 'running',
  };
}

function withRecord(steps: StepRecord[], added: StepRecord): StepRecord[] {
  return [...steps.filter((step) => step.id !== added.id || step.occurrence !== added.occurrence), added];
}

function change<State extends StepsState>(
  state: State,
  id: string,
  occurrence: string,
  to: Partial<StepRecord>,
): State {
  return {
    ...state,
    steps: state.steps.map((step) => (step.id === id && step.occurrence === occurrence ? { ...step, ...to } : step)),
  };
}
