import { type Kysely, type Selectable, sql } from 'kysely';
import { jsonText, plainText } from './json.ts';
import { updateInPhase } from './kickoffs.ts';
import type { PhaseName } from './phases.ts';
import type { Schema, StepsTable } from './schema.ts';
import { inTransaction } from './transaction.ts';

export type StepRow = Selectable<StepsTable>;

/** Names one run of one step. The list is part of it: two lists may hold steps of the same id. */
export interface StepKey {
  workflowId: string;
  revision: number;
  list: string;
  stepId: string;
  /** Distinguishes repeats of one list within a revision; '' for lists that run once. */
  occurrence: string;
}

/** What such a step made is there, or has been taken back: it does not run again. */
const HAS_RUN = sql`steps.status in ('done', 'undone', 'left')`;

/**
 * Notes that a step is being run, once more.
 *
 * @returns the row. Unless its status is `running` the step must not run again: its outcome is there, even where what it
 *   made has been taken back since.
 */
export async function beginStep(db: Kysely<Schema>, input: StepKey & { kind: string }): Promise<StepRow> {
  return await db
    .insertInto('steps')
    .values({
      workflow_id: input.workflowId,
      revision: input.revision,
      list: input.list,
      step_id: input.stepId,
      occurrence: input.occurrence,
      kind: input.kind,
      status: 'running',
      attempts: 1,
    })
    .onConflict((conflict) =>
      conflict.columns(['workflow_id', 'revision', 'list', 'step_id', 'occurrence']).doUpdateSet({
        status: sql<StepRow['status']>`case when ${HAS_RUN} then steps.status else 'running' end`,
        attempts: sql<number>`steps.attempts + case when ${HAS_RUN} then 0 else 1 end`,
        error: sql<string | null>`case when ${HAS_RUN} then steps.error end`,
        finished_at: sql<Date | null>`case when ${HAS_RUN} then steps.finished_at end`,
      }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
}

/**
 * Notes what a step made, and with it the phase that the kickoff is in. The first outcome stays.
 *
 * @param phase written in the same transaction when given; refused silently as in `recordPhase`.
 */
export async function finishStep(db: Kysely<Schema>, key: StepKey, outcome: object, phase?: PhaseName): Promise<void> {
  await inTransaction(db, async (tx) => {
    await updateStep(tx, key)
      .set({ status: 'done', outcome: jsonText(outcome), error: null, finished_at: sql<Date>`now()` })
      .execute();
    if (phase !== undefined) await updateInPhase(tx, { ...key, phase }).execute();
  });
}

/** Notes why a step failed. A step that is done stays done. */
export async function failStep(db: Kysely<Schema>, key: StepKey, error: string, phase?: PhaseName): Promise<void> {
  await inTransaction(db, async (tx) => {
    await updateStep(tx, key)
      .set({ status: 'failed', error: plainText(error), finished_at: sql<Date>`now()` })
      .execute();
    if (phase !== undefined) await updateInPhase(tx, { ...key, phase }).execute();
  });
}

/**
 * Notes that a step is let go, and why: by a person, once it has failed, or because one before it has.
 *
 * @param key with the step's kind where it may never have been begun: it gets its row then
 */
export async function skipStep(
  db: Kysely<Schema>,
  { kind, ...key }: StepKey & { kind?: string | undefined },
  reason: string,
): Promise<void> {
  const skipped = { status: 'skipped' as const, error: plainText(reason), finished_at: sql<Date>`now()` };
  if (kind === undefined) {
    await updateStep(db, key).set(skipped).execute();
    return;
  }
  await db
    .insertInto('steps')
    .values({
      workflow_id: key.workflowId,
      revision: key.revision,
      list: key.list,
      step_id: key.stepId,
      occurrence: key.occurrence,
      kind,
      attempts: 0,
      ...skipped,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['workflow_id', 'revision', 'list', 'step_id', 'occurrence'])
        .doUpdateSet(skipped)
        .where('steps.status', 'not in', ['done', 'undone', 'left']),
    )
    .execute();
}

/**
 * Notes what became of what a step had made, once the meeting has fallen through. Its outcome stays, and so does the first
 * word about it.
 *
 * @param detail in words; stands in the row's `error`
 */
export async function undoneStep(
  db: Kysely<Schema>,
  key: StepKey,
  state: 'undone' | 'left',
  detail: string,
): Promise<void> {
  await rowOf(db, key)
    .where('status', 'not in', ['undone', 'left'])
    .set({ status: state, error: plainText(detail), finished_at: sql<Date>`coalesce(finished_at, now())` })
    .execute();
}

/** All steps of a kickoff, of every revision, in the order in which they were first begun. */
export async function listSteps(db: Kysely<Schema>, workflowId: string): Promise<StepRow[]> {
  return await db
    .selectFrom('steps')
    .selectAll()
    .where('workflow_id', '=', workflowId)
    .orderBy('revision')
    .orderBy('started_at')
    .orderBy('list')
    .orderBy('step_id')
    .execute();
}

/** A step whose outcome is known is not changed by a late attempt. */
function updateStep(db: Kysely<Schema>, key: StepKey) {
  return rowOf(db, key).where('status', 'not in', ['done', 'undone', 'left']);
}

function rowOf(db: Kysely<Schema>, key: StepKey) {
  return db
    .updateTable('steps')
    .where('workflow_id', '=', key.workflowId)
    .where('revision', '=', key.revision)
    .where('list', '=', key.list)
    .where('step_id', '=', key.stepId)
    .where('occurrence', '=', key.occurrence);
}
