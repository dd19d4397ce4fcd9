export interface ImportFault {
  /** 1 is the file's first line. */
  line: number;
  message: string;
}

/** One person as a file gives it: unchecked values by field, and where each stands. */
export interface RawPerson {
  line: number;
  fields: Record<string, unknown>;
  lineOf(field: string): number;
}
