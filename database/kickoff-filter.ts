import { type Kysely, type RawBuilder, sql } from 'kysely';
import { ASKING } from './asking-kickoffs.ts';
import { failedNow } from './failed-steps.ts';
import type { PhaseName } from './phases.ts';
import type { Schema } from './schema.ts';
import { requestSearched, searchPatterns } from './search.ts';

/** What chooses kickoffs; everything that is given must hold. */
export interface KickoffFilter {
  /** Words, all of which are in the deal, the account or the people, in any casing; or a meeting request's id. */
  search?: string | undefined;
  /** In one of these; none given: in any. */
  phases?: readonly PhaseName[] | undefined;
  /** A person is asked something about it (see `asking-kickoffs.ts`), or a step of it has failed. */
  needsPerson?: boolean | undefined;
  /** Empty: the deal's main one. */
  workstream?: string | undefined;
  crm?: string | undefined;
  accountId?: string | undefined;
  /** The organizer's address, in any casing. */
  organizer?: string | undefined;
  begunFrom?: Date | undefined;
  /** Exclusive. */
  begunBefore?: Date | undefined;
}

/** The filter as conditions on the table `kickoffs`, called `k`, that must all hold. */
export function kickoffConditions(db: Kysely<Schema>, filter: KickoffFilter): RawBuilder<boolean>[] {
  const { search = '', phases = [], workstream, crm, accountId, organizer, begunFrom, begunBefore } = filter;
  const conditions = searched(db, search);
  if (phases.length > 0) conditions.push(sql`k.phase in (${sql.join(phases)})`);
  if (filter.needsPerson === true) conditions.push(sql`k.workflow_id in (${needingPerson(db)})`);
  if (workstream !== undefined) conditions.push(sql`k.workstream = ${workstream}`);
  if (crm !== undefined) conditions.push(sql`k.crm = ${crm}`);
  if (accountId !== undefined) conditions.push(sql`k.account_id = ${accountId}`);
  if (organizer !== undefined) {
    // The organizer is among what is searched for: that index finds the few rows in which the address is at all.
    for (const pattern of searchPatterns(organizer)) conditions.push(sql`k.search like lower(${pattern})`);
    conditions.push(sql`lower(k.organizer ->> 'email') = lower(${organizer})`);
  }
  if (begunFrom !== undefined) conditions.push(sql`k.created_at >= ${begunFrom}`);
  if (begunBefore !== undefined) conditions.push(sql`k.created_at < ${begunBefore}`);
  return conditions;
}

function searched(db: Kysely<Schema>, search: string): RawBuilder<boolean>[] {
  const requestId = requestSearched(search);
  if (requestId === undefined) return searchPatterns(search).map((pattern) => sql`k.search like lower(${pattern})`);
  const ofRequest = db.selectFrom('meeting_requests').select('workflow_id').where('request_id', '=', requestId);
  return [sql`k.workflow_id in (${ofRequest})`];
}

/** The ids of kickoffs about which a person is asked something, or of which a step has failed that can be retried. */
function needingPerson(db: Kysely<Schema>) {
  const asking = db.selectFrom('kickoffs').select('workflow_id').where(ASKING);
  return asking.unionAll(failedNow(db).select('s.workflow_id'));
}
