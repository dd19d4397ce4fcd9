import { type Kysely, sql } from 'kysely';
import { plainText } from './json.ts';
import type { RecoveryPhaseName, RecoveryRow } from './recoveries.ts';
import type { Schema } from './schema.ts';
import { requestSearched, searchPatterns } from './search.ts';

/** What chooses recoveries; everything that is given must hold. */
export interface RecoveryListFilter {
  /** Words, all of which are in the lead's id, name, company or address, in any casing; or a meeting request's id. */
  search?: string | undefined;
  phase?: RecoveryPhaseName | undefined;
}

/** A row of the list, beyond which another page begins. */
export type RecoveryCursor = Pick<RecoveryRow, 'created_at' | 'workflow_id'>;

/** Recoveries, newest first. @param before the last row of the page before. @param limit default 50 */
export async function findRecoveries(
  db: Kysely<Schema>,
  { search = '', phase }: RecoveryListFilter,
  { before, limit = 50 }: { before?: RecoveryCursor | undefined; limit?: number | undefined } = {},
): Promise<RecoveryRow[]> {
  let query = db.selectFrom('recoveries as r').selectAll('r');
  const requestId = requestSearched(search);
  if (requestId === undefined) {
    for (const pattern of searchPatterns(search)) query = query.where(sql<boolean>`r.search like lower(${pattern})`);
  } else {
    const ofRequest = db.selectFrom('meeting_requests').select('workflow_id').where('request_id', '=', requestId);
    query = query.where('r.workflow_id', 'in', ofRequest);
  }
  if (phase !== undefined) query = query.where('r.phase', '=', phase);
  if (before !== undefined) {
    // `created_at` has millisecond precision in the table, so that a `Date` names the row exactly.
    const { created_at: at, workflow_id: id } = before;
    query = query.where(sql<boolean>`(r.created_at, r.workflow_id) < (${at}::timestamptz, ${id})`);
  }
  return await query.orderBy('r.created_at', 'desc').orderBy('r.workflow_id', 'desc').limit(limit).execute();
}

/** How lead recovery has done. */
export interface RecoveryFigures {
  /** Leads that SkipUp has written to, or been asked to. */
  asked: number;
  /** Of those, who have booked through SkipUp. */
  booked: number;
  /** Days from asking to the booking; undefined where nobody has booked. */
  medianDays: number | undefined;
  p90Days: number | undefined;
}

/** The figures of leads that were asked in the last so many days. */
export async function recoveryFigures(db: Kysely<Schema>, days: number): Promise<RecoveryFigures> {
  const { rows } = await sql<{ asked: number; booked: number; median: number | null; p90: number | null }>`
    with asked as (
      select m.workflow_id, min(m.first_tried_at) as at, min(m.booked_at) as booked_at
      from meeting_requests m
      where m.workflow_id like 'lead:%' and m.first_tried_at > now() - make_interval(days => ${days})
      group by m.workflow_id
    ), figures as (
      select booked_at, extract(epoch from booked_at - at)::float8 / 86400 as days from asked
    )
    select
      count(*)::int as asked, count(booked_at)::int as booked,
      percentile_cont(0.5) within group (order by days) as median,
      percentile_cont(0.9) within group (order by days) as p90
    from figures
  `.execute(db);
  const { asked = 0, booked = 0, median = null, p90 = null } = rows[0] ?? {};
  return { asked, booked, medianDays: median ?? undefined, p90Days: p90 ?? undefined };
}

/** Other recoveries of the same lead, or of the same address as another lead, the newest first. */
export async function otherRecoveries(
  db: Kysely<Schema>,
  { workflow_id: workflowId, crm, lead_id: leadId, email }: RecoveryRow,
  limit = 20,
): Promise<RecoveryRow[]> {
  return await db
    .selectFrom('recoveries')
    .selectAll()
    .where('workflow_id', '<>', workflowId)
    .where((eb) =>
      eb.or([
        eb.and([eb('crm', '=', crm), eb('lead_id', '=', plainText(leadId, 128))]),
        eb('email', '=', plainText(email, 320)),
      ]),
    )
    .orderBy('created_at', 'desc')
    .limit(limit)
    .execute();
}
