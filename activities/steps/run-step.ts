import { Context } from '@temporalio/activity';
import type { Step, TemplatedJson } from '../../config/policy.ts';
import {
  beginStep,
  type Database,
  failStep,
  finishStep,
  listSteps,
  PHASE_NAMES,
  type PhaseName,
  RECOVERY_PHASE_NAMES,
  type RecoveryPhaseName,
  recordPhase,
  recordRecovery,
  type StepKey,
} from '../../database/index.ts';
import type { KickoffActivities, StepFacts, StepInput, StepOutcome, UndoOutcome } from '../contract.ts';
import { workflowUrl } from '../workflow-url.ts';
import type { StepContext, StepKind } from './kind.ts';
import { type StepKindDependencies, stepKinds } from './kinds.ts';
import { fillTemplate } from './template.ts';

export interface StepDependencies extends StepKindDependencies {
  database: Database;
  /** `http://host:port/namespaces/<namespace>`: texts may then name a link to their kickoff. */
  temporalUiUrl?: string | undefined;
  /** Told of every step's end, for a live view. */
  onEvent?: ((event: StepEvent) => void) | undefined;
}

export interface StepEvent {
  type: 'step';
  workflowId: string;
  list: string;
  id: string;
  kind: string;
  outcome: StepOutcome;
}

/**
 * The onboarding steps. A step that is done is never run again: its row in the ledger has the outcome. One that a crash
 * cut off is run again, and its kind sees to it that nothing is made twice.
 */
export function stepActivities(
  dependencies: StepDependencies,
): Pick<KickoffActivities, 'runStep' | 'undoStep' | 'settleStep'> {
  const { database, onEvent } = dependencies;
  const kinds: { [kind: string]: StepKind } = stepKinds(dependencies);
  const kindOf = (step: Step): StepKind => {
    const kind = kinds[step.kind];
    if (kind === undefined) throw new Error(`no kind of step is called ${step.kind}`);
    return kind;
  };
  return {
    async runStep(input) {
      const { workflowId, list, step } = input;
      const key = keyOf(input);
      const row = await beginStep(database.db, { ...key, kind: step.kind });
      if (row.status === 'done' && isOutcome(row.outcome)) {
        // An attempt may have ended between the step's row and the phase.
        await tellLedger(database, input);
        return row.outcome;
      }
      try {
        const outcome = await kindOf(step).run(step, contextOf(dependencies, input, row.attempts));
        if (outcome.child !== undefined) return outcome;
        await finishStep(database.db, key, outcome);
        await tellLedger(database, input);
        onEvent?.({ type: 'step', workflowId, list, id: step.id, kind: step.kind, outcome });
        return outcome;
      } catch (error) {
        await failStep(database.db, key, error instanceof Error ? error.message : String(error));
        throw error;
      }
    },
    async undoStep(input) {
      const { step, outcome } = input;
      const kind = kindOf(step);
      const undone: UndoOutcome =
        kind.undo === undefined
          ? { state: 'left', detail: kind.stays?.(step, outcome) ?? outcome.detail }
          : await kind.undo(step, outcome, contextOf(dependencies, input, 1));
      return undone;
    },
    async settleStep(input) {
      const { workflowId, list, step, outcome, error } = input;
      const key = keyOf(input);
      if (error !== undefined) return await failStep(database.db, key, error);
      await finishStep(database.db, key, outcome);
      await tellLedger(database, input);
      onEvent?.({ type: 'step', workflowId, list, id: step.id, kind: step.kind, outcome });
    },
  };
}

function keyOf({ workflowId, revision, list, occurrence, step }: StepInput): StepKey {
  return { workflowId, revision, list, stepId: step.id, occurrence };
}

function contextOf(dependencies: StepDependencies, input: StepInput, attempt: number): StepContext {
  const data = withWords(input.facts, linkTo(dependencies, input));
  const text = (template: string) => fillTemplate(template, data);
  const json = (value: TemplatedJson): unknown => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return value.map(json);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, json(item)]));
  };
  return {
    facts: input.facts,
    text,
    json,
    marker: markerOf(input),
    attempt,
    signal: Context.current().cancellationSignal,
  };
}

/** Names what the step makes for good, so that a repeated attempt finds what an earlier one made. */
function markerOf({ workflowId, revision, list, occurrence, step }: StepInput): string {
  return [workflowId, `r${revision}`, list, ...(occurrence === '' ? [] : [occurrence]), step.id].join('/');
}

/** The kickoff in the Temporal UI; no text when no UI is configured. */
function linkTo({ temporalUiUrl }: StepDependencies, { workflowId }: StepInput): string {
  return temporalUiUrl === undefined ? '' : workflowUrl(temporalUiUrl, workflowId);
}

/** The facts with the lists that people want to read in a message, and the links. */
function withWords(facts: StepFacts, kickoff: string): object {
  return {
    ...facts,
    links: { kickoff },
    participantNames: facts.participants.map((person) => person.name ?? person.email),
    needs: facts.needs.join(' '),
    left: (facts.left ?? []).join(' '),
  };
}

/** The phase goes to the ledger with the step; the last step of a list brings the phase that follows. */
async function tellLedger(database: Database, input: StepInput): Promise<void> {
  const { workflowId, revision, record, list, occurrence, facts } = input;
  // A recovery has no phase that waits for a list's last step.
  if (facts.lead !== undefined) return await tellRecovery(database, input);
  const rows = await listSteps(database.db, workflowId);
  const done = rows.filter(
    (row) => row.revision === revision && row.list === list && row.occurrence === occurrence && row.status === 'done',
  );
  const settled = record.stepIds.every((id) => done.some((row) => row.step_id === id));
  const phase = settled ? record.phaseWhenSettled : record.phase;
  if (!isKickoffPhase(phase)) return;
  await recordPhase(database.db, { workflowId, revision, phase, needs: record.needs, closesAt: record.closesAt });
}

async function tellRecovery(database: Database, { workflowId, record, facts }: StepInput): Promise<void> {
  const { phase, needs, closesAt } = record;
  if (!isRecoveryPhase(phase)) return;
  await recordRecovery(database.db, { workflowId, phase, needs, closesAt, reason: facts.reason });
}

function isRecoveryPhase(phase: string): phase is RecoveryPhaseName {
  return RECOVERY_PHASE_NAMES.some((name) => name === phase);
}

function isKickoffPhase(phase: string): phase is PhaseName {
  return PHASE_NAMES.some((name) => name === phase);
}

function isOutcome(value: object | null): value is StepOutcome {
  return value !== null && 'detail' in value && 'ids' in value;
}
