import type { VirtualClock } from '../config/index.ts';

/**
 * A clock that shows `instant` now and runs `scale` times as fast as the wall's. It agreed with the wall's clock a moment
 * ago, which is what its anchor says.
 *
 * @param scale more than 1
 */
export function clockShowing(instant: Date, scale: number): VirtualClock {
  const now = Date.now();
  const ahead = instant.getTime() - now;
  return { anchor: new Date(Math.round(now - ahead / (scale - 1))).toISOString(), scale };
}
