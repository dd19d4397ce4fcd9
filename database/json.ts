const REPLACEMENT = '\uFFFD';

/**
 * JSON as the database accepts it: PostgreSQL's `jsonb` refuses the NUL character and lone surrogates, which any JSON
 * from outside may hold. Both become U+FFFD, so that an odd character in a deal's name cannot keep an event from being stored.
 */
export function jsonText(value: object | null): string {
  // JSON.stringify writes NUL and lone surrogates as escapes, and paired surrogates as themselves; the look-behind leaves
  // an escaped backslash that happens to stand before "u0000" alone.
  const text = JSON.stringify(value);
  return text.includes('\\u')
    ? text.replace(/(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g, `$1${REPLACEMENT}`)
    : text;
}

/** Text as the database accepts it (no NUL), cut to `limit` characters. */
export function plainText(text: string, limit = 2000): string {
  const clean = text.replaceAll('\0', REPLACEMENT);
  return clean.length <= limit ? clean : `${clean.slice(0, limit - 1)}…`;
}
