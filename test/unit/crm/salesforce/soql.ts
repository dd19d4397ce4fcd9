import type { ServerResponse } from 'node:http';
import { type Organization, type Row, reply } from './organization.ts';

/** The types of what a list may look at: SOQL compares a date with a date alone, and an instant with an instant. */
const TYPES: Record<string, Record<string, 'id' | 'date' | 'datetime' | 'boolean' | 'string'>> = {
  Opportunity: {
    Id: 'id',
    Name: 'string',
    IsWon: 'boolean',
    CloseDate: 'date',
    CreatedDate: 'datetime',
    SystemModstamp: 'datetime',
    LastStageChangeDate: 'datetime',
  },
  OpportunityHistory: { Id: 'id', OpportunityId: 'id', StageName: 'string', CreatedDate: 'datetime' },
};
/** SOQL's own spelling of an instant has no fractions of a second. */
const LITERALS: Record<string, RegExp> = {
  id: /^'[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?'$/,
  date: /^\d{4}-\d\d-\d\d$/,
  datetime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)$/,
  boolean: /^(?:true|false)$/,
  string: /^'[^'\\]*'$/,
};

const QUERY = /^SELECT (.+) FROM (\w+) WHERE (.+?)(?: ORDER BY (.+?))?(?: LIMIT (\d+))?$/;

export function isList(soql: string): boolean {
  return /^SELECT .+ FROM (?:Opportunity WHERE IsWon|OpportunityHistory) /.test(soql);
}

/** The order of Salesforce's ids is its own: here it is not that of JavaScript's strings, which nobody may rely on. */
export function compareIds(left: unknown, right: unknown): number {
  const key = (id: unknown) =>
    [...String(id).slice(0, 15)]
      .map((character) => character.charCodeAt(0) ^ 0x20)
      .map((code) => String.fromCharCode(code))
      .join('');
  return key(left) < key(right) ? -1 : key(left) > key(right) ? 1 : 0;
}

/** Answers a query of a list as the SOQL and SOSL Reference says, and refuses everything else. */
export function answerList(org: Organization, soql: string, response: ServerResponse): void {
  const [, columns = '', object = '', where = '', order = '', limit] = QUERY.exec(soql) ?? [];
  const types = TYPES[object] ?? {};
  const malformed = (message: string) => reply(response, 400, [{ message, errorCode: 'MALFORMED_QUERY' }]);
  if (columns !== 'COUNT()') {
    const unknown = columns.split(', ').find((column) => types[column] === undefined || org.hidden.has(column));
    if (unknown !== undefined) {
      const message = `\n${columns}\n^\nERROR at Row:1:Column:1\nNo such column '${unknown}' on entity '${object}'.`;
      reply(response, 400, [{ message, errorCode: 'INVALID_FIELD' }]);
      return;
    }
  }
  const tests: ((row: Row) => boolean)[] = [];
  for (const condition of where.split(' AND ')) {
    const among = /^(\w+) IN \(([^)]+)\)$/.exec(condition);
    const compared = /^(\w+) (=|>=|<=|<|>) (\S+)$/.exec(condition);
    const [, field = '', operator = 'IN', given = ''] = compared ?? [undefined, among?.[1], 'IN', among?.[2]];
    const type = types[field] ?? '';
    const values = given.split(',');
    if (!values.every((value) => LITERALS[type]?.test(value))) {
      malformed(`value of filter criterion for field '${field}' must be of type ${type}: ${given}`);
      return;
    }
    tests.push((row) => values.some((value) => holds(type, row[field], operator, value)));
  }
  const rows = rowsOf(org, object).filter((row) => tests.every((test) => test(row)));
  if (columns === 'COUNT()') {
    reply(response, 200, { totalSize: rows.length, done: true, records: [] });
    return;
  }
  const keys = order.split(', ').map((key) => key.split(' '));
  const sorted = rows.toSorted((left, right) => {
    for (const [field = '', direction] of keys) {
      const result = types[field] === 'id' ? compareIds(left[field], right[field]) : compare(left[field], right[field]);
      if (result !== 0) {
        return direction === 'DESC' ? -result : result;
      }
    }
    return 0;
  });
  const found = sorted.slice(0, limit === undefined ? undefined : Number(limit));
  const records = found.map((row) =>
    Object.fromEntries(columns.split(', ').map((column) => [column, row[column] ?? null])),
  );
  reply(response, 200, { totalSize: found.length, done: true, records });
}

function rowsOf(org: Organization, object: string): Row[] {
  return object === 'Opportunity' ? Object.values(org.opportunities) : org.history;
}

function holds(type: string, value: unknown, operator: string, literal: string): boolean {
  const text = literal.replaceAll("'", '');
  const result =
    type === 'id'
      ? compareIds(value, text)
      : type === 'datetime'
        ? compare(Date.parse(String(value)), Date.parse(text))
        : compare(String(value), text);
  const answers: Record<string, boolean> = {
    IN: result === 0,
    '=': result === 0,
    '>': result > 0,
    '<': result < 0,
    '>=': result >= 0,
    '<=': result <= 0,
  };
  return answers[operator] ?? false;
}

function compare(left: unknown, right: unknown): number {
  const [first, second] =
    typeof left === 'number' && typeof right === 'number' ? [left, right] : [String(left), String(right)];
  return first < second ? -1 : first > second ? 1 : 0;
}
