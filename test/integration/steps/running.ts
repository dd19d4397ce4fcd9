import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { StepFacts, StepInput, StepOutcome, UndoInput, UndoOutcome } from '../../../activities/contract.ts';
import { type StepDependencies, stepActivities } from '../../../activities/steps/run-step.ts';
import { type Step, stepSchema } from '../../../config/policy.ts';
import { deal, resolution } from '../../unit/workflows/fixtures.ts';

export const facts: StepFacts = {
  vendor: 'YourCompany',
  deal,
  organizer: { email: 'jordan.lee@yourcompany.example', name: 'Jordan Lee', from: 'registry' },
  participants: resolution.participants,
  meeting: { requestId: 'mr_1', followUps: 0 },
  needs: [],
};

/** The SDK logs every attempt that fails; here they are meant to. */
export function quietly(): MockActivityEnvironment {
  return new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR', () => undefined) });
}

let count = 0;

/** A step of a kickoff that no other test has. */
export function stepInput(step: object, more: Partial<StepInput> = {}): StepInput {
  count += 1;
  const parsed: Step = stepSchema.parse({ id: 'it', ...step });
  return {
    workflowId: `kickoff:${count}`,
    revision: 1,
    list: 'on_booked',
    occurrence: '1',
    step: parsed,
    record: { phase: 'booked', phaseWhenSettled: 'done', stepIds: ['it'], needs: [] },
    facts,
    ...more,
  };
}

/** The activities of steps, an attempt at a time, without workflows. */
export function stepsWith(dependencies: StepDependencies) {
  const { runStep, undoStep, settleStep } = stepActivities(dependencies);
  return {
    run: (input: StepInput, environment = quietly()): Promise<StepOutcome> =>
      environment.run<[StepInput], StepOutcome, typeof runStep>(runStep, input),
    undo: (input: StepInput, outcome: StepOutcome, more: Partial<UndoInput> = {}): Promise<UndoOutcome> =>
      quietly().run<[UndoInput], UndoOutcome, typeof undoStep>(undoStep, {
        ...input,
        outcome,
        ...more,
      }),
    settle: (input: StepInput, outcome: StepOutcome, error?: string): Promise<void> =>
      settleStep({ ...input, outcome, ...(error === undefined ? {} : { error }) }),
  };
}

/** The failure that an attempt ends with, as Temporal sees it. */
export async function failureOf(attempt: Promise<unknown>): Promise<ApplicationFailure> {
  const error: unknown = await attempt.then(
    (outcome) => new Error(`it has not failed: ${JSON.stringify(outcome)}`),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ApplicationFailure) return error;
  throw error;
}
