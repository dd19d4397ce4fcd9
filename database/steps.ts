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

/**
 * Notes that a step is being run, once more.
 *
 * @returns the row. When its status is `done` the step must not run again: its outcome is there.
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
        status: sql<StepRow['status']>`case when steps.status = 'done' then 'done' else 'running' end`,
        attempts: sql<number>`steps.attempts + case when steps.status = 'done' then 0 else 1 end`,
        error: sql<string | null>`case when steps.status = 'done' then steps.error end`,
        finished_at: sql<Date | null>`case when steps.status = 'done' then steps.finished_at end`,
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

/** Notes that a person has let a failed step go, and why. */
export async function skipStep(db: Kysely<Schema>, key: StepKey, reason: string): Promise<void> {
  await updateStep(db, key)
    .set({ status: 'skipped', error: plainText(reason), finished_at: sql<Date>`now()` })
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

function updateStep(db: Kysely<Schema>, key: StepKey) {
  return db
    .updateTable('steps')
    .where('workflow_id', '=', key.workflowId)
    .where('revision', '=', key.revision)
    .where('list', '=', key.list)
    .where('step_id', '=', key.stepId)
    .where('occurrence', '=', key.occurrence)
    .where('status', '<>', 'done');
}
