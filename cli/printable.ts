/** What a CRM or a person has written, without anything that a terminal would obey. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}

/** An instant to the minute. */
export function inMinutes(instant: string): string {
  const at = Date.parse(instant);
  return Number.isNaN(at) ? printable(instant) : `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
