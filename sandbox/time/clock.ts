import { z } from 'zod';

export const clockStateSchema = z.object({
  /** The wall clock's instant, in ms, at which `virtualAt` held. */
  realAt: z.number(),
  /** The sandbox's instant, in ms, at `realAt`. */
  virtualAt: z.number(),
  /** Virtual seconds in a real one. */
  scale: z.number().positive(),
  frozen: z.boolean(),
  /** What the start options asked for; a restart with the same keeps a clock that was moved meanwhile. */
  configured: z
    .union([z.object({ anchor: z.string(), scale: z.number() }), z.object({ frozenAt: z.string() })])
    .nullable(),
});
export type ClockState = z.infer<typeof clockStateSchema>;

/**
 * The clock that the start options ask for.
 *
 * @param real the wall clock, in ms
 */
export function configuredClock(asked: ClockState['configured'] | undefined, real: number): ClockState {
  if (asked === undefined || asked === null) {
    return { realAt: real, virtualAt: real, scale: 1, frozen: false, configured: null };
  }
  if ('frozenAt' in asked) {
    return { realAt: real, virtualAt: Date.parse(asked.frozenAt), scale: 1, frozen: true, configured: asked };
  }
  const anchor = Date.parse(asked.anchor);
  return { realAt: anchor, virtualAt: anchor, scale: asked.scale, frozen: false, configured: asked };
}

/** What a clock in this state shows. */
export function clockReading({ realAt, virtualAt, scale, frozen }: ClockState, real: number): number {
  return frozen ? virtualAt : virtualAt + (real - realAt) * scale;
}

/**
 * The sandbox's own time: `virtual(now) = anchor + (real − anchor) × scale`. It can be frozen, moved forward and
 * rescaled; it never goes back.
 */
export class VirtualClock {
  readonly #real: () => number;
  #state: ClockState;

  /** @param real the wall clock, in ms since 1970 */
  constructor(state: ClockState, real: () => number = Date.now) {
    this.#state = state;
    this.#real = real;
  }

  /** Now, in ms since 1970. */
  now(): number {
    return clockReading(this.#state, this.#real());
  }

  get scale(): number {
    return this.#state.scale;
  }

  get frozen(): boolean {
    return this.#state.frozen;
  }

  get state(): ClockState {
    return this.#state;
  }

  /** Starts from another state, as a reset and a loaded file do. */
  restore(state: ClockState): void {
    this.#state = state;
  }

  /** Sets the clock forward to an instant; an earlier one changes nothing. */
  moveTo(ms: number): void {
    this.#rebase({ virtualAt: Math.max(ms, this.now()) });
  }

  setScale(scale: number): void {
    this.#rebase({ scale });
  }

  setFrozen(frozen: boolean): void {
    this.#rebase({ frozen });
  }

  /** Real milliseconds until the clock shows `ms`: 0 when it already does, `undefined` when it never will by itself. */
  realDelayUntil(ms: number): number | undefined {
    const ahead = ms - this.now();
    if (ahead <= 0) return 0;
    return this.#state.frozen ? undefined : ahead / this.#state.scale;
  }

  #rebase(change: Partial<ClockState>): void {
    this.#state = { ...this.#state, realAt: this.#real(), virtualAt: this.now(), ...change };
  }
}
