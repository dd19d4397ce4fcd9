/**
 * The database writes the wall's clock; the run's clock shows weeks while the wall's shows seconds. Every instant that was
 * taken from the wall's clock is put to what the run's clock showed then, and nothing else is touched.
 */
import { sql } from 'kysely';

const INSTANT = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z\b/g;
/** Of the sign-in: it looks at the wall's clock. */
const LEFT_ALONE = /^(console_|kysely_)/;

/**
 * @param spans each a row of readings in the order of the wall's clock, {wall, shown} in milliseconds; between two of them
 *   the run's clock went evenly
 */
export async function moveTimes(db, spans) {
  const segments = spans.flatMap((readings) => readings.slice(1).map((to, index) => ({ from: readings[index], to })));
  const moved = (ms) => {
    const segment = segments.find(({ from, to }) => ms >= from.wall && ms < to.wall);
    if (segment === undefined) return undefined;
    const { from, to } = segment;
    return Math.round(from.shown + ((ms - from.wall) / (to.wall - from.wall)) * (to.shown - from.shown));
  };
  const movedText = (text) =>
    text.replaceAll(INSTANT, (instant) => {
      const ms = moved(Date.parse(instant));
      return ms === undefined ? instant : new Date(ms).toISOString();
    });
  const { rows: columns } = await sql`
    select table_name as "table", column_name as "column", data_type as type from information_schema.columns
    join information_schema.tables using (table_schema, table_name)
    where table_schema = 'public' and table_type = 'BASE TABLE'
      and data_type in ('timestamp with time zone', 'jsonb')`.execute(db);
  for (const [table, ofTable] of grouped(columns)) {
    if (LEFT_ALONE.test(table)) continue;
    const texts = ofTable.map(({ column }) => sql`${sql.ref(column)}::text as ${sql.ref(column)}`);
    const { rows } = await sql`select ctid::text as "row", ${sql.join(texts)} from ${sql.table(table)}`.execute(db);
    for (const { row, ...values } of rows) {
      const changes = ofTable.flatMap(({ column, type }) => {
        const value = values[column];
        if (value === null) return [];
        const after = type === 'jsonb' ? movedText(value) : movedInstant(value, moved);
        if (after === value) return [];
        return [sql`${sql.ref(column)} = ${after}::${sql.raw(type)}`];
      });
      if (changes.length === 0) continue;
      await sql`update ${sql.table(table)} set ${sql.join(changes)} where ctid = ${row}::tid`.execute(db);
    }
  }
}

/** PostgreSQL's `2026-11-21 15:01:19.123+00`. */
function movedInstant(text, moved) {
  const ms = moved(Date.parse(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')));
  return ms === undefined ? text : new Date(ms).toISOString();
}

function grouped(columns) {
  const byTable = new Map();
  for (const row of columns) byTable.set(row.table, [...(byTable.get(row.table) ?? []), row]);
  return byTable;
}
