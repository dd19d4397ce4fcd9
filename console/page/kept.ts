/**
 * Something that is costly to find out and may be a little old. Whoever asks within `ms` gets what was found; later, but
 * within `staleMs`, too, and it is found out anew meanwhile for those who ask next. Of several at once only one finds it
 * out. What failed is not kept.
 *
 * @param now milliseconds
 */
export function kept<T>(
  find: () => Promise<T>,
  { ms, staleMs }: { ms: number; staleMs: number },
  now: () => number,
): () => Promise<T> {
  let found: { value: T; at: number } | undefined;
  let finding: Promise<T> | undefined;
  const findAnew = async () => {
    try {
      const value = await find();
      found = { value, at: now() };
      return value;
    } finally {
      finding = undefined;
    }
  };
  return async () => {
    const age = found === undefined ? Number.POSITIVE_INFINITY : now() - found.at;
    if (found !== undefined && age < ms) return found.value;
    finding ??= findAnew();
    if (found === undefined || age >= staleMs) return await finding;
    // Nobody waits for it: should it fail, whoever asks once it is too old finds out why.
    finding.catch(() => undefined);
    return found.value;
  };
}
