import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { MILESTONES } from '../model.ts';
import { looksLikeFormula, unguardFormula } from './formula.ts';
import { ACCOUNT_COLUMNS, PERSON_FIELDS } from './person-fields.ts';
import type { ImportFault, Place, RawEntry, RawRegistry } from './raw-entry.ts';
import { type CsvRow, splitPlainCsv } from './split-csv.ts';

const REQUIRED_COLUMNS = ['account_id', 'email'];
const COLUMNS: readonly string[] = [...PERSON_FIELDS, ...ACCOUNT_COLUMNS, ...MILESTONES];
const OF_ACCOUNT: readonly string[] = ACCOUNT_COLUMNS;
const OF_MILESTONES: readonly string[] = MILESTONES;
/** Text that anybody may have typed, into a CRM's form too. In other columns no formula would be let in. */
const FREE_TEXT = ['name', 'opted_out_reason', 'account_name'];

const recordsSchema = z.array(z.object({ record: z.array(z.string()), info: z.object({ bytes: z.number() }) }));

/** What a column is of. One that is unknown is reported once, for the header. */
interface Column {
  name: string;
  of: 'both' | 'account' | 'person' | 'attendance' | 'nothing';
  isFreeText: boolean;
}

/** Reads the file's people and accounts; what is wrong with the file itself goes to `faults`. */
export function parseCsv(text: string, faults: ImportFault[]): RawRegistry {
  const registry: RawRegistry = { people: [], accounts: [] };
  const [header, ...rows] = readRows(text.replace(/^\uFEFF/, ''), faults);
  if (header === undefined) {
    if (faults.length === 0) faults.push({ line: 1, message: 'the file is empty: the first line names the columns' });
    return registry;
  }
  const columns = header.cells.map((name) => name.trim().toLowerCase());
  faults.push(...headerFaults(columns).map((message) => ({ line: header.line, message })));
  if (REQUIRED_COLUMNS.some((column) => !columns.includes(column))) return registry;

  const kinds = columns.map(columnOf);
  for (const { cells, line } of rows) {
    if (cells.every((cell) => cell.trim() === '')) continue;
    if (cells.length !== columns.length) {
      faults.push({
        line,
        message: `${cells.length} cells where the header has ${columns.length}: a cell with a comma in it stands in double quotes`,
      });
      continue;
    }
    readRow(kinds, cells, line, registry, faults);
  }
  return registry;
}

function readRows(text: string, faults: ImportFault[]): CsvRow[] {
  const delimiter = delimiterOf(text);
  return splitPlainCsv(text, delimiter) ?? parseQuoted(text, delimiter, faults);
}

function parseQuoted(text: string, delimiter: string, faults: ImportFault[]): CsvRow[] {
  let isOpen = false;
  const parsed: unknown = parse(text, {
    delimiter,
    info: true,
    // A quote in the middle of a cell is a quote.
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: () => {
      isOpen = true;
      return undefined;
    },
  });
  const beginnings = lineCounter(Buffer.from(text));
  const rows = recordsSchema.parse(parsed).map(({ record, info }) => ({ cells: record, line: beginnings(info.bytes) }));
  // It goes to the file's end, so nothing comes after it.
  if (isOpen) {
    faults.push({
      line: beginnings(0),
      message: 'a double quote is opened and never closed, in this row or its cells',
    });
  }
  return rows;
}

/**
 * Where rows begin. The parser's own count takes both halves of a line's end for lines when they are inside quotes.
 *
 * @returns a function to be called for each row with the offset of its end; it returns the line the row begins in
 */
function lineCounter(bytes: Uint8Array): (end: number) => number {
  const [newline, carriageReturn] = [0x0a, 0x0d];
  let offset = 0;
  let line = 1;
  const step = () => {
    const byte = bytes[offset];
    offset += 1;
    if (byte === newline || (byte === carriageReturn && bytes[offset] !== newline)) line += 1;
  };
  return (end) => {
    while (bytes[offset] === newline || bytes[offset] === carriageReturn) step();
    const beginning = line;
    while (offset < end) step();
    return beginning;
  };
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
    ...unknown.map((column) => `unknown column "${shown(column, 60)}"; known are ${COLUMNS.join(', ')}`),
    ...doubled.map((column) => `column "${shown(column, 60)}" is there twice`),
    ...missing.map((column) => `column "${column}" is missing`),
  ];
}

function columnOf(name: string): Column {
  const isFreeText = FREE_TEXT.includes(name);
  if (name === 'account_id') return { name, isFreeText, of: 'both' };
  if (OF_ACCOUNT.includes(name)) return { name, isFreeText, of: 'account' };
  if (OF_MILESTONES.includes(name)) return { name, isFreeText, of: 'attendance' };
  return { name, isFreeText, of: COLUMNS.includes(name) ? 'person' : 'nothing' };
}

/** A row that gives no address and nothing else of a person, but something of its account, is about the account alone. */
function readRow(
  columns: readonly Column[],
  cells: readonly string[],
  line: number,
  registry: RawRegistry,
  faults: ImportFault[],
): void {
  const person: Record<string, unknown> = {};
  const account: Record<string, unknown> = {};
  const attendance: Record<string, string> = {};
  let saysAccount = false;
  let saysPerson = false;
  columns.forEach(({ name, of, isFreeText }, index) => {
    const given = cells[index] ?? '';
    if (isFreeText && looksLikeFormula(given)) {
      const message = `${name}: looks like a spreadsheet’s formula: put an apostrophe (') in front if it is meant as text`;
      faults.push({ line, column: index + 1, message });
    }
    const isBlank = given.trim() === '';
    const cell = unguardFormula(given);
    if (of === 'both' || of === 'account') account[name] = cell;
    if (of === 'both' || of === 'person') person[name] = cell;
    if (of === 'account' && !isBlank) saysAccount = true;
    if ((of === 'person' || of === 'attendance') && !isBlank) saysPerson = true;
    if (of === 'attendance' && !isBlank) attendance[name] = cell.trim().toLowerCase();
  });
  person.attendance = attendance;
  if (saysAccount) registry.accounts.push(new CsvEntry(line, account, columns));
  if (saysPerson || !saysAccount) registry.people.push(new CsvEntry(line, person, columns));
}

class CsvEntry implements RawEntry {
  readonly line: number;
  readonly fields: Record<string, unknown>;
  readonly #columns: readonly Column[];

  constructor(line: number, fields: Record<string, unknown>, columns: readonly Column[]) {
    this.line = line;
    this.fields = fields;
    this.#columns = columns;
  }
  placeOf(path: readonly string[]): Place {
    const field = path[0] === 'attendance' ? path[1] : path[0];
    const index = this.#columns.findLastIndex(({ name }) => name === field);
    return index === -1 ? { line: this.line } : { line: this.line, column: index + 1 };
  }
  nameOf(path: readonly string[]): string {
    return (path[0] === 'attendance' ? path.slice(1) : path).join('.');
  }
}

function shown(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}
