import { createHash } from 'node:crypto';

/** Crockford's alphabet: what ULIDs, and so SkipUp's ids, are written in. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

function digest(parts: readonly (string | number)[]): Buffer {
  // JSON keeps ("a", "bc") and ("ab", "c") apart.
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}

/**
 * A number in [0, 1) that the parts decide: the same parts give the same number on every machine. There is no stream to
 * keep in step, so that the order in which things happen changes nothing.
 */
export function draw(...parts: (string | number)[]): number {
  return digest(parts).readUIntBE(0, 6) / 2 ** 48;
}

/** A whole number from `min` to `max`, both included. */
export function drawBetween(min: number, max: number, ...parts: (string | number)[]): number {
  return min + Math.floor(draw(...parts) * (max - min + 1));
}

/** An id that looks like SkipUp's (`mr_01HQ…`, 26 characters after the prefix), made from the parts. */
export function idFrom(prefix: string, ...parts: (string | number)[]): string {
  const bytes = digest([prefix, ...parts]);
  let id = '';
  for (let at = 0; at < 24; at += 1) id += ALPHABET.charAt((bytes[at] ?? 0) % 32);
  return `${prefix}_01${id}`;
}
