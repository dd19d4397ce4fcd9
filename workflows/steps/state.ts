/**
 * The part of a state machine that follows its onboarding steps. A kickoff has it, and so has a lead's recovery: what it
 * means for them that a step has run, is theirs.
 */
import type { StepOutcome, UndoOutcome } from '../../activities/contract.ts';
import type { Step, StepList } from '../../config/policy.ts';
import { withDependents } from './order.ts';
import { isOf, type RunName, type StepLists, type StepRecord } from './record.ts';

export type { RunName, StepLists, StepRecord } from './record.ts';

/** One run of one step list; `only` when a person retries single steps. */
export interface StepRun {
  list: StepList;
  /** Distinguishes repeats of a list: the third follow-up, the second reminder. Empty for lists that run once. */
  occurrence: string;
  only?: string[];
  /** Which revision it is about. Left out: the one at the time when it starts. */
  revision?: number;
  /**
   * It runs no step of its list, but takes back what steps have made, before the list of that name runs: all that is to be
   * taken back, or only what the next revision would make again.
   */
  undoes?: 'everything' | 'revision';
}

/** Plain data: it is what the reducer takes and gives. */
export interface StepsState {
  /** Step lists still to run, those that are running first. */
  queue: StepRun[];
  steps: StepRecord[];
}

type Revised = StepsState & { revision: number };

export type StepEvent =
  | { type: 'list_started'; run: StepRun }
  | { type: 'list_finished'; run: StepRun }
  /** The steps before it are done. */
  | { type: 'step_started'; run: RunName; id: string }
  /** A step before it has failed and holds. */
  | { type: 'step_held_back'; run: RunName; id: string }
  /** A step before it has failed for good. */
  | { type: 'step_dropped'; run: RunName; id: string; failed: string }
  | { type: 'step_child_started'; run: RunName; id: string; workflowId: string }
  | { type: 'step_done'; run: RunName; id: string; outcome: StepOutcome }
  | { type: 'step_failed'; run: RunName; id: string; message: string }
  /** What the step was for fell through while it was running. */
  | { type: 'step_stopped'; run: RunName; id: string }
  | { type: 'step_undone'; run: RunName; id: string; undone: UndoOutcome }
  | { type: 'step_undo_failed'; run: RunName; id: string; message: string; holds: boolean }
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

export function reduceSteps<State extends Revised>(state: State, event: StepEvent, lists: StepLists): State {
  switch (event.type) {
    case 'list_started':
      return event.run.undoes === undefined ? begun(state, event.run, lists) : state;
    case 'list_finished':
      return { ...state, queue: without(state.queue, event.run) };
    case 'step_started':
      return change(state, event, { state: 'running', detail: undefined });
    case 'step_held_back':
      return change(state, event, { heldBack: true });
    case 'step_dropped':
      return change(state, event, {
        state: 'skipped',
        droppedFor: event.failed,
        detail: `not run, because step ${event.failed} has failed`,
      });
    case 'step_child_started':
      return change(state, event, { child: { workflowId: event.workflowId } });
    case 'step_done':
      return change(state, event, {
        state: 'done',
        outcome: event.outcome,
        order: 1 + Math.max(0, ...state.steps.map((step) => step.order ?? 0)),
        detail: event.outcome.detail,
        ...(event.outcome.url === undefined ? {} : { url: event.outcome.url }),
      });
    case 'step_failed':
      return change(state, event, { state: 'failed', detail: event.message });
    case 'step_stopped':
      return stopped(state, event);
    case 'step_undone':
      // What cannot be taken back, and need not be spoken of, stays what it is.
      if (event.undone.state === 'left' && event.undone.detail === '') return state;
      return change(state, event, { ...event.undone, undoFailed: undefined, holds: false });
    case 'step_undo_failed':
      return change(state, event, { state: 'left', undoFailed: true, holds: event.holds, detail: event.message });
    case 'step_retried':
      return retried(state, event.id, lists);
    case 'step_skipped': {
      const failed = findFailed(state, event.id);
      if (failed === undefined) return state;
      if (failed.undoFailed === true) {
        return change(state, named(failed), { undoFailed: undefined, holds: false, detail: event.reason });
      }
      const freed = withDependents(state.steps, failed, lists).filter((id) => id !== event.id);
      const run = freed.length === 0 ? [] : [{ ...runOf(failed), only: freed }];
      return change(enqueue(state, run), named(failed), { state: 'skipped', detail: event.reason });
    }
  }
}

/** The newest one: two revisions may hold a step of the same id. */
export function findFailed(state: StepsState, id: string): StepRecord | undefined {
  return state.steps.findLast((step) => step.id === id && hasFailed(step));
}

/** Whether a person may retry it, or let it go. */
export function hasFailed(step: StepRecord): boolean {
  return (step.state === 'failed' && step.past !== true) || step.undoFailed === true;
}

/** Failed steps that a person must retry or skip before it may close. */
export function heldSteps(state: StepsState): StepRecord[] {
  return state.steps.filter((step) => hasFailed(step) && step.holds);
}

/** True when no step is running or waiting to run. */
export function stepsSettled(state: StepsState): boolean {
  return state.queue.length === 0;
}

/** Whether a run has been begun and not come to its end. */
export function isUnderWay(state: StepsState, run: StepRun, lists: StepLists): boolean {
  if (run.undoes !== undefined) return true;
  const ids = stepsOf(run, lists).map((step) => step.id);
  return state.steps.some((step) => isOf(step, run) && ids.includes(step.id) && step.state === 'running');
}

/** Whether a list has been run, or is running. */
export function hasRun(state: StepsState, run: RunName): boolean {
  return state.steps.some((step) => isOf(step, run));
}

/** The run itself, or the first like it. */
function without(queue: readonly StepRun[], run: StepRun): StepRun[] {
  const isLike = (one: StepRun) => isNamed(one, run) && one.undoes === run.undoes;
  const index = queue.includes(run) ? queue.indexOf(run) : queue.findIndex(isLike);
  return queue.filter((_one, at) => at !== index);
}

function isNamed(one: RunName, other: RunName): boolean {
  return one.list === other.list && one.occurrence === other.occurrence;
}

function begun<State extends Revised>(state: State, run: StepRun, lists: StepLists): State {
  const added = stepsOf(run, lists).map((step) => record(run, step, run.revision ?? state.revision));
  const replaced = (step: StepRecord) => added.some((one) => isOf(step, one) && step.id === one.id);
  return { ...state, steps: [...state.steps.filter((step) => !replaced(step)), ...added] };
}

function stopped<State extends StepsState>(state: State, event: { run: RunName; id: string }): State {
  const known = state.steps.find((step) => isOf(step, event.run) && step.id === event.id);
  return change(state, event, {
    state: 'skipped',
    detail: 'the kickoff fell through',
    stopped: known?.state === 'running' ? 'running' : 'waiting',
  });
}

/** Runs it again, with what was skipped or held back for its sake; or takes back again what it made. */
function retried<State extends StepsState>(state: State, id: string, lists: StepLists): State {
  const failed = findFailed(state, id);
  if (failed === undefined) return state;
  if (failed.undoFailed === true) {
    const again = { ...runOf(failed), undoes: 'everything' as const, only: [id] };
    return change(enqueue(state, [again]), named(failed), { undoFailed: undefined, detail: 'to be taken back again' });
  }
  const run = listOf(lists, { ...runOf(failed), only: withDependents(state.steps, failed, lists) });
  return change(enqueue(state, run), named(failed), { state: 'waiting', detail: 'to be run again' });
}

function runOf({ list, occurrence, revision }: StepRecord): StepRun {
  return { list, occurrence, revision };
}

function named(step: StepRecord): { run: RunName; id: string } {
  return { run: step, id: step.id };
}

function record(run: StepRun, step: Step, revision: number): StepRecord {
  const waits = step.after === undefined ? {} : { state: 'waiting' as const, detail: `after ${step.after.join(', ')}` };
  return {
    id: step.id,
    list: run.list,
    kind: step.kind,
    occurrence: run.occurrence,
    revision,
    holds: step.onFailure === 'wait',
    state: 'running',
    ...waits,
  };
}

/** @param to properties that are undefined are taken away */
function change<State extends StepsState>(
  state: State,
  { run, id }: { run: RunName; id: string },
  to: { [Name in keyof StepRecord]?: StepRecord[Name] | undefined },
): State {
  return {
    ...state,
    steps: state.steps.map((step) => (isOf(step, run) && step.id === id ? merged(step, to) : step)),
  };
}

function merged(step: StepRecord, to: { [Name in keyof StepRecord]?: StepRecord[Name] | undefined }): StepRecord {
  const next: StepRecord = { ...step };
  for (const [name, value] of Object.entries(to)) {
    if (value === undefined) Reflect.deleteProperty(next, name);
    else Reflect.set(next, name, value);
  }
  return next;
}
