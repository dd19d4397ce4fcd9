/**
 * What a step kind of your own looks like: one file, named in `stepKinds` of kickoff.config.yaml, whose default export is
 * an {@link OwnStepKind}.
 */
import type { StepFacts } from '../contract.ts';

export type { StepFacts };

/** What a run of the step is given. */
export interface OwnStepRun {
  /** What stands under `with` in the configuration, its `{{templates}}` filled in. */
  options: Record<string, unknown>;
  /** What is known of deal (or lead), people, meeting and earlier steps. */
  facts: StepFacts;
  /**
   * Names what this step makes for good, the same at every repetition: send it as an idempotency key, or look it up before
   * you make something twice.
   */
  marker: string;
  /** From 2 on an earlier attempt may have got through. */
  attempt: number;
  /** Ends when the step is told to end: pass it to `fetch`. */
  signal: AbortSignal;
}

/** What a run has made. */
export interface OwnStepResult {
  /** A sentence for people: "Workspace acme made". */
  detail: string;
  /** An http(s) link for people. */
  url?: string;
  /** Ids for later steps: `{{steps.<id>.ids.<name>}}`. */
  ids?: Record<string, string | number>;
}

/**
 * A kind of step. Throw an error where something does not work: its message is shown, and the step is repeated. An error
 * with `retryable: false` is not repeated; one with `retryAfterSeconds` not before.
 */
export interface OwnStepKind {
  /** What steps say under `use`. */
  name: string;
  /** Looks at `with` when the worker starts, templates not filled in yet. Returns a sentence for each fault. */
  check?(options: Record<string, unknown>): string[];
  run(run: OwnStepRun): Promise<OwnStepResult>;
  /** Takes back what `run` has made, when the meeting falls through. Returns a sentence that says so. */
  undo?(run: OwnStepRun & { result: OwnStepResult }): Promise<string>;
}

/** Gives an editor the types: `export default defineStepKind({ name: 'workspace', run: async (…) => … })`. */
export function defineStepKind(kind: OwnStepKind): OwnStepKind {
  return kind;
}
