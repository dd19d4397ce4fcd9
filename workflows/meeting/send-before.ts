import type { VirtualClock } from '../../config/policy.ts';
import { realMsUntil } from '../clock.ts';

const DAY_MS = 86_400_000;
/** However late the window is, the first attempt is made. */
const FIRST_ATTEMPT_MS = 60_000;

/**
 * Until when a window may be sent: no later than a day after its start, and while the meeting still fits in before its end.
 * Past that it is moved, not sent: whoever is asked should have the days that were promised.
 *
 * @param plan.firstTriedAt ISO 8601, real time
 * @returns ISO 8601, real time
 */
export function sendBefore(
  plan: { timeframe: { start: string; end: string }; durationMinutes: number; firstTriedAt: string },
  clock: VirtualClock | undefined,
  nowMs: number,
): string {
  const { timeframe, durationMinutes, firstTriedAt } = plan;
  const latest = Math.min(Date.parse(timeframe.start) + DAY_MS, Date.parse(timeframe.end) - durationMinutes * 60_000);
  const untilMs = nowMs + realMsUntil(clock, new Date(latest).toISOString(), nowMs);
  return new Date(Math.max(untilMs, Date.parse(firstTriedAt) + FIRST_ATTEMPT_MS)).toISOString();
}
