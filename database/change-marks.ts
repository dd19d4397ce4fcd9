import { type Kysely, sql } from 'kysely';
import type { Schema } from './schema.ts';

/** Texts that differ when something has changed since; what they say means nothing else. */
export interface ChangeMarks {
  kickoffs: string;
  recoveries: string;
  requests: string;
  steps: string;
  inbox: string;
  audit: string;
  registry: string;
  /** Of the sweep, of catching up. */
  health: string;
}

/**
 * So many of the newest rows make a mark, rather than the newest alone: a transaction that began earlier and ended later
 * writes an earlier instant.
 */
const NEWEST = 50;
/** Where rows wait they are counted; more than so many are not told apart. */
const COUNTED = 1_000;

/**
 * How everything stands now, by a look at the ends of some indexes: its cost does not grow with the tables.
 *
 * @param db any process may have written
 */
export async function readChangeMarks(db: Kysely<Schema>): Promise<ChangeMarks> {
  const { rows } = await sql<ChangeMarks>`select
    ${newest('kickoffs', 'updated_at')} as kickoffs,
    ${newest('recoveries', 'updated_at')} as recoveries,
    ${newest('meeting_requests', 'updated_at')} as requests,
    ${newest('steps', 'coalesce(finished_at, started_at)')} as steps,
    (select concat_ws(' ', max(id), sum(id), sum(attempts), string_agg(status, '')) from
      (select id, attempts, status from inbox order by id desc limit ${NEWEST}) as newest)
      || ${waiting('pending')} || ${waiting('unmatched')} || ${waiting('dead')} as inbox,
    ${newestIds('audit_log')} as audit,
    ${newestIds('stakeholder_changes')} as registry,
    coalesce((select string_agg(swept_at::text, ' ') from sweeps), '')
      || coalesce((select string_agg(looked_at::text, ' ') from catch_ups), '') as health
  `.execute(db);
  const [marks] = rows;
  if (marks === undefined) throw new Error('the database answered a question for one row with none');
  return marks;
}

/**
 * The same for some workflows each: their rows, requests, steps, and what came in for them.
 *
 * @returns by workflow id; a workflow that is not known has a mark too
 */
export async function readWorkflowMarks(
  db: Kysely<Schema>,
  workflowIds: readonly string[],
): Promise<Map<string, string>> {
  if (workflowIds.length === 0) return new Map();
  const ids = sql.join(workflowIds.map((id) => sql`(${id}::text)`));
  const { rows } = await sql<{ id: string; mark: string }>`select asked.id, concat_ws(' / ',
    (select updated_at from kickoffs where workflow_id = asked.id),
    (select updated_at from recoveries where workflow_id = asked.id),
    (select concat_ws(' ', max(updated_at), count(*)) from meeting_requests where workflow_id = asked.id),
    (select concat_ws(' ', max(finished_at), count(*), sum(attempts), string_agg(status, '' order by revision, list, step_id, occurrence))
      from steps where workflow_id = asked.id),
    (select concat_ws(' ', max(id), count(*)) from inbox where workflow_id = asked.id),
    (select concat_ws(' ', max(id), count(*), sum(attempts), string_agg(status, '' order by id)) from inbox where subject in (
      select deal_id from kickoffs where workflow_id = asked.id
      union select lead_id from recoveries where workflow_id = asked.id
      union select request_id from meeting_requests where workflow_id = asked.id)),
    (select max(id) from audit_log where target = asked.id)
  ) as mark from (values ${ids}) as asked (id)`.execute(db);
  return new Map(rows.map(({ id, mark }) => [id, mark]));
}

/** The instants of the rows that were changed last. */
function newest(table: 'kickoffs' | 'recoveries' | 'meeting_requests' | 'steps', at: string) {
  return sql`coalesce((select max(at) || ' ' || sum(extract(epoch from at)) from
    (select ${sql.raw(at)} as at from ${sql.table(table)} order by ${sql.raw(at)} desc limit ${NEWEST}) as newest), '')`;
}

function newestIds(table: 'audit_log' | 'stakeholder_changes') {
  return sql`coalesce((select max(id) || ' ' || sum(id) from
    (select id from ${sql.table(table)} order by id desc limit ${NEWEST}) as newest), '')`;
}

function waiting(status: 'pending' | 'unmatched' | 'dead') {
  return sql`(select ' ' || count(*) from (select 1 from inbox where status = ${sql.lit(status)} limit ${COUNTED}) as waiting)`;
}
