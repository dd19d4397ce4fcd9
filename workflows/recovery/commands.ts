/** What a person may ask of a recovery, when they may, and what a wrong request is told. */
import {
  cancelProblems,
  contextProblems,
  inputProblems,
  organizerProblems,
  stepProblems,
} from '../meeting/command-problems.ts';
import type {
  CancelCommand,
  ChangeOrganizerCommand,
  PossibleCommand,
  RecoveryPhase,
  RetryStepCommand,
  SkipStepCommand,
  UpdateContextCommand,
} from '../messages.ts';
import { hasFailed } from '../steps/state.ts';
import type { RecoveryState } from './state.ts';

export type Command =
  | { name: 'cancel'; input: CancelCommand }
  | { name: 'changeOrganizer'; input: ChangeOrganizerCommand }
  | { name: 'updateContext'; input: UpdateContextCommand }
  | { name: 'pause' }
  | { name: 'resume' }
  | { name: 'proceed' }
  | { name: 'retryStep'; input: RetryStepCommand }
  | { name: 'skipStep'; input: SkipStepCommand };

const WITH_STEPS: readonly RecoveryPhase[] = [
  'needs_attention',
  'scheduling',
  'paused',
  'booked',
  'booked_elsewhere',
  'cancelled',
  'expired',
];

const IN_PHASES: Record<Command['name'], readonly RecoveryPhase[]> = {
  cancel: ['waiting', 'checking', 'needs_attention', 'requesting', 'scheduling', 'paused'],
  changeOrganizer: ['waiting', 'needs_attention', 'scheduling', 'paused'],
  updateContext: ['scheduling', 'paused'],
  pause: ['scheduling'],
  resume: ['paused'],
  proceed: ['waiting', 'needs_attention'],
  retryStep: WITH_STEPS,
  skipStep: WITH_STEPS,
};

const FIELDS: Partial<Record<Command['name'], readonly string[]>> = {
  cancel: ['reason', 'notify'],
  changeOrganizer: ['email'],
  updateContext: ['title', 'purpose', 'description', 'durationMinutes', 'timeframe'],
  retryStep: ['id'],
  skipStep: ['id', 'reason'],
};

/** Every reason why a command cannot be carried out now; empty when it can. */
export function problemsOf(command: Command, state: RecoveryState, now?: string): string[] {
  // What is said of a booking elsewhere may be settled whenever it is said.
  if (command.name === 'proceed' && state.elsewhere?.trouble !== undefined) return [];
  const phases = IN_PHASES[command.name];
  if (!phases.includes(state.phase)) {
    return [`${command.name} is possible while the recovery is ${phases.join(', ')}; it is ${state.phase} now.`];
  }
  const fields = FIELDS[command.name];
  if (fields === undefined || !('input' in command)) return [];
  return inputProblems(command.input, fields, () => fieldProblems(command, state, now));
}

function fieldProblems(
  command: Extract<Command, { input: unknown }>,
  state: RecoveryState,
  now: string | undefined,
): string[] {
  switch (command.name) {
    case 'cancel':
      return cancelProblems(command.input);
    case 'changeOrganizer':
      return organizerProblems(command.input);
    case 'updateContext':
      return contextProblems(command.input, now);
    case 'retryStep':
      return stepProblems(command.input, state);
    case 'skipStep':
      return stepProblems(command.input, state, { reason: true });
  }
}

const ABOUT: Record<Command['name'], string> = {
  proceed: 'goes on: asks at once instead of waiting, or reads the lead again',
  changeOrganizer: 'another member of the SkipUp workspace invites',
  updateContext: 'changes title, purpose, description, length or window',
  pause: 'SkipUp writes to nobody until it is resumed',
  resume: 'goes on with the scheduling',
  retryStep: 'runs a failed step again',
  skipStep: 'lets a failed step go',
  cancel: 'ends the recovery and its meeting request',
};

/** @returns the commands that the validators would let through now; none once the recovery has closed */
export function possibleCommands(state: RecoveryState): PossibleCommand[] {
  if (state.closed) return [];
  return examplesFor(state)
    .filter((command) => problemsOf(command, state).length === 0)
    .map((command) => ({
      name: command.name,
      about: ABOUT[command.name],
      ...('input' in command ? { example: command.input } : {}),
    }));
}

function examplesFor(state: RecoveryState): Command[] {
  const id = state.steps.findLast(hasFailed)?.id ?? '';
  return [
    { name: 'proceed' },
    { name: 'changeOrganizer', input: { email: 'colleague@yourcompany.example' } },
    { name: 'updateContext', input: { title: 'A short demo', durationMinutes: 15 } },
    { name: 'pause' },
    { name: 'resume' },
    { name: 'retryStep', input: { id } },
    { name: 'skipStep', input: { id, reason: 'done by hand' } },
    { name: 'cancel', input: { reason: 'we have met at a fair', notify: false } },
  ];
}
