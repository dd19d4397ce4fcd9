/** Deeper than any event goes; what is nested deeper is left as it is, and refused by its schema. */
const MAX_DEPTH = 8;

/**
 * The value without the members that are null or an empty text: that is how no-code tools fill in what a deal does not
 * have.
 */
export function withoutEmpty(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map((item) => withoutEmpty(item, depth + 1));
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null && member !== '')
      .map(([name, member]) => [name, withoutEmpty(member, depth + 1)]),
  );
}
