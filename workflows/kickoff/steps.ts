/** What its onboarding steps mean for a kickoff. */
import type { KickoffPolicy } from '../../config/policy.ts';
import { reduceSteps, type StepEvent } from '../steps/state.ts';
import type { KickoffState } from './state.ts';

export function reduceStep(state: KickoffState, event: StepEvent, policy: KickoffPolicy): KickoffState {
  const next = reduceSteps(state, event, policy.steps);
  switch (event.type) {
    case 'list_started':
      return event.run.list === 'on_booked' && state.phase === 'booked' ? { ...next, phase: 'onboarding' } : next;
    case 'list_finished':
    case 'step_skipped':
      return settled(next);
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
