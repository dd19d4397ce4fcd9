/** Milliseconds. */
export interface TurnPace {
  /** Between two turns. */
  intervalMs: number;
  /** So much may a late turn be made up for by the ones after it. */
  slackMs: number;
}

/** Of a minute's calls, how many are kept free. */
const SPARE = 4.5;
/** Of those, what is left for calls that arrive later or sooner than the ones before them, and for the window's other end. */
const FOR_ARRIVAL = 3;

/**
 * The pace at which no window of a minute, wherever it begins, sees more than `perMinute` calls.
 *
 * Turns that are `intervalMs` apart, the late ones made up for by up to `slackMs`, are no more than
 * `(60,000 + slackMs) / intervalMs + 1` in a minute. A call arrives at SkipUp some time after its turn, and that time
 * differs: two calls more are allowed for it. Of SkipUp's 120 a minute 115.5 can be used, which is 96 %.
 *
 * @param perMinute 1 or more
 */
export function turnPace(perMinute: number): TurnPace {
  const spare = Math.min(SPARE, perMinute / 2);
  const intervalMs = 60_000 / (perMinute - spare);
  return { intervalMs, slackMs: Math.max(0, spare - FOR_ARRIVAL) * intervalMs };
}
