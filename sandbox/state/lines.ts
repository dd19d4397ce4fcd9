import { z } from 'zod';
import { journalEntrySchema } from '../events.ts';
import type { NamespaceOptions } from '../options.ts';
import { namespaceOptionsSchema } from '../options.ts';
import type { Workspace } from '../workspace.ts';
import type { CollectionName } from './bulk.ts';
import { COLLECTIONS, collectionOf, emptyBulk, putRecord } from './bulk.ts';
import type { Journal } from './journal.ts';
import type { State } from './schema.ts';
import { crmSchema, STATE_VERSION, stateSchema } from './schema.ts';
import { Transcript } from './transcript.ts';

/** So many records can be written in one go: about a millisecond's work. */
const FEW = 100;
/** How often what has changed meanwhile is written before the rest is written in one go. */
const ROUNDS = 8;

/** A namespace as the file has it: with the options that a reset starts again with. */
export interface StoredNamespace {
  name: string;
  options: NamespaceOptions;
  state: State;
}

/** A namespace to be written. */
export interface WritableNamespace {
  name: string;
  options: NamespaceOptions;
  workspace: Workspace;
}

const line = (value: object) => `${JSON.stringify(value)}\n`;
/** Half a file has no such line, and a file of another kind neither. */
const HEADER = line({ kickoffSandbox: STATE_VERSION });
const END = line({ end: true });

/**
 * The lines of a state file. Between any two of them the sandbox may go on: what has changed by then comes again at the
 * namespace's end, where all that belongs together is taken at one instant. The later line counts.
 */
export function* linesOf(namespaces: Iterable<WritableNamespace>): Generator<string> {
  yield HEADER;
  for (const namespace of namespaces) {
    while (!(yield* namespaceLines(namespace)));
  }
  yield END;
}

/** @returns false when the whole state was replaced meanwhile: it is written again from its beginning */
function* namespaceLines({ name, options, workspace }: WritableNamespace): Generator<string, boolean> {
  const { state } = workspace;
  yield line({ namespace: name, options });
  workspace.forgetExpired();
  watch(state);
  let written = state.journal.last;
  yield* journalLines(state.journal, 0, written);
  for (const kind of COLLECTIONS) {
    for (const record of collectionOf(state, kind).values()) yield recordLine(kind, record);
  }
  let changed = unwatch(state);
  // While days go by in seconds nearly everything changes: what is to be written at one instant must have become little.
  for (let round = 0; changed.length > FEW && round < ROUNDS; round += 1) {
    watch(state);
    const last = state.journal.last;
    yield* journalLines(state.journal, written, last);
    written = last;
    for (const one of changed) yield changedLine(state, one);
    changed = unwatch(state);
  }
  if (workspace.state !== state) return false;
  const { requests: _r, deliveries: _d, idempotency: _i, journal, crm, ...others } = workspace.snapshot();
  const { deals: _deals, contacts: _c, companies: _co, notes: _n, tasks: _t, ...restOfCrm } = crm;
  const rest = { ...others, crm: restOfCrm };
  const lines = [...journalLines(journal, written, journal.last), ...changed.map((one) => changedLine(state, one))];
  yield [...lines, line({ rest })].join('');
  return true;
}

interface Changed {
  kind: CollectionName;
  id: string;
}

function watch(state: State): void {
  for (const kind of COLLECTIONS) collectionOf(state, kind).watch();
}

function unwatch(state: State): Changed[] {
  return COLLECTIONS.flatMap((kind) =>
    collectionOf(state, kind)
      .unwatch()
      .map((id) => ({ kind, id })),
  );
}

function changedLine(state: State, { kind, id }: Changed): string {
  const record = collectionOf(state, kind).peek(id);
  return record === undefined ? line({ gone: id, from: kind }) : recordLine(kind, record);
}

/** A transcript is JSON already: its lines are not read for being written. */
function recordLine(kind: CollectionName, record: object): string {
  if (!('transcript' in record && record.transcript instanceof Transcript)) return line({ [kind]: record });
  const { transcript, ...rest } = record;
  return `{"${kind}":${JSON.stringify(rest).slice(0, -1)},"transcript":${transcript.text()}}}\n`;
}

function* journalLines(journal: Journal, after: number, to: number): Generator<string> {
  for (const text of journal.between(after, to)) yield `{"journal":${text}}\n`;
}

/** Files of earlier versions have the CRM's collections here and not in lines of their own. */
const restSchema = stateSchema
  .omit({ requests: true, deliveries: true, idempotency: true, journal: true })
  .extend({ crm: crmSchema.partial({ deals: true, contacts: true, companies: true, notes: true, tasks: true }) });
const headSchema = z.object({ namespace: z.string(), options: namespaceOptionsSchema });
const collectionSchema = z.enum(COLLECTIONS);
const goneSchema = z.object({ gone: z.string(), from: collectionSchema });
const fieldsSchema = z.record(z.string(), z.unknown());

type Head = z.output<typeof headSchema>;

/** Puts the lines of a state file together again. */
export class LineReader {
  readonly #stored = new Map<string, StoredNamespace>();
  #head: Head | undefined;
  #bulk = emptyBulk();
  #begun = false;
  #ended = false;

  /** @throws Error for a line that does not belong where it stands, ZodError for one that is not what it says */
  take(text: string): void {
    if (!this.#begun) {
      if (`${text}\n` !== HEADER) throw new Error('the first line is not that of a state file of this version');
      this.#begun = true;
      return;
    }
    const fields = fieldsSchema.parse(JSON.parse(text));
    const bulk = this.#bulk;
    const [kind] = Object.keys(fields);
    if (kind === 'journal') bulk.journal.add(journalEntrySchema.parse(fields.journal));
    else if (kind === 'gone') this.#forget(goneSchema.parse(fields));
    else if (kind === 'namespace') this.#begin(headSchema.parse(fields));
    else if (kind === 'rest') this.#complete(restSchema.parse(fields.rest));
    else if (kind === 'end') this.#ended = true;
    else putRecord(bulk, collectionSchema.parse(kind), fields[kind ?? '']);
  }

  /** @throws Error when the end is missing */
  finish(): StoredNamespace[] {
    if (!this.#ended) throw new Error('the file has no end');
    return [...this.#stored.values()];
  }

  #begin(head: Head): void {
    this.#head = head;
    this.#bulk = emptyBulk();
  }

  #forget({ gone, from }: z.output<typeof goneSchema>): void {
    collectionOf(this.#bulk, from).delete(gone);
  }

  #complete(rest: z.output<typeof restSchema>): void {
    if (this.#head === undefined) throw new Error('the line belongs to no namespace');
    const { namespace: name, options } = this.#head;
    const { crm: lines, ...bulk } = this.#bulk;
    const crm = {
      ...rest.crm,
      deals: rest.crm.deals ?? lines.deals,
      contacts: rest.crm.contacts ?? lines.contacts,
      companies: rest.crm.companies ?? lines.companies,
      notes: rest.crm.notes ?? lines.notes,
      tasks: rest.crm.tasks ?? lines.tasks,
    };
    this.#stored.set(name, { name, options, state: { ...rest, ...bulk, crm } });
  }
}
