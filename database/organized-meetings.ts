import { type Kysely, sql } from 'kysely';
import type { Schema } from './schema.ts';

/** A kickoff, or a lead's recovery, that has not ended. */
export interface OrganizedRow {
  workflowId: string;
  account: string;
  phase: string;
}

/** A kickoff that is over has nobody who organizes it. */
const OVER = ['cancelled', 'expired', 'failed'];

/**
 * What this person organizes and has not ended, the oldest first. Who organizes a request is what SkipUp says; while it has
 * told that it changed and not to whom, nobody is known to. Before there is a request it is whom the kickoff has chosen.
 *
 * @param email in any casing
 */
export async function organizedMeetings(db: Kysely<Schema>, email: string): Promise<OrganizedRow[]> {
  const person = email.toLowerCase();
  const kickoffs = await db
    .selectFrom('kickoffs as k')
    .leftJoin('meeting_requests as m', (join) =>
      join
        .onRef('m.workflow_id', '=', 'k.workflow_id')
        .onRef('m.revision', '=', 'k.revision')
        .on('m.request_id', 'is not', null),
    )
    .select(['k.workflow_id as workflowId', 'k.account_name as account', 'k.phase', 'k.created_at as at'])
    .where('k.phase', 'not in', OVER)
    // Done, it listens for a late cancellation until it closes.
    .where((eb) => eb.or([eb('k.phase', '<>', 'done'), eb('k.closes_at', '>', sql<Date>`now()`)]))
    .where(
      sql<boolean>`case when m.request_id is null then lower(k.organizer->>'email') else lower(m.organizer_email) end = ${person}`,
    )
    .execute();
  const recoveries = await db
    .selectFrom('recoveries as r')
    .leftJoin('meeting_requests as m', (join) =>
      join.onRef('m.workflow_id', '=', 'r.workflow_id').on('m.request_id', 'is not', null),
    )
    .select([
      'r.workflow_id as workflowId',
      sql<string>`coalesce(r.lead->>'company', r.lead->>'name', 'a lead')`.as('account'),
      'r.phase',
      'r.created_at as at',
    ])
    .where('r.ended_at', 'is', null)
    .where(
      sql<boolean>`case when m.request_id is null then lower(r.organizer->>'email') else lower(m.organizer_email) end = ${person}`,
    )
    .execute();
  return [...kickoffs, ...recoveries]
    .sort((a, b) => a.at.getTime() - b.at.getTime() || (a.workflowId < b.workflowId ? -1 : 1))
    .map(({ workflowId, account, phase }) => ({ workflowId, account, phase }));
}

/**
 * The kickoffs of these accounts for which it matters whom the registry names: those that have no booking yet.
 *
 * @returns workflow ids
 */
export async function kickoffsToWake(db: Kysely<Schema>, accountIds: ReadonlySet<string>): Promise<string[]> {
  if (accountIds.size === 0) return [];
  const rows = await db
    .selectFrom('kickoffs')
    .select('workflow_id')
    // One parameter, however many there are: a large import changes more accounts than a statement takes parameters.
    .where(sql<boolean>`account_id = any(${[...accountIds]}::text[])`)
    .where('phase', 'in', ['resolving', 'needs_attention', 'requesting', 'scheduling', 'paused'])
    .where('started_at', 'is not', null)
    .orderBy('created_at')
    .execute();
  return rows.map((row) => row.workflow_id);
}
