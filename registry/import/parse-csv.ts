import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { MILESTONES } from '../model.ts';
import { PERSON_FIELDS } from './person-fields.ts';
import type { ImportFault, RawPerson } from './raw-person.ts';

const REQUIRED_COLUMNS = ['account_id', 'email'];
const COLUMNS: readonly string[] = [...PERSON_FIELDS, 'account_timezone', ...MILESTONES];

const recordsSchema = z.array(
  z.object({ record: z.array(z.string()), info: z.object({ lines: z.number(), bytes: z.number() }) }),
);

/** Reads the file's people; what is wrong with the file itself goes to `faults`. */
export function parseCsv(text: string, faults: ImportFault[]): RawPerson[] {
  const records = readRecords(text, faults);
  const [header, ...lines] = records;
  if (header === undefined) {
    if (faults.length === 0) faults.push({ line: 1, message: 'the file is empty: the first line names the columns' });
    return [];
  }
  const columns = header.record.map((name) => name.trim().toLowerCase());
  faults.push(...headerFaults(columns).map((message) => ({ line: header.info.lines, message })));
  if (REQUIRED_COLUMNS.some((column) => !columns.includes(column))) return [];

  const people: RawPerson[] = [];
  for (const { record, info } of lines) {
    if (record.every((cell) => cell.trim() === '')) continue;
    if (record.length !== columns.length) {
      faults.push({
        line: info.lines,
        message: `${record.length} cells where the header has ${columns.length}: a cell with a comma in it stands in double quotes`,
      });
      continue;
    }
    people.push({ line: info.lines, fields: fieldsOf(columns, record), lineOf: () => info.lines });
  }
  return people;
}

function readRecords(text: string, faults: ImportFault[]): z.infer<typeof recordsSchema> {
  const parsed: unknown = parse(text, {
    bom: true,
    delimiter: delimiterOf(text),
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: (error) => {
      if (error !== undefined) faults.push({ line: lineOf(error), message: error.message });
      return undefined;
    },
  });
  return recordsSchema.parse(parsed);
}

function lineOf(error: object): number {
  return 'lines' in error && typeof error.lines === 'number' ? error.lines : 1;
}

/** Spreadsheets write semicolons where the comma is the decimal mark; the header tells, none of its names holds either. */
function delimiterOf(text: string): string {
  const header = text.slice(0, text.search(/[\r\n]|$/));
  return [',', ';', '\t'].find((mark) => header.includes(mark)) ?? ',';
}

function headerFaults(columns: readonly string[]): string[] {
  const unknown = columns.filter((column) => !COLUMNS.includes(column));
  const doubled = columns.filter((column, index) => columns.indexOf(column) !== index);
  const missing = REQUIRED_COLUMNS.filter((column) => !columns.includes(column));
  return [
    ...unknown.map((column) => `unknown column "${column}"; known are ${COLUMNS.join(', ')}`),
    ...doubled.map((column) => `column "${column}" is there twice`),
    ...missing.map((column) => `column "${column}" is missing`),
  ];
}

function fieldsOf(columns: readonly string[], record: readonly string[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const attendance: Record<string, string> = {};
  const milestones: readonly string[] = MILESTONES;
  columns.forEach((column, index) => {
    const cell = record[index] ?? '';
    if (!COLUMNS.includes(column)) return; // reported once, for the header
    if (!milestones.includes(column)) fields[column] = cell;
    else if (cell.trim() !== '') attendance[column] = cell.trim().toLowerCase();
  });
  return { ...fields, attendance };
}
