import type { ConsoleContext } from '../context.ts';
import { readMarks } from './marks.ts';
import type { Pace } from './stream-options.ts';
import type { Topic } from './topics.ts';

export interface Listener {
  topics: readonly Topic[];
  /** What is changed from now on will be told: a page that is read now, or later, misses nothing. */
  onReady(): void;
  onChange(topic: Topic): void;
}

export interface ChangeFeed {
  /** @returns ends it */
  listen(listener: Listener): () => void;
  close(): void;
}

/** A look that takes long is followed by a longer rest, so that looking is never most of what a database does. */
const REST = 9;

/**
 * Tells who listens what has changed, whichever process has changed it. One look a second serves all listeners of this
 * process; there is none while nobody listens.
 */
export function createChangeFeed(
  { database, logger }: Pick<ConsoleContext, 'database' | 'logger'>,
  pace: Pace,
): ChangeFeed {
  const waiting = new Set<Listener>();
  const ready = new Set<Listener>();
  const known = new Map<Topic, string>();
  let timer: NodeJS.Timeout | undefined;
  let isLooking = false;
  let isBroken = false;
  let isClosed = false;
  let restMs = pace.busyMs;

  const followed = () => new Set([...waiting, ...ready].flatMap(({ topics }) => topics));

  function lookIn(ms: number): void {
    clearTimeout(timer);
    timer = undefined;
    if (isClosed || isLooking || waiting.size + ready.size === 0) return;
    timer = setTimeout(look, ms).unref();
  }

  async function look(): Promise<void> {
    isLooking = true;
    const began = performance.now();
    try {
      const hasChanged = tell(await readMarks(database, [...followed()], Date.now()));
      if (isBroken) logger.info({}, 'the database answers again: pages that are open follow what changes');
      isBroken = false;
      restMs = hasChanged ? pace.busyMs : Math.min(restMs * 1.2, pace.quietMs);
      restMs = Math.max(restMs, (performance.now() - began) * REST);
    } catch (error) {
      if (!isBroken && !isClosed)
        logger.warn({ err: error }, 'what has changed cannot be read: open pages stay as they are');
      restMs = isBroken ? Math.min(restMs * 2, pace.brokenMs) : pace.busyMs;
      isBroken = true;
    } finally {
      isLooking = false;
    }
    lookIn([...waiting].some(isNew) && !isBroken ? 0 : restMs);
  }

  function isNew({ topics }: Listener): boolean {
    return topics.some((topic) => !known.has(topic));
  }

  function tell(marks: ReadonlyMap<Topic, string>): boolean {
    const changed = new Set<Topic>();
    for (const [topic, mark] of marks) {
      if (known.has(topic) && known.get(topic) !== mark) changed.add(topic);
      known.set(topic, mark);
    }
    for (const listener of ready) {
      for (const topic of listener.topics) if (changed.has(topic)) listener.onChange(topic);
    }
    for (const listener of waiting) if (!isNew(listener)) becomeReady(listener);
    // Nobody may follow some of them any more.
    const stillFollowed = followed();
    for (const topic of known.keys()) if (!stillFollowed.has(topic)) known.delete(topic);
    return changed.size > 0;
  }

  function becomeReady(listener: Listener): void {
    waiting.delete(listener);
    ready.add(listener);
    listener.onReady();
  }

  return {
    listen(listener) {
      if (!isBroken) restMs = pace.busyMs;
      waiting.add(listener);
      if (isNew(listener)) lookIn(isBroken ? restMs : 0);
      else becomeReady(listener);
      return () => {
        waiting.delete(listener);
        ready.delete(listener);
        if (waiting.size + ready.size > 0) return;
        known.clear();
        clearTimeout(timer);
      };
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      waiting.clear();
      ready.clear();
    },
  };
}
