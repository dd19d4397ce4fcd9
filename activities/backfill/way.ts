import { backfillsOnTheirWay, type Database } from '../../database/index.ts';
import type { PaceClock } from './even-pace.ts';

const LOOK_EVERY_MS = 250;
/** So long a queue may stand still before it is called a push-back. */
const STANDS_STILL_MS = 60_000;

/**
 * The way to SkipUp, on which only so many kickoffs of backfills may be at a time: a live deal must not find a queue.
 * Reading how many there are is spared while there is room for sure.
 */
export class WayToSkipUp {
  readonly #database: Database;
  readonly #inFlight: number;
  readonly #clock: PaceClock;
  readonly #settingOut: () => number;
  #room = 0;

  /** @param settingOut how many are being started now: the ledger does not count them yet */
  constructor(database: Database, inFlight: number, clock: PaceClock, settingOut: () => number) {
    this.#database = database;
    this.#inFlight = inFlight;
    this.#clock = clock;
    this.#settingOut = settingOut;
  }

  /**
   * Waits until one more may set out.
   *
   * @returns undefined then; how many are waiting when for a minute none has got through
   * @throws the signal's reason
   */
  async enter(signal: AbortSignal): Promise<{ waiting: number } | undefined> {
    let last = Number.POSITIVE_INFINITY;
    let movedAt = this.#clock.now();
    while (this.#room <= 0) {
      const waiting = await backfillsOnTheirWay(this.#database.db);
      this.#room = this.#inFlight - waiting - this.#settingOut();
      if (this.#room > 0) break;
      const now = this.#clock.now();
      if (waiting < last || this.#settingOut() > 0) movedAt = now;
      else if (now - movedAt >= STANDS_STILL_MS) return { waiting };
      last = Math.min(last, waiting);
      await this.#clock.wait(LOOK_EVERY_MS, signal);
    }
    this.#room -= 1;
    return undefined;
  }
}
