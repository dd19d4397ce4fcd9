/** From 1 s, doubled with each attempt, to at most 60 s. */
const BACKOFF_MS = { first: 1_000, most: 60_000 };

/**
 * How long to wait before the next attempt, in milliseconds: exponential, and between half and all of it at random, so
 * that rows which failed together do not come back together.
 *
 * @param attempt how many have failed, from 1
 * @param random from 0 to 1
 */
export function backoffMs(attempt: number, random: number): number {
  const exponent = Math.min(Math.max(attempt, 1) - 1, 20);
  const full = Math.min(BACKOFF_MS.first * 2 ** exponent, BACKOFF_MS.most);
  return Math.round(full * (0.5 + random / 2));
}
