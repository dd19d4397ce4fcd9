import { type Kysely, sql } from 'kysely';
import type { Schema } from './schema.ts';

/** How kickoffs have gone that began in one week, or in all of them. */
export interface LeadTimes {
  /** The week's Monday in UTC, an ISO day; undefined: all weeks together. */
  week: string | undefined;
  begun: number;
  /** For how many SkipUp has taken a request. */
  asked: number;
  booked: number;
  /** Days from the deal's closing to the first request that was made; undefined: none was. */
  toContact: Spread | undefined;
  /** Days from the deal's closing to the first booking. */
  toBooking: Spread | undefined;
}

/** Half of them take no longer than `median`, nine of ten no longer than `p90`. */
export interface Spread {
  median: number;
  p90: number;
}

/** An instant of JavaScript's making. Its day is added apart: no text can make the database refuse it. */
const CLOSED_AT = sql`case when closed ~ '^[12]\\d{3}-(0[1-9]|1[0-2])-[0-3]\\d[T]([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d+)?Z$'
  then make_timestamptz(substr(closed, 1, 4)::int, substr(closed, 6, 2)::int, 1,
    substr(closed, 12, 2)::int, substr(closed, 15, 2)::int, substr(closed, 18, 2)::int, 'UTC')
    + (substr(closed, 9, 2)::int - 1) * interval '1 day'
  else created_at end`;

/**
 * How long it took from a deal's closing to the first request and to the booking, of kickoffs begun since then: week by
 * week, oldest first, and of all together, which comes last. Those of a backfill are left out: their deals had closed long
 * before. A deal that does not say when it closed counts from when its kickoff began.
 *
 * `offset 0` keeps what is taken out of the JSON from being taken out again wherever it is used.
 *
 * @param since reading takes the longer the earlier it is
 */
export async function leadTimes(db: Kysely<Schema>, since: Date): Promise<LeadTimes[]> {
  const { rows } = await sql<{
    week: string | null;
    begun: number;
    asked: number;
    booked: number;
    contact: number[] | null;
    booking: number[] | null;
  }>`
    with begun as (
      select workflow_id, to_char(date_trunc('week', created_at at time zone 'UTC'), 'YYYY-MM-DD') as week,
        ${CLOSED_AT} as closed_at
      from (
        select workflow_id, created_at, deal ->> 'closedAt' as closed from kickoffs
        where created_at >= ${since} and origin ->> 'kind' is distinct from 'backfill' offset 0
      ) as k offset 0
    ), requested as (
      select workflow_id, min(first_tried_at) filter (where request_id is not null) as asked_at, min(booked_at) as booked_at
      from meeting_requests where updated_at >= ${since} group by workflow_id
    ), times as (
      select week, asked_at, booked_at,
        extract(epoch from greatest(asked_at - closed_at, interval '0')) / 86400 as contact,
        extract(epoch from greatest(booked_at - closed_at, interval '0')) / 86400 as booking
      from begun left join requested using (workflow_id)
    )
    select week, count(*) as begun, count(asked_at) as asked, count(booked_at) as booked,
      percentile_cont(array[0.5, 0.9]) within group (order by contact::float8) filter (where asked_at is not null) as contact,
      percentile_cont(array[0.5, 0.9]) within group (order by booking::float8) filter (where booked_at is not null) as booking
    from times group by grouping sets ((week), ()) order by week nulls last
  `.execute(db);
  return rows.map(({ week, contact, booking, ...counts }) => ({
    week: week ?? undefined,
    ...counts,
    toContact: spreadOf(contact),
    toBooking: spreadOf(booking),
  }));
}

function spreadOf(both: readonly number[] | null): Spread | undefined {
  const [median, p90] = both ?? [];
  return median === undefined || p90 === undefined ? undefined : { median, p90 };
}
