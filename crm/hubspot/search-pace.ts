import { setTimeout as wait } from 'node:timers/promises';
import { CrmError } from '../port.ts';

/** What a pace reads the time from and waits with. */
export interface PaceClock {
  /** Milliseconds; only differences count. */
  now(): number;
  /** Rejects when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Lets searches go one after another. */
export interface SearchPace {
  /** Waits until the next search may be sent. @throws CrmError `unavailable` when the caller gives up before that */
  turn(signal?: AbortSignal): Promise<void>;
}

/**
 * HubSpot's search takes five requests per second, of all the account's apps together, and its answers have no headers that
 * tell how many are left (https://developers.hubspot.com, "Search the CRM", limits). This leaves one to the others, and room
 * for calls that bunch up on their way.
 */
const GAP_MS = 300;

const REAL_CLOCK: PaceClock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    await wait(ms, undefined, signal === undefined ? {} : { signal });
  },
};

/** A pace for one process. The clock is passed in for tests. */
export function createSearchPace(clock: PaceClock = REAL_CLOCK): SearchPace {
  let nextFreeAt = Number.NEGATIVE_INFINITY;
  return {
    async turn(signal) {
      const now = clock.now();
      const at = Math.max(now, nextFreeAt);
      nextFreeAt = at + GAP_MS;
      if (at === now) {
        return;
      }
      try {
        await clock.sleep(at - now, signal);
      } catch (cause) {
        throw new CrmError('unavailable', 'The search was given up before its turn came. It can be repeated.', {
          cause,
        });
      }
    },
  };
}
