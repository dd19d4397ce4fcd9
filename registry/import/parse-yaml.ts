import { type Document, isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import { isTimeZone } from '../time-zone.ts';
import type { ImportFault, RawPerson } from './raw-person.ts';

const ACCOUNT_FIELDS = ['id', 'name', 'timezone', 'people'];

/** What reading needs at every depth. */
interface Reading {
  document: Document;
  lineOf(node: unknown): number;
  fault(node: unknown, message: string): void;
}

/** Reads the file's people; what is wrong with the file itself goes to `faults`. */
export function parseYaml(text: string, faults: ImportFault[]): RawPerson[] {
  const counter = new LineCounter();
  const document = parseDocument(text.replace(/^\uFEFF/, ''), { lineCounter: counter, schema: 'core' });
  for (const error of document.errors) {
    const [first] = error.message.split('\n');
    faults.push({ line: counter.linePos(error.pos[0]).line, message: first ?? error.message });
  }
  if (document.errors.length > 0) return [];

  const lineOf = (node: unknown) => {
    const start = isNode(node) ? node.range?.[0] : undefined;
    return start === undefined ? 1 : counter.linePos(start).line;
  };
  const reading: Reading = {
    document,
    lineOf,
    fault: (node, message) => faults.push({ line: lineOf(node), message }),
  };
  const root = document.contents;
  const accounts = isMap(root) ? root.get('accounts', true) : undefined;
  if (!isMap(root) || !isSeq(accounts)) {
    reading.fault(root, 'the file must hold "accounts:", a list of accounts with their people');
    return [];
  }
  refuseUnknown(root, ['accounts'], reading);
  return accounts.items.flatMap((account) => peopleOf(account, reading));
}

function peopleOf(account: unknown, reading: Reading): RawPerson[] {
  if (!isMap(account)) {
    reading.fault(account, 'an account must have the fields id and people');
    return [];
  }
  refuseUnknown(account, ACCOUNT_FIELDS, reading);
  const id = idText(account.get('id', true));
  const timezone = account.get('timezone') ?? undefined;
  const people = account.get('people', true);
  if (id === undefined) reading.fault(account, 'id: must be given');
  const zone = typeof timezone === 'string' && isTimeZone(timezone) ? timezone : undefined;
  if (timezone !== undefined && zone === undefined) {
    reading.fault(account.get('timezone', true), 'timezone: must be an IANA time zone like America/New_York');
  }
  if (!isSeq(people)) {
    reading.fault(people ?? account, 'people: must be given, a list');
    return [];
  }
  if (id === undefined) return [];
  return people.items.flatMap((person) => {
    if (!isMap(person)) {
      reading.fault(person, 'a person must have at least the field email');
      return [];
    }
    const given = valuesOf(person, reading);
    if (given === undefined) return [];
    const line = reading.lineOf(person);
    if (Object.hasOwn(given, 'account_id') || Object.hasOwn(given, 'account_timezone')) {
      reading.fault(person, 'account_id, account_timezone: stand once at the account, as id and timezone');
      return [];
    }
    const fields = {
      ...given,
      account_id: id,
      ...(zone === undefined ? {} : { account_timezone: zone }),
    };
    return [{ line, fields, lineOf: (field: string) => lineOfField(person, field, reading) ?? line }];
  });
}

/** The person as plain values. A deal's id is taken as it is written: `0061` is no number, and long ones lose digits as one. */
function valuesOf(person: YAMLMap, reading: Reading): Record<string, unknown> | undefined {
  try {
    const values: Record<string, unknown> = { ...person.toJS(reading.document) };
    const deal = idText(person.get('deal_id', true));
    return deal === undefined ? values : { ...values, deal_id: deal };
  } catch (error) {
    reading.fault(person, error instanceof Error ? error.message : String(error)); // e.g. an alias to nothing
    return undefined;
  }
}

function idText(node: unknown): string | undefined {
  if (!isScalar(node) || node.value === null) return undefined;
  const text = (typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))).trim();
  return text === '' ? undefined : text;
}

function lineOfField(map: YAMLMap, field: string, reading: Reading): number | undefined {
  const pair = map.items.find(({ key }) => isScalar(key) && key.value === field);
  return pair === undefined ? undefined : reading.lineOf(pair.key);
}

function refuseUnknown(map: YAMLMap, known: readonly string[], reading: Reading): void {
  for (const pair of map.items) {
    const key = isPair(pair) && isScalar(pair.key) ? String(pair.key.value) : '?';
    if (!known.includes(key)) reading.fault(pair.key, `${key}: unknown field; known are ${known.join(', ')}`);
  }
}
