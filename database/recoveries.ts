import { type Kysely, type Selectable, sql } from 'kysely';
import { jsonText, plainText } from './json.ts';
import type { RecoveriesTable, Schema } from './schema.ts';

export type RecoveryRow = Selectable<RecoveriesTable>;

/** The phases of a recovery as the ledger names them; the same as the workflow's. */
export const RECOVERY_PHASE_NAMES = [
  'waiting',
  'checking',
  'needs_attention',
  'requesting',
  'scheduling',
  'paused',
  'booked',
  'booked_elsewhere',
  'cancelled',
  'expired',
  'opted_out',
  'failed',
] as const;
export type RecoveryPhaseName = (typeof RECOVERY_PHASE_NAMES)[number];

const OVER = ['booked_elsewhere', 'cancelled', 'expired', 'opted_out', 'failed'] as const;

const BEFORE_REQUEST = ['waiting', 'checking', 'requesting'] as const;
const WITH_REQUEST = ['scheduling', 'paused'] as const;

export interface ClaimRecoveryInput {
  workflowId: string;
  crm: string;
  leadId: string;
  /** Lower-cased. */
  email: string;
  attempt: number;
  lead: object;
  form: object;
  origin: object;
}

/**
 * Makes the row of a lead's recovery, unless the lead (or somebody with its id in another CRM) has one of this day, of this
 * number, or one that is not over.
 *
 * @returns undefined when there was one. Of any number of calls at once exactly one gets the row.
 */
export async function claimRecovery(db: Kysely<Schema>, input: ClaimRecoveryInput): Promise<RecoveryRow | undefined> {
  return await db
    .insertInto('recoveries')
    .values({
      workflow_id: input.workflowId,
      crm: input.crm,
      lead_id: input.leadId,
      attempt: input.attempt,
      lead: jsonText(input.lead),
      form: jsonText(input.form),
      email: input.email.toLowerCase(),
      phase: 'waiting',
      origin: jsonText(input.origin),
      needs: '[]',
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
}

/** Takes over what is known now, in a row that was claimed and whose workflow is not known to have started. */
export async function renewClaim(
  db: Kysely<Schema>,
  input: Pick<ClaimRecoveryInput, 'workflowId' | 'email' | 'lead' | 'form' | 'origin'>,
): Promise<RecoveryRow | undefined> {
  return await db
    .updateTable('recoveries')
    .set({
      lead: jsonText(input.lead),
      form: jsonText(input.form),
      email: input.email.toLowerCase(),
      origin: jsonText(input.origin),
      updated_at: sql<Date>`now()`,
    })
    .where('workflow_id', '=', input.workflowId)
    .where('started_at', 'is', null)
    // The address may have become that of a lead whose recovery runs.
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('recoveries as other')
            .select('other.workflow_id')
            .where('other.email', '=', input.email.toLowerCase())
            .where('other.ended_at', 'is', null)
            .where('other.workflow_id', '<>', input.workflowId),
        ),
      ),
    )
    .returningAll()
    .executeTakeFirst();
}

/** Notes that the workflow runs. Repeating it changes nothing. */
export async function markRecoveryStarted(db: Kysely<Schema>, workflowId: string): Promise<void> {
  await db
    .updateTable('recoveries')
    .set({ started_at: sql<Date>`now()`, updated_at: sql<Date>`now()` })
    .where('workflow_id', '=', workflowId)
    .where('started_at', 'is', null)
    .execute();
}

/**
 * Everything that speaks for or against taking up a lead: its own recoveries, those of the same address that are not over
 * (one person may be two leads), and the row that has the workflow id already.
 */
export async function recoveriesAbout(
  db: Kysely<Schema>,
  lead: { crm: string; leadId: string; email: string; workflowId: string },
): Promise<RecoveryRow[]> {
  return await db
    .selectFrom('recoveries')
    .selectAll()
    .where((eb) =>
      eb.or([
        eb.and([eb('crm', '=', lead.crm), eb('lead_id', '=', lead.leadId)]),
        eb.and([eb('email', '=', lead.email.toLowerCase()), eb('ended_at', 'is', null)]),
        eb('workflow_id', '=', lead.workflowId),
      ]),
    )
    .orderBy('created_at')
    .orderBy('workflow_id')
    .execute();
}

export interface RecordRecoveryInput {
  workflowId: string;
  phase: RecoveryPhaseName;
  /** What a person must settle, in words. Left as it is when absent. */
  needs?: readonly string[] | undefined;
  /** Why it ended so, in words. */
  reason?: string | undefined;
  /** ISO 8601; when it closes by itself. Left as it is when absent. */
  closesAt?: string | undefined;
  organizer?: object | undefined;
  /** As it is now. */
  lead?: object | undefined;
  /** It is over: the lead may be recovered anew, where it has attempts left. It is in any case, in every phase after which nothing comes. */
  ended?: boolean | undefined;
}

/**
 * Writes the phase. A recovery that is over stays over: an attempt that timed out may still write after the next one has.
 * Only a cancellation comes after a booking.
 *
 * @returns false when nothing was written because the recovery has moved on or is unknown
 */
export async function recordRecovery(db: Kysely<Schema>, input: RecordRecoveryInput): Promise<boolean> {
  const { phase } = input;
  let update = db
    .updateTable('recoveries')
    .set({
      phase,
      updated_at: sql<Date>`now()`,
      ...(input.needs === undefined ? {} : { needs: jsonText(input.needs) }),
      ...(input.reason === undefined ? {} : { reason: plainText(input.reason) }),
      ...(input.closesAt === undefined ? {} : { closes_at: input.closesAt }),
      ...(input.organizer === undefined ? {} : { organizer: jsonText(input.organizer) }),
      ...(input.lead === undefined ? {} : { lead: jsonText(input.lead) }),
      ...(input.ended === true || isOver(phase) ? { ended_at: sql<Date>`coalesce(ended_at, now())` } : {}),
    })
    .where('workflow_id', '=', input.workflowId)
    .where((eb) => eb.or([eb('phase', '=', phase), eb('phase', 'not in', OVER)]));
  if (!(phase === 'booked' || isOver(phase))) update = update.where('phase', '<>', 'booked');
  if (BEFORE_REQUEST.some((before) => before === phase)) update = update.where('phase', 'not in', WITH_REQUEST);
  const result = await update.executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

function isOver(phase: RecoveryPhaseName): boolean {
  return OVER.some((over) => over === phase);
}

/** @returns the recovery, or undefined. */
export async function findRecovery(db: Kysely<Schema>, workflowId: string): Promise<RecoveryRow | undefined> {
  return await db.selectFrom('recoveries').selectAll().where('workflow_id', '=', workflowId).executeTakeFirst();
}

export interface RecoveryFilter {
  phase?: RecoveryPhaseName | undefined;
  /** Of one lead, by its id in any CRM. */
  leadId?: string | undefined;
  /** Of one address. */
  email?: string | undefined;
  /** Only those that are not over, and have started. */
  open?: boolean | undefined;
  /** Default 50. */
  limit?: number | undefined;
}

/** Recoveries, newest first. */
export async function listRecoveries(db: Kysely<Schema>, filter: RecoveryFilter = {}): Promise<RecoveryRow[]> {
  let query = db.selectFrom('recoveries').selectAll();
  if (filter.phase !== undefined) query = query.where('phase', '=', filter.phase);
  if (filter.leadId !== undefined) query = query.where('lead_id', '=', plainText(filter.leadId, 128));
  if (filter.email !== undefined) query = query.where('email', '=', plainText(filter.email, 320).toLowerCase());
  if (filter.open === true) query = query.where('ended_at', 'is', null).where('started_at', 'is not', null);
  return await query
    .orderBy('created_at', 'desc')
    .orderBy('workflow_id', 'desc')
    .limit(filter.limit ?? 50)
    .execute();
}

/** How many recoveries there are in each phase. */
export async function recoveriesByPhase(db: Kysely<Schema>): Promise<Record<string, number>> {
  const rows = await db
    .selectFrom('recoveries')
    .select((eb) => ['phase', eb.fn.countAll<number>().as('count')])
    .groupBy('phase')
    .execute();
  return Object.fromEntries(rows.map((row) => [row.phase, row.count]));
}

/**
 * How often a lead has been written to, or may have been: each of its recoveries that has begun a meeting request. One that
 * ended before (the lead had booked by itself) has written to nobody.
 */
export async function timesWrittenTo(db: Kysely<Schema>, lead: { crm: string; leadId: string }): Promise<number> {
  const { count } = await db
    .selectFrom('recoveries as r')
    .select((eb) => eb.fn.count<number>('r.workflow_id').distinct().as('count'))
    .innerJoin('meeting_requests as m', 'm.workflow_id', 'r.workflow_id')
    .where('r.crm', '=', lead.crm)
    .where('r.lead_id', '=', lead.leadId)
    .executeTakeFirstOrThrow();
  return Number(count);
}
