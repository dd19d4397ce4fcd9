import type { PhaseRecord, StepFacts, StepInput } from '../../activities/contract.ts';
import type { Step } from '../../config/policy.ts';
import { resultsFor } from './results.ts';
import type { StepEvent, StepLists, StepRun, StepsState } from './state.ts';

/** Whose steps are run: a kickoff, or a lead's recovery. */
export interface StepsOwner {
  readonly workflowId: string;
  readonly lists: StepLists;
  readonly state: StepsState & { readonly revision: number };
  apply(event: StepEvent): void;
  /** What the steps of a run may name in their texts. */
  facts(run: StepRun): StepFacts;
  /** What the ledger is told together with a step's result. */
  phaseRecord(run: StepRun): PhaseRecord;
  /** A step could not be done at once and goes on as a regular activity. */
  listPhase(): void;
  /** A list waits for child workflows, for as long as they take: the phase is shown and recorded. */
  rest?(): Promise<void>;
}

/** @param run of which revision it is stands in it once it has begun */
export function stepInput(owner: StepsOwner, run: StepRun, step: Step): StepInput {
  const revision = run.revision ?? owner.state.revision;
  const results = resultsFor(step, owner.state.steps, revision);
  return {
    workflowId: owner.workflowId,
    revision,
    list: run.list,
    occurrence: run.occurrence,
    step,
    record: owner.phaseRecord(run),
    facts: { ...owner.facts(run), ...(Object.keys(results).length > 0 && { steps: results }) },
  };
}
