import type { VirtualClock } from '../config/policy.ts';

/**
 * The instant a kickoff goes by: the workflow's own clock, or one that runs faster in a demonstration.
 *
 * @param realMs milliseconds since the epoch, from the workflow's deterministic `Date.now()`
 */
export function instantOf(clock: VirtualClock | undefined, realMs: number): Date {
  if (clock === undefined) return new Date(realMs);
  const anchor = Date.parse(clock.anchor);
  return new Date(anchor + (realMs - anchor) * clock.scale);
}

/** How many real milliseconds pass until `until` (ISO 8601) by this clock; never negative. */
export function realMsUntil(clock: VirtualClock | undefined, until: string, realMs: number): number {
  const ms = Date.parse(until) - instantOf(clock, realMs).getTime();
  return Math.max(0, Math.ceil(ms / (clock?.scale ?? 1)));
}
