import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import type { Step, TemplatedJson } from '../../config/policy.ts';
import {
  addressOptOuts,
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
  type StepRow,
  undoneStep,
} from '../../database/index.ts';
import type { KickoffActivities, StepInput, StepOutcome, UndoInput, UndoOutcome } from '../contract.ts';
import { workflowUrl } from '../workflow-url.ts';
import { factsInWords } from './facts-in-words.ts';
import type { StepContext, StepKind } from './kind.ts';
import { type StepKindDependencies, stepKinds } from './kinds.ts';
import { fillTemplate } from './template.ts';
import { whileItSpeaks } from './while-it-speaks.ts';
import { failureWithoutSecrets, withoutSecrets } from './without-secrets.ts';

export interface StepDependencies extends Omit<StepKindDependencies, 'findOptOuts'> {
  database: Database;
  /** `http://host:port/namespaces/<namespace>`: texts may then name a link to their kickoff. */
  temporalUiUrl?: string | undefined;
  /** Texts that no message, no result and no failure of a step may show. */
  secrets?: readonly string[] | undefined;
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
 * cut off is run again, and its kind sees to it that nothing is made twice. What is undone stays so: the meeting's next
 * request is another revision, with rows of its own.
 */
export function stepActivities(
  dependencies: StepDependencies,
): Pick<KickoffActivities, 'runStep' | 'undoStep' | 'settleStep'> {
  const { database, onEvent, secrets = [] } = dependencies;
  const kinds: { [kind: string]: StepKind } = stepKinds({
    findOptOuts: (addresses) => addressOptOuts(database.db, addresses),
    ...dependencies,
  });
  const kindOf = (step: Step): StepKind => {
    const kind = kinds[step.kind];
    if (kind === undefined) throw new Error(`no kind of step is called ${step.kind}`);
    return kind;
  };
  /** Notes what a step made, and tells whoever looks on. */
  const finish = async (input: StepInput, outcome: StepOutcome) => {
    const { workflowId, list, step } = input;
    await finishStep(database.db, keyOf(input), outcome);
    await tellLedger(database, input);
    onEvent?.({ type: 'step', workflowId, list, id: step.id, kind: step.kind, outcome });
  };
  return {
    async runStep(input) {
      const { step } = input;
      const key = keyOf(input);
      const row = await beginStep(database.db, { ...key, kind: step.kind });
      if (row.status !== 'running' && isOutcome(row.outcome)) {
        // An attempt may have ended between the step's row and the phase.
        if (row.status === 'done') await tellLedger(database, input);
        return row.outcome;
      }
      if (row.status === 'undone' || row.status === 'left') {
        throw ApplicationFailure.nonRetryable('What this step was for has fallen through.', 'Undone');
      }
      try {
        const context = contextOf(dependencies, input, { attempt: row.attempts, begunAt: row.started_at });
        const outcome = cleaned(await whileItSpeaks(() => kindOf(step).run(step, context)), secrets);
        if (outcome.child === undefined) await finish(input, outcome);
        return outcome;
      } catch (error) {
        const failure = failureWithoutSecrets(error, secrets);
        await failStep(database.db, key, inWords(failure));
        throw failure;
      }
    },
    async undoStep(input) {
      const { workflowId, list, step } = input;
      const row = await findStep(database, input);
      if (row?.status === 'undone' || row?.status === 'left') return { state: row.status, detail: row.error ?? '' };
      try {
        const undone = input.undone ?? (await whileItSpeaks(() => takeBack(kindOf(step), dependencies, input, row)));
        const told = { ...undone, detail: withoutSecrets(undone.detail, secrets) };
        await undoneStep(database.db, keyOf(input), told.state, told.detail);
        const outcome = { ...input.outcome, detail: told.detail };
        onEvent?.({ type: 'step', workflowId, list, id: step.id, kind: step.kind, outcome });
        return told;
      } catch (error) {
        throw failureWithoutSecrets(error, secrets);
      }
    },
    async settleStep(input) {
      const { outcome, error } = input;
      if (error !== undefined) return await failStep(database.db, keyOf(input), withoutSecrets(error, secrets));
      await finish(input, cleaned(outcome, secrets));
    },
  };
}

function inWords(failure: unknown): string {
  if (failure instanceof CancelledFailure) return 'It was stopped while it ran.';
  return failure instanceof Error ? failure.message : String(failure);
}

/** A kind that cannot take back what it made says what stays. */
async function takeBack(
  kind: StepKind,
  dependencies: StepDependencies,
  input: UndoInput,
  row: StepRow | undefined,
): Promise<UndoOutcome> {
  const { step } = input;
  const outcome = isOutcome(row?.outcome) ? row.outcome : input.stopped === true ? undefined : input.outcome;
  const context = (result?: StepOutcome) =>
    contextOf(dependencies, input, { attempt: 2, begunAt: row?.started_at ?? new Date(0), ...(result && { result }) });
  if (outcome === undefined) {
    if (row === undefined) return { state: 'undone', detail: 'It had not begun.' };
    if (kind.undoStopped !== undefined) return await kind.undoStopped(step, context());
    const unknown = 'It was stopped while it ran: look whether it got through.';
    return stays(kind, step, { detail: unknown, ids: {} });
  }
  if (kind.undo === undefined) return stays(kind, step, outcome);
  return await kind.undo(step, outcome, context(outcome));
}

function stays(kind: StepKind, step: Step, outcome: StepOutcome): UndoOutcome {
  const words = kind.stays === undefined ? outcome.detail : kind.stays(step, outcome);
  return words === undefined
    ? { state: 'undone', detail: 'There is nothing to take back.' }
    : { state: 'left', detail: words };
}

/** What another system answered may repeat what we sent it. */
function cleaned(outcome: StepOutcome, secrets: readonly string[]): StepOutcome {
  const clean = (text: string) => withoutSecrets(text, secrets);
  return {
    ...outcome,
    detail: clean(outcome.detail),
    ...(outcome.url === undefined ? {} : { url: clean(outcome.url) }),
    ids: Object.fromEntries(Object.entries(outcome.ids).map(([name, id]) => [name, clean(id)])),
  };
}

async function findStep(database: Database, input: StepInput): Promise<StepRow | undefined> {
  const rows = await listSteps(database.db, input.workflowId);
  return rows.find(
    (row) =>
      row.revision === input.revision &&
      row.list === input.list &&
      row.step_id === input.step.id &&
      row.occurrence === input.occurrence,
  );
}

function keyOf({ workflowId, revision, list, occurrence, step }: StepInput): StepKey {
  return { workflowId, revision, list, stepId: step.id, occurrence };
}

interface Beginning extends Pick<StepContext, 'attempt' | 'begunAt'> {
  /** The step's own outcome, when it is undone. */
  result?: StepOutcome;
}

function contextOf(
  dependencies: StepDependencies,
  input: StepInput,
  { attempt, begunAt, result }: Beginning,
): StepContext {
  const data = { ...factsInWords(input.facts, linkTo(dependencies, input)), ...(result && { result }) };
  const text: StepContext['text'] = (template, write) => fillTemplate(template, data, write);
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
    begunAt,
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

function isOutcome(value: object | null | undefined): value is StepOutcome {
  return value !== null && value !== undefined && 'detail' in value && 'ids' in value;
}
