export interface ImportFault {
  /** 1 is the file's first line. */
  line: number;
  /** CSV: the cell's place in its row, from 1. YAML: the character's place in its line, from 1. */
  column?: number;
  message: string;
}

export type Place = Pick<ImportFault, 'line' | 'column'>;

/** An entry of a file: unchecked values by field, and where each stands. */
export interface RawEntry {
  /** Where the entry itself stands. */
  line: number;
  fields: Record<string, unknown>;
  /** @param path the field's name, or names from the outside in */
  placeOf(path: readonly string[]): Place;
  /** The field's name as the file has it. */
  nameOf(path: readonly string[]): string;
}

/** What a file holds, unchecked. */
export interface RawRegistry {
  people: RawEntry[];
  /** What is said of accounts, in several places perhaps; each with its `account_id`. */
  accounts: RawEntry[];
}
