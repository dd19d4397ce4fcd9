/** Lets a loop sleep until its time is over or somebody rings. */
export interface Bell {
  /** Ends the wait that is going on, or the next one when nobody waits yet. */
  ring(): void;
  /** Waits at most so many milliseconds. */
  wait(ms: number): Promise<void>;
}

/** A bell that remembers one ring: what comes in while the loop is busy is not slept over. */
export function createBell(): Bell {
  let hasRung = false;
  let wakeUp: (() => void) | undefined;
  return {
    ring() {
      hasRung = true;
      wakeUp?.();
    },
    async wait(ms) {
      if (!hasRung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wakeUp = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      hasRung = false;
      wakeUp = undefined;
    },
  };
}
