/** A minute's limit is waited out; who asks for days is asked again in an hour. */
const LEAST_MS = 1_000;
const MOST_MS = 3_600_000;

/**
 * `Retry-After`, seconds or a date, in milliseconds from 1 s to 1 h.
 *
 * @returns undefined when the header is absent or unreadable
 */
export function retryAfterMs(header: string | string[] | undefined, now: Date): number | undefined {
  const value = (Array.isArray(header) ? header[0] : header)?.trim();
  if (value === undefined || value === '') return undefined;
  const wait = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now.getTime();
  return Number.isNaN(wait) ? undefined : clampedWait(wait);
}

/** @param ms a wait that another system asks for */
export function clampedWait(ms: number): number {
  return Math.min(Math.max(Math.round(ms), LEAST_MS), MOST_MS);
}
