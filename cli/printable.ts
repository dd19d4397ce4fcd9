/** What a CRM or a person has written, on one line and without anything that a terminal would obey. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ');
}

/**
 * The same for a text of several lines with our own colours in it: what is left of other sequences is text. It stands between
 * every command and the terminal, whatever a command has forgotten.
 */
export function printableLines(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what colours begin with.
  return text.replace(/(?!\u001b\[\d{1,2}m|[\n\t])[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, ' ');
}

/** An instant to the minute. */
export function inMinutes(instant: string): string {
  const at = Date.parse(instant);
  return Number.isNaN(at) ? printable(instant) : `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
