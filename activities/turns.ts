import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { type Database, takeTurn } from '../database/index.ts';

/** Temporal's priority of what says nothing; 1 goes first, 5 last. A backfill's kickoffs have 5. */
const NORMAL = 3;
/** Whoever comes after the normal ones lets another process's live call go first, for so long. */
const PATIENCE_MS = 20;

export interface TurnsOptions {
  /** Takes the next turn if it has come: 0, or in how many milliseconds to ask again. */
  take(patienceMs: number): Promise<number>;
  /** Resolves after so many milliseconds, or when the signal aborts. */
  wait?(ms: number, signal: AbortSignal): Promise<void>;
}

interface Waiting {
  priority: number;
  go: () => void;
  fail: (error: unknown) => void;
}

/**
 * Who may call SkipUp next. Of those who wait in this process the one of the highest priority goes first, and among
 * equals the one that came first; when the next turn comes, `take` knows for all processes together.
 */
export class Turns {
  readonly #take: TurnsOptions['take'];
  readonly #wait: NonNullable<TurnsOptions['wait']>;
  /** In the order in which they go. */
  readonly #waiting: Waiting[] = [];
  #isServing = false;
  /** Ends the wait for the next turn, because somebody came who may go sooner. */
  #woken = new AbortController();

  constructor({ take, wait = waitMs }: TurnsOptions) {
    this.#take = take;
    this.#wait = wait;
  }

  /**
   * Waits for a turn.
   *
   * @param priority 1 goes first, 5 last
   * @throws the signal's reason; what taking a turn throws
   */
  async turn(signal: AbortSignal, priority: number): Promise<void> {
    signal.throwIfAborted();
    let leave = (): void => undefined;
    const turn = new Promise<void>((go, fail) => {
      const mine: Waiting = { priority, go, fail };
      const place = this.#waiting.findIndex((other) => other.priority > priority);
      this.#waiting.splice(place === -1 ? this.#waiting.length : place, 0, mine);
      if (place === 0) this.#woken.abort();
      leave = () => {
        const at = this.#waiting.indexOf(mine);
        if (at !== -1) this.#waiting.splice(at, 1);
        fail(signal.reason);
      };
    });
    signal.addEventListener('abort', leave, { once: true });
    if (!this.#isServing) void this.#serve();
    try {
      await turn;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  async #serve(): Promise<void> {
    this.#isServing = true;
    try {
      for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
        this.#woken = new AbortController();
        const wait = await this.#take(first.priority > NORMAL ? PATIENCE_MS : 0);
        if (wait > 0) await this.#wait(wait, this.#woken.signal);
        // Whoever is first now: somebody may have come, or gone, while the turn was taken.
        else this.#waiting.shift()?.go();
      }
    } catch (error) {
      for (const { fail } of this.#waiting.splice(0)) fail(error);
    } finally {
      this.#isServing = false;
    }
  }
}

/**
 * The turns of SkipUp's rate limit, for activities: all processes that share the database share them, and within one
 * the workflow's priority decides.
 *
 * @param perMinute calls to SkipUp in any minute
 * @returns waits for the running activity's turn; throws the signal's reason
 */
export function skipupTurns(database: Database, perMinute: number): (signal: AbortSignal) => Promise<void> {
  const turns = new Turns({ take: (patienceMs) => takeTurn(database.db, { name: 'skipup', perMinute, patienceMs }) });
  return (signal) => turns.turn(signal, Context.current().info.priority?.priorityKey ?? NORMAL);
}

async function waitMs(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
