import { type Kysely, sql } from 'kysely';
import type { InboxRow } from './inbox.ts';
import type { InboxSource, Schema } from './schema.ts';

/** How far what came in has got. Counts stop at `INBOX_COUNTED` + 1. */
export interface InboxState {
  pending: number;
  /** Since when the longest waiting of them is there. */
  pendingSince: Date | undefined;
  /** About requests that are not known (yet). */
  unmatched: number;
  dead: number;
  /** The dead ones that have waited longest. */
  oldestDead: InboxRow[];
  /** When each source was last heard of; sources that never were are left out. */
  lastReceived: { source: InboxSource; at: Date }[];
}

export const INBOX_COUNTED = 1_000;
const SOURCES: readonly InboxSource[] = ['skipup', 'hubspot', 'salesforce', 'pipedrive', 'deal', 'form'];

/** @param dead how many of the dead ones are told one by one */
export async function inboxState(db: Kysely<Schema>, dead: number): Promise<InboxState> {
  const open = (status: string) =>
    sql`select received_at from inbox where status = ${status} limit ${INBOX_COUNTED + 1}`;
  const counted = sql<{ pending: number; since: Date | null; unmatched: number; dead: number }>`
    select (select count(*) from (${open('pending')}) as rows) as pending,
      (select received_at from inbox where status = 'pending' order by id limit 1) as since,
      (select count(*) from (${open('unmatched')}) as rows) as unmatched,
      (select count(*) from (${open('dead')}) as rows) as dead
  `.execute(db);
  // Not `source = …`: for a source that is seldom heard of, walking all rows by their number looks as cheap.
  const received = sql<{ source: InboxSource; at: Date }>`
    select asked.source, found.received_at as at from unnest(${SOURCES}::text[]) as asked (source)
    cross join lateral (
      select source, received_at from inbox where inbox.source >= asked.source order by source, id desc limit 1
    ) as found
    where found.source = asked.source
  `.execute(db);
  const oldest = db.selectFrom('inbox').selectAll().where('status', '=', 'dead').orderBy('id').limit(dead).execute();
  const [{ rows: counts }, { rows: lastReceived }, oldestDead] = await Promise.all([counted, received, oldest]);
  const { since, ...state } = counts[0] ?? { pending: 0, since: null, unmatched: 0, dead: 0 };
  return { ...state, pendingSince: since ?? undefined, oldestDead, lastReceived };
}
