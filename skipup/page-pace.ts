import { SkipUpAbortError } from './errors.ts';

/** One in ten of a minute's pages may come at once, so that short lists do not wait. */
const BURST_SHARE = 10;

/** A minute, and half a second for waits that end late: what comes late must not meet what comes in time. */
const MINUTE_MS = 60_500;

/** The clock that a pace keeps. */
export interface PaceClock {
  /** Milliseconds. */
  now: () => number;
  /** Resolves after so many milliseconds; rejects when the signal aborts. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * A token bucket for pages: however many lists are read at the same time, no minute sees more than `perMinute` pages. The
 * bucket holds a few of them (a tenth, unless told otherwise) and is filled with the rest, evenly over the minute: what a full bucket gives at once and
 * what comes in afterwards are together no more than `perMinute`.
 */
export class PagePace {
  readonly #size: number;
  readonly #perMs: number;
  readonly #clock: PaceClock;
  /** Below 0 when pages wait for theirs. */
  #tokens: number;
  #filledAt: number;

  /**
   * @param perMinute - pages a minute, 1 or more
   * @param burst - how many of them may come at once
   */
  constructor(perMinute: number, clock: PaceClock, burst = Math.floor(perMinute / BURST_SHARE)) {
    this.#size = Math.max(1, Math.min(burst, perMinute));
    this.#perMs = (perMinute - this.#size + 1) / MINUTE_MS;
    this.#clock = clock;
    this.#tokens = this.#size;
    this.#filledAt = clock.now();
  }

  /**
   * Waits until the next page may be asked for; in the order of asking.
   * @throws SkipUpAbortError when the signal ends the wait; the turn is then another's
   */
  async turn(signal: AbortSignal | undefined): Promise<void> {
    this.spend();
    if (this.#tokens >= 0) return;
    try {
      await this.#clock.sleep(Math.ceil(-this.#tokens / this.#perMs), signal ?? new AbortController().signal);
    } catch (cause) {
      this.#tokens += 1;
      if (!signal?.aborted) throw cause;
      throw new SkipUpAbortError(
        'Waiting for the next page of a list was aborted by the caller. Nothing was changed.',
        {
          cause: signal.reason,
        },
      );
    }
  }

  /** Counts a request that is not waited for: a page that is asked for a second time. Later pages wait the longer. */
  spend(): void {
    const now = this.#clock.now();
    // A clock that was set back must not stop the list for as long.
    const passed = Math.max(0, now - this.#filledAt);
    this.#filledAt = now;
    this.#tokens = Math.min(this.#size, this.#tokens + passed * this.#perMs) - 1;
  }
}
