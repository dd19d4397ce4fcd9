import type { Content } from '../page/html.ts';
import type { Viewer } from '../visit.ts';

/** What a form has sent: texts, or several of one name (checkboxes, files are read before). Checked by the action itself. */
export type Posted = Readonly<Record<string, string | readonly string[] | undefined>>;

/** One attempt to do something. */
export interface Doing {
  /** The form's own id: where Temporal takes an id for an update it is this, so that a form sent twice is done once. */
  attempt: string;
  by: Viewer;
  /** Why, in the person's words; empty where the action asks for none. */
  reason: string;
}

/** What would be done, to what, as it stands now. */
export interface Prepared {
  /** To what: "Acme Corp: Onboarding 2026". */
  title: string;
  /** What will happen, in words. */
  about: Content;
  /** The page that is shown afterwards, and by "Do not". A path of the console. */
  back: string;
  /** Inputs besides the reason, filled in with what was posted, else with what holds now. */
  fields?: Content;
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
  /** Where it may also be done to every row of a filter of `/kickoffs`. */
  bulk?: { title(count: number): string; about: Content };
  /**
   * @param on what it is done to: a workflow's id, a row's number
   * @param posted what the page's address or form carried
   * @returns undefined when there is no such thing
   */
  prepare(on: string, posted: Posted): Promise<Prepared | undefined>;
  /**
   * Does it.
   *
   * @returns the answer in words; with `back` where that is another page than `prepare` named
   * @throws {Refused} with what the person gets to read; nothing was changed then
   */
  perform(on: string, posted: Posted, doing: Doing): Promise<string | { sentence: string; back: string }>;
}

/** The action was refused, for a reason that the person can do something about. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code = 'refused';
}
