/**
 * Cells that a spreadsheet would run rather than show. Source: OWASP, "CSV Injection": =, +, -, @, tab and carriage return.
 *
 * Written, such a text gets an apostrophe in front, which spreadsheets hide; read, one apostrophe is taken off again. So
 * that this holds for every text, one that has apostrophes already before such a character gets one more.
 */
const RUNS = /^'*[=+\-@\t\r]/;
const GUARDED = /^'+[=+\-@\t\r]/;

export function guardFormula(text: string): string {
  return RUNS.test(text) ? `'${text}` : text;
}

export function unguardFormula(text: string): string {
  return GUARDED.test(text) ? text.slice(1) : text;
}

/** A lone `-` or `+` is none. */
export function looksLikeFormula(text: string): boolean {
  return /^[=+\-@]./s.test(text);
}
