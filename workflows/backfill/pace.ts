/** How many deals a batch has, how long a backfill waits when somebody pushes back, and how long it will take. */

/** A change of rate and a pause are heard between batches: so long a batch takes. */
const BATCH_SECONDS = 12;
/** What a batch may cost in heartbeats and in work done again after a crash. */
const LARGEST_BATCH = 50;

/** The first wait when the CRM or SkipUp pushes back; each one after it is twice as long. */
export const FIRST_WAIT_MS = 15_000;
const LONGEST_WAIT_MS = 300_000;
/** Whoever asks for more is asked again after so long. */
const LONGEST_ASKED_MS = 3_600_000;

/** @param perMinute kickoffs started per minute */
export function batchSize(perMinute: number): number {
  return Math.min(LARGEST_BATCH, Math.max(1, Math.round((perMinute / 60) * BATCH_SECONDS)));
}

/**
 * Milliseconds to wait after the n-th push-back in a row: what was asked for, or a growing time when that is longer.
 *
 * @param times from 1
 */
export function waitAfter(times: number, firstMs: number, askedMs = 0): number {
  const growing = Math.min(LONGEST_WAIT_MS, firstMs * 2 ** (times - 1));
  return Math.max(growing, Math.min(askedMs, LONGEST_ASKED_MS));
}

/**
 * Seconds left at the pace of the last pages and batches.
 *
 * @param left deals still to be looked at
 * @returns undefined where nothing has been handled yet
 */
export function secondsLeft(left: number, measured: readonly { handled: number; ms: number }[]): number | undefined {
  const handled = measured.reduce((total, sample) => total + sample.handled, 0);
  const ms = measured.reduce((total, sample) => total + sample.ms, 0);
  return handled === 0 ? undefined : Math.round((left * ms) / handled / 1000);
}
