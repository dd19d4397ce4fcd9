/** What is still to be written: text as it is, or a value. */
type Pending = { text: string } | { value: unknown } | { leave: object };

/**
 * A JSON value as text that depends on nothing but the value (RFC 8785): no spaces, the keys of every object sorted by
 * their UTF-16 code units, arrays in their order, numbers and texts as ECMAScript writes them. Walked with a list of its
 * own in place of the call stack: a body that is nested a million deep is no reason to fail.
 * @param value - as `JSON.parse` returns it; `undefined` in an object is left out, as `JSON.stringify` does
 * @returns undefined for what is no JSON: a bigint, an object within itself
 */
export function canonicalJson(value: unknown): string | undefined {
  const written: string[] = [];
  const pending: Pending[] = [{ value }];
  const around = new Set<object>();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if ('text' in next) {
      written.push(next.text);
    } else if ('leave' in next) {
      around.delete(next.leave);
    } else if (typeof next.value === 'object' && next.value !== null) {
      if (around.has(next.value)) return undefined;
      around.add(next.value);
      pending.push({ leave: next.value });
      const parts = Array.isArray(next.value) ? partsOfArray(next.value) : partsOfObject(next.value);
      for (const part of parts.reverse()) pending.push(part);
    } else if (typeof next.value === 'bigint') {
      return undefined;
    } else {
      // What JSON cannot say (undefined, a function) is null where it cannot be left out.
      written.push(JSON.stringify(next.value) ?? 'null');
    }
  }
  return written.join('');
}

function partsOfArray(items: readonly unknown[]): Pending[] {
  const parts = items.flatMap<Pending>((value, index) => [{ text: index === 0 ? '[' : ',' }, { value }]);
  return [...(parts.length === 0 ? [{ text: '[' }] : parts), { text: ']' }];
}

function partsOfObject(object: object): Pending[] {
  const fields = Object.entries(object)
    .filter(([, value]) => value !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const parts = fields.flatMap<Pending>(([name, value], index) => [
    { text: `${index === 0 ? '{' : ','}${JSON.stringify(name)}:` },
    { value },
  ]);
  return [...(parts.length === 0 ? [{ text: '{' }] : parts), { text: '}' }];
}
