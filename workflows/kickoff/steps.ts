/** The part of the state machine that follows the onboarding steps. */
import type { StepOutcome } from '../../activities/contract.ts';
import type { KickoffPolicy, Step } from '../../config/policy.ts';
import { type KickoffState, listOf, type StepRecord, type StepRun } from './state.ts';

export type StepEvent =
  | { type: 'list_started'; run: StepRun }
  | { type: 'list_finished'; run: StepRun }
  | { type: 'step_done'; run: StepRun; id: string; outcome: StepOutcome }
  | { type: 'step_failed'; run: StepRun; id: string; message: string }
  /** The kickoff fell through while the step was running. */
  | { type: 'step_stopped'; run: StepRun; id: string }
  | { type: 'step_retried'; id: string }
  | { type: 'step_skipped'; id: string; reason: string };

/** The steps that a run is about. */
export function stepsOf(run: StepRun, policy: KickoffPolicy): Step[] {
  const steps = policy.steps[run.list];
  return run.only === undefined ? steps : steps.filter((step) => run.only?.includes(step.id));
}

export function reduceStep(state: KickoffState, event: StepEvent, policy: KickoffPolicy): KickoffState {
  switch (event.type) {
    case 'list_started':
      return {
        ...state,
        phase: event.run.list === 'on_booked' && state.phase === 'booked' ? 'onboarding' : state.phase,
        steps: stepsOf(event.run, policy).reduce(
          (steps, step) => withRecord(steps, record(event.run, step)),
          state.steps,
        ),
      };
    case 'list_finished': {
      const queue = state.queue.slice(1);
      return settled({ ...state, queue });
    }
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
      const run = listOf(policy, { list: failed.list, occurrence: failed.occurrence, only: [event.id] });
      return change({ ...state, queue: [...state.queue, ...run] }, event.id, failed.occurrence, { state: 'running' });
    }
    case 'step_skipped': {
      const failed = findFailed(state, event.id);
      if (failed === undefined) return state;
      return settled(change(state, event.id, failed.occurrence, { state: 'skipped', detail: event.reason }));
    }
  }
}

export function findFailed(state: KickoffState, id: string): StepRecord | undefined {
  return state.steps.find((step) => step.id === id && step.state === 'failed');
}

/** Onboarding is done when every step of the booking has run, or a person has let it go. */
function settled(state: KickoffState): KickoffState {
  const open = state.queue.some((run) => run.list === 'on_booked');
  const held = state.steps.some((step) => step.list === 'on_booked' && step.state === 'failed' && step.holds);
  return state.phase === 'onboarding' && !open && !held ? { ...state, phase: 'done' } : state;
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

function change(state: KickoffState, id: string, occurrence: string, to: Partial<StepRecord>): KickoffState {
  return {
    ...state,
    steps: state.steps.map((step) => (step.id === id && step.occurrence === occurrence ? { ...step, ...to } : step)),
  };
}
