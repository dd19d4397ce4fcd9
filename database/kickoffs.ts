import { type Kysely, type Selectable, sql } from 'kysely';
import { DatabaseError } from './errors.ts';
import { jsonText, plainText } from './json.ts';
import { PHASE_NAMES, type PhaseName, predecessorsOf, REOPENABLE_PHASES } from './phases.ts';
import type { KickoffsTable, Schema } from './schema.ts';

export type KickoffRow = Selectable<KickoffsTable>;

export interface ClaimKickoffInput {
  workflowId: string;
  crm: string;
  dealId: string;
  /** Empty for the deal's only one. */
  workstream: string;
  deal: object;
  accountId: string;
  accountName: string;
  origin: object;
}

/**
 * Makes the deal's row unless there is one: the guard against a second kickoff that outlives every retention.
 *
 * @returns the row, and whether this call made it. Of any number of calls at once exactly one gets `created: true`.
 * @throws {DatabaseError} `conflict` when the workflow id belongs to another deal (the same deal id in two CRMs).
 */
export async function claimKickoff(
  db: Kysely<Schema>,
  input: ClaimKickoffInput,
): Promise<{ row: KickoffRow; created: boolean }> {
  const created = await db
    .insertInto('kickoffs')
    .values({
      workflow_id: input.workflowId,
      crm: input.crm,
      deal_id: input.dealId,
      workstream: input.workstream,
      deal: jsonText(input.deal),
      account_id: plainText(input.accountId),
      account_name: plainText(input.accountName),
      phase: 'resolving',
      origin: jsonText(input.origin),
      participants: '[]',
      excluded: '[]',
      gaps: '[]',
      needs: '[]',
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  if (created !== undefined) return { row: created, created: true };
  const row = await db
    .selectFrom('kickoffs')
    .selectAll()
    .where('crm', '=', input.crm)
    .where('deal_id', '=', input.dealId)
    .where('workstream', '=', input.workstream)
    .executeTakeFirst();
  if (row !== undefined) return { row, created: false };
  const holder = await findKickoff(db, input.workflowId);
  throw new DatabaseError(
    'conflict',
    `kickoff ${input.workflowId} belongs to deal ${holder?.deal_id ?? '?'} of ${holder?.crm ?? '?'}: ` +
      `deal ${input.dealId} of ${input.crm} needs a workstream of its own`,
  );
}

/**
 * Notes that the workflow runs. Repeating it changes nothing.
 *
 * @param revision when given, a kickoff that has been reopened since is left alone.
 */
export async function markKickoffStarted(db: Kysely<Schema>, workflowId: string, revision?: number): Promise<void> {
  let update = db
    .updateTable('kickoffs')
    .set({ started_at: sql<Date>`now()`, updated_at: sql<Date>`now()` })
    .where('workflow_id', '=', workflowId)
    .where('started_at', 'is', null);
  if (revision !== undefined) update = update.where('revision', '=', revision);
  await update.execute();
}

/**
 * Starts the next revision of a kickoff that fell through (cancelled, expired or failed).
 *
 * @param input.afterLossOnly only one that fell through after its deal was lost
 * @returns the row under its new revision, or undefined when it is not over, or is done. Of two calls at once one gets it.
 */
export async function reopenKickoff(
  db: Kysely<Schema>,
  input: { workflowId: string; deal: object; origin: object; afterLossOnly?: boolean },
): Promise<KickoffRow | undefined> {
  let update = db
    .updateTable('kickoffs')
    .set((eb) => ({
      revision: eb('revision', '+', 1),
      phase: 'resolving',
      deal: jsonText(input.deal),
      origin: jsonText(input.origin),
      organizer: null,
      participants: '[]',
      excluded: '[]',
      gaps: '[]',
      needs: '[]',
      started_at: null,
      closes_at: null,
      deal_lost_at: null,
      updated_at: sql<Date>`now()`,
    }))
    .where('workflow_id', '=', input.workflowId)
    .where('phase', 'in', REOPENABLE_PHASES);
  if (input.afterLossOnly === true) update = update.where('deal_lost_at', 'is not', null);
  return await update.returningAll().executeTakeFirst();
}

export interface RecordResolutionInput {
  workflowId: string;
  revision: number;
  organizer: object | undefined;
  participants: readonly object[];
  excluded: readonly object[];
  gaps: readonly object[];
  phase: PhaseName;
}

/**
 * Writes who takes part, who does not, and what is missing.
 *
 * @returns false when nothing was written because the kickoff has moved on (see `phases.ts`) or is unknown.
 */
export async function recordResolution(db: Kysely<Schema>, input: RecordResolutionInput): Promise<boolean> {
  const result = await updateInPhase(db, input)
    .set({
      organizer: input.organizer === undefined ? null : jsonText(input.organizer),
      participants: jsonText(input.participants),
      excluded: jsonText(input.excluded),
      gaps: jsonText(input.gaps),
    })
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export interface RecordPhaseInput {
  workflowId: string;
  revision: number;
  phase: PhaseName;
  /** What a person must settle, in words. Left as it is when absent. */
  needs?: readonly string[] | undefined;
  /** ISO 8601; when the kickoff closes by itself. Left as it is when absent. */
  closesAt?: string | undefined;
}

/**
 * Writes the phase.
 *
 * @returns false when nothing was written because the kickoff has moved on (see `phases.ts`) or is unknown.
 */
export async function recordPhase(db: Kysely<Schema>, input: RecordPhaseInput): Promise<boolean> {
  const result = await updateInPhase(db, input)
    .set({
      ...(input.needs === undefined ? {} : { needs: jsonText(input.needs) }),
      ...(input.closesAt === undefined ? {} : { closes_at: input.closesAt }),
    })
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** @returns the kickoff, or undefined. */
export async function findKickoff(db: Kysely<Schema>, workflowId: string): Promise<KickoffRow | undefined> {
  return await db.selectFrom('kickoffs').selectAll().where('workflow_id', '=', workflowId).executeTakeFirst();
}

/** How many kickoffs there are in each phase. */
export async function kickoffsByPhase(db: Kysely<Schema>): Promise<Record<PhaseName, number>> {
  const rows = await db
    .selectFrom('kickoffs')
    .select((eb) => ['phase', eb.fn.countAll<number>().as('count')])
    .groupBy('phase')
    .execute();
  const known = new Map(rows.map((row) => [row.phase, row.count]));
  return {
    resolving: 0,
    needs_attention: 0,
    requesting: 0,
    scheduling: 0,
    paused: 0,
    booked: 0,
    onboarding: 0,
    done: 0,
    cancelled: 0,
    expired: 0,
    failed: 0,
    ...Object.fromEntries(PHASE_NAMES.map((phase) => [phase, known.get(phase) ?? 0])),
  };
}

/** The update that both records share: the row of this revision or an older one, in a phase that allows the next. */
export function updateInPhase(db: Kysely<Schema>, to: { workflowId: string; revision: number; phase: PhaseName }) {
  return db
    .updateTable('kickoffs')
    .set({ phase: to.phase, revision: to.revision, updated_at: sql<Date>`now()` })
    .where('workflow_id', '=', to.workflowId)
    .where((eb) =>
      eb.or([
        eb('revision', '<', to.revision),
        eb.and([eb('revision', '=', to.revision), eb('phase', 'in', predecessorsOf(to.phase))]),
      ]),
    );
}
