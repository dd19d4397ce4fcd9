import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether two texts are the same, in a time that does not tell where they differ.
 *
 * Both are hashed first, so that texts of unequal length take the same path and nothing is thrown
 * (`timingSafeEqual` alone throws on unequal lengths).
 */
export function equalInConstantTime(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
