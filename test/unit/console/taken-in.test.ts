import { expect, it } from 'vitest';
import { TAKEN_IN } from '../../../console/kickoff/commands/taken-in.ts';
import { type Command, problemsOf } from '../../../workflows/kickoff/commands.ts';
import { initialState } from '../../../workflows/kickoff/state.ts';
import { PHASES } from '../../../workflows/messages.ts';
import { input } from '../workflows/fixtures.ts';

const COMMANDS: Record<keyof typeof TAKEN_IN, Command> = {
  cancel: { name: 'cancel', input: { reason: 'x' } },
  pause: { name: 'pause' },
  resume: { name: 'resume' },
  proceed: { name: 'proceed' },
  changeOrganizer: { name: 'changeOrganizer', input: { email: 'a@b.example' } },
  retryStep: { name: 'retryStep', input: { id: 'x' } },
};

it.each(Object.entries(TAKEN_IN))('the console and the workflow agree on when %s is taken', (name, phases) => {
  const command = Object.values(COMMANDS).find((each) => each.name === name) ?? { name: 'pause' };
  expect(command.name).toBe(name);
  const taken = PHASES.filter((phase) => {
    const problems = problemsOf(command, { ...initialState(input), phase });
    return !problems.some((problem) => problem.includes('is possible while'));
  });
  expect([...phases].sort()).toEqual([...taken].sort());
});
