import { setTimeout as wait } from 'node:timers/promises';

/** How a call is repeated. Reads and creates under a key are; what is not safe to repeat never is, whatever this says. */
export interface RetryOptions {
  /** Attempts in all, the first included. 1 leaves repeating to the caller (Temporal, a queue). */
  maxAttempts: number;
  /** The first wait is up to this, in milliseconds; each later one up to twice the one before. */
  baseMs: number;
  /** No wait of the client's own is longer, in milliseconds. */
  maxDelayMs: number;
  /** A `Retry-After` above this, in milliseconds, is not waited for but handed up as `retryAfterMs`. */
  retryAfterCapMs: number;
  /** A number from 0 (included) to 1 (not). */
  random: () => number;
  /** Resolves after so many milliseconds; rejects when the signal aborts. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export const DEFAULT_RETRY: RetryOptions = {
  maxAttempts: 3,
  baseMs: 250,
  maxDelayMs: 8_000,
  retryAfterCapMs: 10_000,
  random: Math.random,
  sleep: (ms, signal) => wait(ms, undefined, { signal }),
};

/**
 * Full jitter: anything from nothing to the exponential step, so that many clients do not come back at once.
 * @param attempt - the attempt that has just failed, from 1
 * @returns milliseconds
 */
export function backoffMs(attempt: number, options: Pick<RetryOptions, 'baseMs' | 'maxDelayMs' | 'random'>): number {
  const step = Math.min(options.maxDelayMs, options.baseMs * 2 ** (attempt - 1));
  return Math.floor(options.random() * step);
}

/** Above this a bare number cannot be meant in seconds: SkipUp's limit renews every minute. */
const SECONDS_MAX = 3_600;

/**
 * Reads `Retry-After` (seconds, an HTTP date, or, as some gateways send it, milliseconds) and `Retry-After-Ms`.
 * SkipUp documents neither: they are honoured if they come.
 * @param now - milliseconds since the epoch, for the date form
 * @returns milliseconds from now, never negative; undefined when there is nothing to read
 */
export function retryAfterMs(
  headers: { retryAfter?: string | undefined; retryAfterMs?: string | undefined },
  now: number,
): number | undefined {
  const milliseconds = plainNumber(headers.retryAfterMs);
  if (milliseconds !== undefined) return Math.ceil(milliseconds);
  const value = headers.retryAfter?.trim();
  if (value === undefined || value === '') return undefined;
  const number = plainNumber(value);
  if (number !== undefined) return Math.ceil(number > SECONDS_MAX ? number : number * 1000);
  // Date.parse takes nearly anything ("-5" is a year); an HTTP date starts with the day's name.
  const date = /^[A-Z][a-z]{2}/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function plainNumber(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,15}(?:\.\d{1,6})?$/.test(value.trim()) ? Number(value) : undefined;
}
