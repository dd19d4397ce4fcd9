import { setTimeout as sleep } from 'node:timers/promises';
import { PagePace } from '../../skipup/index.ts';

export interface PaceOptions {
  perMinute: number;
  /** Waits for a turn among all who call SkipUp, once this share allows the call. Left out: at once. */
  turn?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** The clock in milliseconds and the wait, for tests. */
  now?: () => number;
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** So many calls may follow each other at once: what a sweep in a quiet workspace needs. */
const BURST = 8;

/**
 * The sweep's share of SkipUp's rate limit, for one process: no minute sees more calls than that. Sweeps do not overlap, so
 * the process that sweeps is the only one.
 */
export class Pace {
  readonly #bucket: PagePace;
  readonly #turn: PaceOptions['turn'];

  constructor({ perMinute, turn, now = () => performance.now(), wait = waitMs }: PaceOptions) {
    this.#turn = turn;
    this.#bucket = new PagePace(perMinute, { now, sleep: wait }, BURST);
  }

  /** Waits until the next call may be made. @throws the signal's reason */
  async turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#bucket.turn(signal).catch((error: unknown) => {
      signal.throwIfAborted();
      throw error;
    });
    await this.#turn?.(signal);
  }
}

/** @throws the signal's reason */
export async function waitMs(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
}
