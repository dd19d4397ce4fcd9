import type { KickoffRow } from '../../database/index.ts';
import type { Content } from '../page/html.ts';
import type { Viewer } from '../visit.ts';

/** A file that was chosen in a form, whole. */
export interface PostedFile {
  /** As its sender calls it: a text from outside. */
  name: string;
  bytes: Uint8Array;
}

/** What a form has sent: texts, several of one name (checkboxes), files. Checked by the action itself. */
export type Posted = Readonly<Record<string, string | readonly string[] | PostedFile | undefined>>;

/** What is wrong with a field, by its name, in words for whoever filled it in. */
export type Faults = Readonly<Record<string, string>>;

/** One attempt to do something. */
export interface Doing {
  /** The form's own id: where Temporal takes an id for an update it is this, so that a form sent twice is done once. */
  attempt: string;
  by: Viewer;
  /** Why, in the person's words; empty where the action asks for none. */
  reason: string;
  /** IANA zone in which the person reads and writes times. */
  zone: string;
}

/** What would be done, to what, as it stands now. */
export interface Prepared {
  /** To what: "Acme Corp: Onboarding 2026". */
  title: string;
  /** What will happen, in words. */
  about: Content;
  /** The page that is shown afterwards, and by "Do not". A path of the console. */
  back: string;
  /**
   * Inputs besides the reason, filled in with what was posted, else with what holds now; as a function they are given what
   * was wrong with them, by name. `field.ts` has them.
   */
  fields?: Content | ((faults: Faults) => Content);
  /** Why it cannot be done now, in words: there is no button then. */
  impossible?: string;
}

/**
 * Something that a person may do from the console. It has a page of its own (`GET /actions/<name>?on=…`) that says what will
 * happen and asks for a reason, and is done by posting that page's form. Both work without script.
 */
export interface Action {
  /** In addresses and in the audit log: `kickoff.cancel`. */
  name: string;
  /** On the button: "Cancel this kickoff". */
  label: string;
  /** Cannot be taken back: its button looks so. */
  isDangerous?: boolean;
  /** Whether a person must say why. */
  reason: 'required' | 'none';
  /** Fields that are not written to the audit log (a whole file, a secret). */
  unlogged?: readonly string[];
  /** How much its form may carry, in bytes; 64 KB when left out. */
  maxBytes?: number;
  /** Its form carries files (which count for `maxBytes`). They are kept in memory. */
  upload?: boolean;
  /** Where it may also be done to every row of a filter of `/kickoffs`. */
  bulk?: Bulk;
  /**
   * @param on what it is done to: a workflow's id, a row's number
   * @param posted what the page's address or form carried
   * @param zone IANA zone in which the person reads and writes times
   * @returns undefined when there is no such thing
   */
  prepare(on: string, posted: Posted, zone: string): Promise<Prepared | undefined>;
  /**
   * Does it.
   *
   * @returns the answer in words; with `back` where that is another page than `prepare` named
   * @throws {Refused} with what the person gets to read; nothing was changed then
   * @throws {Invalid} where fields are to be filled in otherwise: the form is shown again
   * @throws {Unanswered} when it was sent and nobody knows yet what came of it
   */
  perform(on: string, posted: Posted, doing: Doing): Promise<string | { sentence: string; back: string }>;
}

/** How an action is done to many kickoffs at once. */
export interface Bulk {
  /** @returns what will happen: "Pause 12 kickoffs" */
  title(count: number): string;
  /** What will happen to each, in words. */
  about: Content;
  /** Those that would not take it, by workflow, and why; as far as the database knows. */
  whyNot(rows: readonly KickoffRow[]): Promise<ReadonlyMap<string, string>>;
  /** Inputs besides the reason, the same for all. */
  fields?: (posted: Posted, faults: Faults) => Content;
  /** @returns what is wrong with those inputs; empty when nothing is */
  check?: (posted: Posted) => Faults;
}

/** The action was refused, for a reason that the person can do something about. */
export class Refused extends Error {
  override readonly name: string = 'Refused';
  readonly code = 'refused';
}

/** What was filled in cannot be meant. The form is shown again, with what was typed and a sentence beside each field. */
export class Invalid extends Refused {
  override readonly name = 'Invalid';
  readonly faults: Faults;
  constructor(faults: Faults) {
    super(Object.values(faults).join(' '));
    this.faults = faults;
  }
}

/** It was sent, and nobody has answered: it may still be carried out. The message says so. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
  readonly code = 'unanswered';
}
