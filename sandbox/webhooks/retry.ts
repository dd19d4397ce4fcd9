import { draw } from '../seed.ts';

/** SkipUp tries a delivery so many times. */
export const MAX_ATTEMPTS = 8;
/** SkipUp waits so long for an answer, in real ms. */
export const ATTEMPT_TIMEOUT_MS = 10_000;
/** Failures are counted over so long. */
export const FAILURE_WINDOW_MS = 24 * 3_600_000;

const MAX_JITTER = 0.15;

/**
 * How long SkipUp waits after a failed attempt: n⁴ + 2 s and up to 15 % more, which is its published table (3 s, 18 s, 83 s,
 * 4 min, 10 min, 22 min, 40 min).
 *
 * @param attempt the attempt that failed, from 1
 * @param draws what decides the jitter
 * @returns ms, or nothing after the last attempt
 */
export function delayAfter(attempt: number, ...draws: string[]): number | undefined {
  if (attempt >= MAX_ATTEMPTS) return undefined;
  const jitter = 1 + MAX_JITTER * draw('retry', attempt, ...draws);
  return Math.round((attempt ** 4 + 2) * 1000 * jitter);
}
