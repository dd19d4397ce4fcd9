/** The clock that a pace keeps. */
export interface PaceClock {
  /** Milliseconds. */
  now(): number;
  /** Resolves after so many milliseconds; rejects with the signal's reason when it aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/**
 * Turns at an even pace: the n-th comes n intervals after the first. Nothing is saved up: who takes a turn late has
 * put off those after it.
 */
export class EvenPace {
  readonly #intervalMs: number;
  readonly #clock: PaceClock;
  #nextAt: number;

  /** @param perMinute turns a minute, 1 or more */
  constructor(perMinute: number, clock: PaceClock) {
    this.#intervalMs = 60_000 / perMinute;
    this.#clock = clock;
    this.#nextAt = clock.now();
  }

  /** So many more were taken with the last turn: the next one comes so much later. */
  owe(count: number): void {
    this.#nextAt += count * this.#intervalMs;
  }

  /**
   * Waits for the next turn; one after the other.
   *
   * @throws the signal's reason
   */
  async turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const wait = this.#nextAt - this.#clock.now();
    if (wait > 0) await this.#clock.wait(wait, signal);
    // Waking up a little late must not slow the pace down; being held up for long must not make a burst.
    const now = this.#clock.now();
    this.#nextAt = (now - this.#nextAt < this.#intervalMs ? this.#nextAt : now) + this.#intervalMs;
  }
}
