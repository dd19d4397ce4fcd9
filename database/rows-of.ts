import { type RawBuilder, sql } from 'kysely';
import { jsonText } from './json.ts';

export type ColumnType = 'text' | 'boolean' | 'timestamptz' | 'jsonb';

/**
 * Rows as the table of a `from`, with one parameter for each column however many rows there are: an array, for JSON a text
 * with a line for each row, and one value where it is the same in every row. PostgreSQL reads that in half of the time that
 * it takes for one JSON document of the same rows, and in a small part of what a parameter for each field takes.
 *
 * @param types the columns, in the order in which they come; the first should be different from row to row
 */
export function rowsOf<C extends string>(
  rows: readonly Readonly<Record<C, unknown>>[],
  types: Readonly<Record<C, ColumnType>>,
): RawBuilder<unknown> {
  const lists: RawBuilder<unknown>[] = [];
  const names: RawBuilder<unknown>[] = [];
  const selected: RawBuilder<unknown>[] = [];
  for (const name in types) {
    const type = types[name];
    const column = sql.ref(name);
    const as = sql.raw(type);
    const values = rows.map((row) => parameterOf(row[name], type));
    const [first] = values;
    if (lists.length > 0 && values.every((value) => value === first)) {
      selected.push(sql`${first}::${as} as ${column}`);
      continue;
    }
    // No JSON has an empty line in it, and none has a line break that is not escaped.
    lists.push(type === 'jsonb' ? sql`string_to_array(${lines(values)}::text, ${'\n'}, '')` : sql`${values}::${as}[]`);
    names.push(column);
    selected.push(type === 'jsonb' ? sql`${column}::jsonb as ${column}` : column);
  }
  return sql`(select ${sql.join(selected)} from unnest(${sql.join(lists)}) as given (${sql.join(names)}))`;
}

function parameterOf(value: unknown, type: ColumnType): unknown {
  if (value === null || value === undefined) return null;
  return type === 'jsonb' && typeof value === 'object' ? jsonText(value) : value;
}

function lines(values: readonly unknown[]): string {
  return values.map((value) => value ?? '').join('\n');
}
