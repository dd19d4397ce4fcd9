/** What its onboarding steps mean for a kickoff. */
import type { KickoffPolicy } from '../../config/policy.ts';
import { listOf, reduceSteps, type StepEvent } from '../steps/state.ts';
import { ENDED, type KickoffState } from './state.ts';

export function reduceStep(state: KickoffState, event: StepEvent, policy: KickoffPolicy): KickoffState {
  const next = reduceSteps(state, event, policy.steps);
  switch (event.type) {
    case 'list_started':
      return event.run.list === 'on_booked' && event.run.undoes === undefined && state.phase === 'booked'
        ? { ...next, phase: 'onboarding' }
        : next;
    case 'list_finished':
    case 'step_skipped':
      return settled(next);
    case 'step_stopped':
      return event.run.list === 'on_won' ? resumed(next, event.id, policy) : next;
    default:
      return next;
  }
}

/** Onboarding is done when every step of the booking has run, or a person has let it go. */
function settled(state: KickoffState): KickoffState {
  const open = state.queue.some((run) => run.list === 'on_booked');
  const held = state.steps.some((step) => step.list === 'on_booked' && step.state === 'failed' && step.holds);
  return state.phase === 'onboarding' && !open && !held ? { ...state, phase: 'done' } : state;
}

/** What the deal's close has set going goes on when only its meeting was called off. */
function resumed(state: KickoffState, id: string, policy: KickoffPolicy): KickoffState {
  if (ENDED.has(state.phase)) return state;
  const waiting = state.queue.find((run) => run.list === 'on_won' && run.only !== undefined);
  const others = state.queue.filter((run) => run !== waiting);
  const revision = state.steps.find((step) => step.list === 'on_won')?.revision ?? state.revision;
  const only = [...(waiting?.only ?? []), id];
  return { ...state, queue: [...others, ...listOf(policy.steps, { list: 'on_won', occurrence: '', revision, only })] };
}
