import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { ACCOUNT_COLUMNS } from './person-fields.ts';
import type { ImportFault, Place, RawEntry, RawRegistry } from './raw-entry.ts';
import { tooDeepLine } from './yaml-depth.ts';

const ACCOUNT_FIELDS = ['id', 'name', 'country', 'timezone', 'people'];
/** What stands at the account, not at its people. */
const NOT_OF_PEOPLE = ['account_id', ...ACCOUNT_COLUMNS];

/** What reading needs at every depth. */
interface Reading {
  document: Document;
  placeOf(node: unknown): Place;
  fault(node: unknown, message: string): void;
}

/** Reads the file's people and accounts; what is wrong with the file itself goes to `faults`. */
export function parseYaml(text: string, faults: ImportFault[]): RawRegistry {
  const registry: RawRegistry = { people: [], accounts: [] };
  const tooDeep = tooDeepLine(text);
  if (tooDeep !== undefined) {
    faults.push({ line: tooDeep, message: 'lists and maps are nested deeper than any registry is' });
    return registry;
  }
  const counter = new LineCounter();
  // The parser's own look for keys that are given twice compares each with each: minutes for a map of 100,000.
  const options = { lineCounter: counter, schema: 'core', uniqueKeys: false } as const;
  const document = parseDocument(text.replace(/^\uFEFF/, ''), options);
  for (const error of document.errors) {
    const [first] = error.message.split('\n');
    const { line, col } = counter.linePos(error.pos[0]);
    // Its message says the place once more.
    faults.push({ line, column: col, message: (first ?? error.message).replace(/ at line \d+, column \d+:?$/, '') });
  }
  if (document.errors.length > 0) return registry;

  const placeOf = (node: unknown): Place => {
    const start = isNode(node) ? node.range?.[0] : undefined;
    if (start === undefined) return { line: 1 };
    const { line, col } = counter.linePos(start);
    return { line, column: col };
  };
  const reading: Reading = {
    document,
    placeOf,
    fault: (node, message) => faults.push({ ...placeOf(node), message }),
  };
  refuseTwins(reading);
  if (faults.length > 0) return registry;
  const root = document.contents;
  const accounts = isMap(root) ? root.get('accounts', true) : undefined;
  if (!isMap(root) || !isSeq(accounts)) {
    reading.fault(root, 'the file must hold "accounts:", a list of accounts with their people');
    return registry;
  }
  refuseUnknown(root, ['accounts'], reading);
  for (const account of accounts.items) readAccount(account, reading, registry);
  return registry;
}

/** A key that a map has twice: which one is meant, nobody knows. */
function refuseTwins({ document, fault }: Reading): void {
  visit(document, {
    Map(_key, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        const name = isScalar(key) ? key.value : key;
        if (seen.has(name)) fault(key, 'Map keys must be unique');
        seen.add(name);
      }
    },
  });
}

function readAccount(account: unknown, reading: Reading, registry: RawRegistry): void {
  if (!isMap(account)) {
    reading.fault(account, 'an account must have the fields id and people');
    return;
  }
  refuseUnknown(account, ACCOUNT_FIELDS, reading);
  const id = idText(account.get('id', true));
  const people = account.get('people', true);
  if (id === undefined) reading.fault(account, 'id: must be given');
  registry.accounts.push({
    line: reading.placeOf(account).line,
    fields: {
      account_id: id ?? '?',
      account_name: account.get('name') ?? undefined,
      account_country: account.get('country') ?? undefined,
      account_timezone: account.get('timezone') ?? undefined,
    },
    placeOf: (path) => placeOfField(account, ownName(path), reading),
    nameOf: ownName,
  });
  if (!isSeq(people)) {
    reading.fault(people ?? account, 'people: must be given, a list');
    return;
  }
  if (id === undefined) return;
  for (const person of people.items) {
    const read = readPerson(person, id, reading);
    if (read !== undefined) registry.people.push(read);
  }
}

function readPerson(person: unknown, account: string, reading: Reading): RawEntry | undefined {
  if (!isMap(person)) {
    reading.fault(person, 'a person must have at least the field email');
    return undefined;
  }
  const given = valuesOf(person, reading);
  if (given === undefined) return undefined;
  const misplaced = NOT_OF_PEOPLE.filter((field) => Object.hasOwn(given, field));
  if (misplaced.length > 0) {
    reading.fault(
      person,
      `${misplaced.join(', ')}: stands once at the account, as ${misplaced.map((field) => field.slice('account_'.length)).join(', ')}`,
    );
    return undefined;
  }
  return {
    line: reading.placeOf(person).line,
    fields: { ...given, account_id: account },
    placeOf: ([field = '']) => placeOfField(person, field, reading),
    nameOf: (path) => path.join('.'),
  };
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

/** The account's fields stand at the account, and need not say whose they are. */
function ownName(path: readonly string[]): string {
  return path.join('.').replace(/^account_/, '');
}

/** The field's place, else the whole entry's. */
function placeOfField(map: YAMLMap, field: string, reading: Reading): Place {
  const pair = map.items.find(({ key }) => isScalar(key) && key.value === field);
  return reading.placeOf(pair === undefined ? map : pair.key);
}

function refuseUnknown(map: YAMLMap, known: readonly string[], reading: Reading): void {
  for (const pair of map.items) {
    const key = isPair(pair) && isScalar(pair.key) ? String(pair.key.value) : '?';
    if (!known.includes(key)) reading.fault(pair.key, `${key}: unknown field; known are ${known.join(', ')}`);
  }
}
