import { type Kysely, sql } from 'kysely';
import type { Schema } from './schema.ts';
import { turnPace } from './turn-pace.ts';

export interface TakeTurnInput {
  /** Whose limit it is. */
  name: string;
  /** The limit: calls in any minute, by all processes together. */
  perMinute: number;
  /** Lets whoever is in more of a hurry go first: the turn is taken only when it has been free for so many milliseconds. */
  patienceMs?: number;
}

/**
 * Takes the next turn if it has come. The database's clock counts, so that the processes need not agree on theirs.
 *
 * @returns 0 when the turn is taken; else in how many milliseconds to ask again
 */
export async function takeTurn(
  db: Kysely<Schema>,
  { name, perMinute, patienceMs = 0 }: TakeTurnInput,
): Promise<number> {
  const { intervalMs, slackMs } = turnPace(perMinute);
  const interval = milliseconds(intervalMs);
  // A turn further away than the pace allows was given under another pace or another clock.
  const isAstray = sql`t.next_at > clock_timestamp() + ${milliseconds(2 * intervalMs)}`;
  const { rows } = await sql<{ taken: boolean; wait: number }>`
    with taken as (
      insert into turns as t (name, next_at) values (${name}, clock_timestamp() + ${interval})
      on conflict (name) do update set next_at = ${interval} + case
        when ${isAstray} then clock_timestamp()
        else greatest(t.next_at, clock_timestamp() - ${milliseconds(slackMs)})
      end
      where t.next_at <= clock_timestamp() - ${milliseconds(patienceMs)} or ${isAstray}
      returning 1
    )
    select exists (select 1 from taken) as taken,
      coalesce((select extract(epoch from next_at - clock_timestamp()) * 1000 from turns where name = ${name}), 0)::float8 as wait
  `.execute(db);
  const [row] = rows;
  return row === undefined || row.taken ? 0 : Math.max(1, Math.ceil(row.wait + patienceMs));
}

function milliseconds(ms: number) {
  return sql`make_interval(secs => ${ms / 1000}::float8)`;
}
