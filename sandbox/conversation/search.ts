import type { CalendarOwner, Span } from './calendar.ts';
import { freeSpans, GRID_MS } from './calendar.ts';

/**
 * The first slot on the half-hour grid that starts after `now`, lies within the timeframe and suits everybody.
 *
 * @param durationMs the meeting's length
 * @returns nothing when no slot suits all
 */
export function firstCommonSlot(
  seed: string,
  owners: readonly CalendarOwner[],
  timeframe: Span,
  now: number,
  durationMs: number,
): Span | undefined {
  const from = Math.max(timeframe.start, now + 1);
  if (from >= timeframe.end) return undefined;
  let common: Span[] = [{ start: from, end: timeframe.end }];
  for (const owner of owners) common = intersect(common, freeSpans(seed, owner, from, timeframe.end));
  for (const span of common) {
    const start = Math.ceil(span.start / GRID_MS) * GRID_MS;
    if (start + durationMs <= span.end) return { start, end: start + durationMs };
  }
  return undefined;
}

/** What two lists of ordered spans have in common. */
function intersect(first: readonly Span[], second: readonly Span[]): Span[] {
  const common: Span[] = [];
  let a = 0;
  let b = 0;
  for (;;) {
    const one = first[a];
    const two = second[b];
    if (one === undefined || two === undefined) return common;
    const start = Math.max(one.start, two.start);
    const end = Math.min(one.end, two.end);
    if (start < end) common.push({ start, end });
    if (one.end < two.end) a += 1;
    else b += 1;
  }
}
