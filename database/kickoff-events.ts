import { type Kysely, type Selectable, sql } from 'kysely';
import type { InboxSource, InboxTable, Schema } from './schema.ts';

/** An event of the inbox, as a kickoff's page shows it. */
export type KickoffEventRow = Omit<
  Selectable<InboxTable>,
  'dedupe_key' | 'next_attempt_at' | 'locked_until' | 'payload'
> & {
  /** Null: too long to be read along with all the others. */
  payload: object | null;
};

export interface KickoffEventsOf {
  workflowId: string;
  dealId: string;
  /** Where events about a deal of its CRM come from. */
  sources: readonly InboxSource[];
  /** At most so many, the newest. */
  limit: number;
}

/** In bytes of JSON: what a webhook says is mostly a few hundred. */
const PAYLOAD_LIMIT = 16_384;

/**
 * What has come in about a kickoff: what was delivered to it, and what is about its deal or its meeting requests and was
 * not (yet), or was delivered to another workstream's.
 *
 * @returns oldest first
 */
export async function eventsOfKickoff(db: Kysely<Schema>, of: KickoffEventsOf): Promise<KickoffEventRow[]> {
  const { workflowId, dealId, sources, limit } = of;
  // Three selections rather than one with OR, so that each uses its own index.
  const { rows } = await sql<KickoffEventRow>`
    with found as (
      (select id from inbox where workflow_id = ${workflowId} order by id desc limit ${limit})
      union
      (select id from inbox where subject = ${dealId} and source in (${sql.join([...sources])}) order by id desc limit ${limit})
      union
      (
        select i.id from meeting_requests m join inbox i on i.subject = m.request_id and i.source = 'skipup'
        where m.workflow_id = ${workflowId} order by i.id desc limit ${limit}
      )
    )
    select
      i.id, i.source, i.event_type, i.subject, i.received_at, i.status, i.reason, i.attempts, i.workflow_id,
      i.delivered_at, i.verification,
      case when octet_length(i.payload::text) <= ${PAYLOAD_LIMIT} then i.payload end as payload
    from inbox i join found on found.id = i.id
    order by i.id desc limit ${limit}
  `.execute(db);
  return rows.reverse();
}
