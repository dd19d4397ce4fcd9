/**
 * Something that is costly to find out and may be a little old: whoever asks within `ms` gets what the one before got, and
 * of several at once only one finds it out. What failed is not kept.
 *
 * @param now milliseconds
 */
export function kept<T>(find: () => Promise<T>, ms: number, now: () => number): () => Promise<T> {
  let found: { value: Promise<T>; at: number } | undefined;
  return () => {
    if (found !== undefined && now() - found.at < ms) return found.value;
    const one = { value: find(), at: now() };
    found = one;
    one.value.catch(() => {
      if (found === one) found = undefined;
    });
    return one.value;
  };
}
