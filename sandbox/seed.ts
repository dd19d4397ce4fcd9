import { hash } from 'node:crypto';

/** Crockford's alphabet: what ULIDs, and so SkipUp's ids, are written in. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

function digest(parts: readonly (string | number)[]): Buffer {
  // JSON keeps ("a", "bc") and ("ab", "c") apart.
  return hash('sha256', JSON.stringify(parts), 'buffer');
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
  const letters = digest([prefix, ...parts])
    .subarray(0, 24)
    .map((byte) => ALPHABET.charCodeAt(byte % 32));
  // In one piece: an id put together letter by letter takes ten times its length in memory.
  return Buffer.concat([Buffer.from(`${prefix}_01`), letters]).toString('latin1');
}
