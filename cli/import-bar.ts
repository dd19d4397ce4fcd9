import { Presets, SingleBar } from 'cli-progress';
import type { Output } from './output.ts';

/** What takes less than so many milliseconds needs no bar. */
const PATIENCE_MS = 1000;

/** A bar on a terminal, once it takes longer than a second; elsewhere nothing. */
export function importBar(output: Output): { update(done: number, total: number): void; stop(): void } {
  const began = performance.now();
  let bar: SingleBar | undefined;
  return {
    update(done, total) {
      if (!output.interactive || performance.now() - began < PATIENCE_MS) return;
      if (bar === undefined) {
        const format = 'Writing {bar} {value} of {total} people';
        bar = new SingleBar({ format, stream: process.stderr, hideCursor: true, clearOnComplete: true }, Presets.rect);
        bar.start(total, done);
      } else bar.update(done);
    },
    stop: () => bar?.stop(),
  };
}
