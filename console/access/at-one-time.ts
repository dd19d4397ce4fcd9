/** More is asked for than can be done or kept waiting. */
export class TooBusy extends Error {
  override readonly name = 'TooBusy';
  readonly code = 'too_busy';
  readonly statusCode = 503;
}

/**
 * Bounds what runs at one time; more waits in its turn.
 *
 * @param running so many at one time
 * @param waiting so many may wait; whoever comes then is refused at once
 * @returns runs `work` when it is its turn; rejects with `TooBusy` when there is no room
 */
export function atOneTime(running: number, waiting: number): <T>(work: () => Promise<T>) => Promise<T> {
  const queue: (() => void)[] = [];
  let free = running;
  return async (work) => {
    if (free > 0) free -= 1;
    else if (queue.length >= waiting) throw new TooBusy('Too many people are signing in at this moment.');
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = queue.shift();
      // The place goes from hand to hand: nobody slips in between.
      if (next === undefined) free += 1;
      else next();
    }
  };
}
