import type { Step, TemplatedJson } from '../../config/policy.ts';
import type { StepFacts, StepOutcome, UndoOutcome } from '../contract.ts';

/** What a step's kind is given to do its work with. */
export interface StepContext {
  facts: StepFacts;
  /**
   * Fills a text's `{{templates}}` from the facts; when a step is undone, `{{result.…}}` is its own outcome.
   *
   * @param write how a value is written in the text around it, where that has a markup of its own
   */
  text(template: string, write?: (value: string) => string): string;
  /** The same for every text within JSON. */
  json(value: TemplatedJson): unknown;
  /**
   * Names what the step makes for good, the same at every repetition: a note's reference, an `Idempotency-Key`, the seed of
   * an id. `kickoff:<deal>/r<revision>/<list>[/<occurrence>]/<step>`.
   */
  marker: string;
  /**
   * How often the step has been begun, this time included: from 2 on an earlier attempt may have got through. Undoing is not
   * counted: it is always 2 there.
   */
  attempt: number;
  /** When the step was first begun, by the database's clock. */
  begunAt: Date;
  /** Ends when the activity is told to end. */
  signal: AbortSignal;
}

/**
 * One kind of onboarding step. It throws an `ApplicationFailure`: retryable where a repetition may mend it, else with a
 * sentence that says what to do.
 */
export interface StepKind<S extends Step = Step> {
  /** Does it; may be repeated after a crash at any point, and makes nothing twice as far as the other side allows. */
  run(step: S, context: StepContext): Promise<StepOutcome>;
  /**
   * Takes back what `run` has made; may be repeated. A kind without it cannot: what it made is flagged, with the sentence
   * `stays` says.
   */
  undo?(step: S, outcome: StepOutcome, context: StepContext): Promise<UndoOutcome>;
  /**
   * The same for a run that was stopped, so that nobody knows whether it has made anything; may be repeated. Without it
   * somebody is told to look.
   */
  undoStopped?(step: S, context: StepContext): Promise<UndoOutcome>;
  /** In words: what stays when it cannot be undone; undefined when that need not be said. */
  stays?(step: S, outcome: StepOutcome): string | undefined;
}

export type StepOf<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>;
export type StepKinds = { [Kind in Step['kind']]: StepKind<StepOf<Kind>> };
