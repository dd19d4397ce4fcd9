import { setTimeout as sleep } from 'node:timers/promises';

export interface PaceOptions {
  perMinute: number;
  /** The clock in milliseconds and the wait, for tests. */
  now?: () => number;
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** So many calls may follow each other at once: what a sweep in a quiet workspace needs. */
const BURST = 8;

/**
 * The sweep's share of SkipUp's rate limit, for one process: a bucket that fills evenly. Sweeps do not overlap, so the
 * process that sweeps is the only one.
 */
export class Pace {
  readonly #perMs: number;
  readonly #now: () => number;
  readonly #wait: (ms: number, signal: AbortSignal) => Promise<void>;
  #tokens = BURST;
  #filledAt: number;

  constructor({ perMinute, now = () => performance.now(), wait = waitMs }: PaceOptions) {
    this.#perMs = perMinute / 60_000;
    this.#now = now;
    this.#wait = wait;
    this.#filledAt = now();
  }

  /** Waits until the next call may be made. @throws the signal's reason */
  async turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const now = this.#now();
    this.#tokens = Math.min(BURST, this.#tokens + (now - this.#filledAt) * this.#perMs) - 1;
    this.#filledAt = now;
    // Below zero the turn is taken in advance: whoever comes next waits for longer.
    if (this.#tokens < 0) await this.#wait(Math.ceil(-this.#tokens / this.#perMs), signal);
  }
}

/** @throws the signal's reason */
export async function waitMs(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
}
