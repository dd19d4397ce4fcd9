/**
 * The same JSON with the keys of every object in the opposite order: for receivers that compare or hash what they have
 * parsed and written again, where only the raw bytes are signed.
 */
export function inOtherKeyOrder(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inOtherKeyOrder).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  // Written by hand: an object would put keys that look like numbers first again.
  return `{${fields
    .reverse()
    .map(([key, field]) => `${JSON.stringify(key)}:${inOtherKeyOrder(field)}`)
    .join(',')}}`;
}
