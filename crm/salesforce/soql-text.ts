/**
 * A text as a literal in SOQL. Source: SOQL and SOSL Reference, "Quoted String Escape Sequences": quotes and backslashes are
 * escaped, and so is what would end a line.
 */
export function soqlText(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `'${escaped}'`;
}
