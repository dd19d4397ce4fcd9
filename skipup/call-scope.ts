import { SkipUpAbortError, type SkipUpError, SkipUpTimeoutError } from './errors.ts';

/**
 * One call of the caller's, with all its attempts and look-ups: ends when the caller's signal or the total time-out
 * does, whichever comes first, and knows which of them it was.
 */
export class CallScope {
  readonly #controller = new AbortController();
  readonly #callers: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #totalMs: number;
  readonly #endsAt: number;
  readonly #onAbort = () => this.#controller.abort(this.#callers?.reason);
  /** Requests sent within this call. */
  attempts = 0;
  #timedOut = false;

  /**
   * @param totalMs - for the whole call, in milliseconds
   * @param callers - the caller's own signal
   */
  constructor(totalMs: number, callers: AbortSignal | undefined) {
    this.#callers = callers;
    this.#totalMs = totalMs;
    this.#endsAt = performance.now() + totalMs;
    this.#timer = setTimeout(() => {
      this.#timedOut = true;
      this.#controller.abort(new Error('total time-out'));
    }, totalMs);
    if (callers?.aborted) this.#onAbort();
    else callers?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Ends whatever runs within the call. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Milliseconds until the total time-out. */
  get remainingMs(): number {
    return this.#endsAt - performance.now();
  }

  /**
   * The error for a call that this scope has ended; undefined while it has not.
   * @param mayHaveActed - whether anything may have reached SkipUp
   */
  error(what: string, mayHaveActed: boolean): SkipUpError | undefined {
    if (!this.signal.aborted) return undefined;
    const next = mayHaveActed ? 'SkipUp may have acted: read before repeating.' : 'Nothing was changed.';
    if (this.#timedOut) {
      return new SkipUpTimeoutError(`${what} took longer than ${this.#totalMs} ms in all. ${next}`, 'total', {
        ambiguous: mayHaveActed,
      });
    }
    return new SkipUpAbortError(`${what} was aborted by the caller. ${next}`, {
      ambiguous: mayHaveActed,
      cause: this.#callers?.reason,
    });
  }

  /** Lets go of the timer and of the caller's signal. */
  close(): void {
    clearTimeout(this.#timer);
    this.#callers?.removeEventListener('abort', this.#onAbort);
  }
}
