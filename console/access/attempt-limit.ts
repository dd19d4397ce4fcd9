export interface AttemptLimitOptions {
  /** So many attempts in a window. */
  max: number;
  windowMs: number;
  now(): Date;
  /** So many names are remembered; the oldest is forgotten for a new one. */
  capacity?: number;
}

/**
 * Counts attempts by name, each when it begins, so that many at one time are no way around it. It holds for the name,
 * whether there is such an account or not, from however many addresses the attempts come.
 */
export class AttemptLimit {
  readonly #options: Required<AttemptLimitOptions>;
  readonly #windows = new Map<string, { count: number; endsAt: number }>();

  constructor(options: AttemptLimitOptions) {
    this.#options = { capacity: 10_000, ...options };
  }

  /** Counts an attempt. @returns undefined when it may be made, else after how many seconds one may be made again */
  begin(name: string): number | undefined {
    const { max, windowMs, capacity } = this.#options;
    const now = this.#options.now().getTime();
    const known = this.#windows.get(name);
    if (known !== undefined && known.endsAt > now) {
      if (known.count >= max) return Math.max(1, Math.ceil((known.endsAt - now) / 1000));
      known.count += 1;
      return undefined;
    }
    this.#windows.delete(name);
    if (this.#windows.size >= capacity) this.#forgetOldest();
    this.#windows.set(name, { count: 1, endsAt: now + windowMs });
    return undefined;
  }

  /** It was the right one: nothing is held against the name any more. */
  forget(name: string): void {
    this.#windows.delete(name);
  }

  #forgetOldest(): void {
    const [oldest] = this.#windows.keys();
    if (oldest !== undefined) this.#windows.delete(oldest);
  }
}
