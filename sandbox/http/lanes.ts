/** At most so many exchanges with one receiver at a time; each receiver has its own queue, so a slow one holds up no other. */
const WIDTH = 16;

export class Lanes {
  readonly #lanes = new Map<string, { active: number; waiting: (() => void)[] }>();

  /** Does the work when the lane has room. */
  async run<T>(lane: string, work: () => Promise<T>): Promise<T> {
    const queue = this.#lanes.get(lane) ?? { active: 0, waiting: [] };
    this.#lanes.set(lane, queue);
    if (queue.active >= WIDTH) await new Promise<void>((resolve) => queue.waiting.push(resolve));
    else queue.active += 1;
    try {
      return await work();
    } finally {
      const next = queue.waiting.shift();
      if (next !== undefined) next();
      else queue.active -= 1;
      if (queue.active === 0) this.#lanes.delete(lane);
    }
  }
}
