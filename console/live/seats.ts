import type { StreamOptions } from './stream-options.ts';

/** Counts who listens. */
export interface Seats {
  /** @returns gives it back; undefined: they are all taken */
  take(session: string): (() => void) | undefined;
}

export function createSeats({ bySession, inAll }: Pick<StreamOptions, 'bySession' | 'inAll'>): Seats {
  const taken = new Map<string, number>();
  let count = 0;
  return {
    take(session) {
      const own = taken.get(session) ?? 0;
      if (own >= bySession || count >= inAll) return undefined;
      taken.set(session, own + 1);
      count += 1;
      let isGivenBack = false;
      return () => {
        if (isGivenBack) return;
        isGivenBack = true;
        count -= 1;
        const left = (taken.get(session) ?? 1) - 1;
        if (left === 0) taken.delete(session);
        else taken.set(session, left);
      };
    },
  };
}
