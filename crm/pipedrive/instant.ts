/** The latest instant a Date can hold, in milliseconds. */
const LATEST_MS = 8_640_000_000_000_000;
/** A number below this counts seconds: as milliseconds it would be a day in 1970. */
const LEAST_MS = 100_000_000_000;

/**
 * An instant in any of the spellings that Pipedrive uses, as ISO 8601 in UTC.
 *
 * Its documents show ISO 8601 in API v2 and in the webhooks' example, `YYYY-MM-DD HH:MM:SS` (UTC) in API v1, and "10
 * character timestamp" (unix seconds) for the webhooks' `meta.timestamp`.
 *
 * @returns undefined when there is none or it cannot be read
 */
export function instantOf(value: string | number | null | undefined): string | undefined {
  if (value === null || value === undefined) {
    return undefined;
  }
  const number = typeof value === 'number' ? value : /^\d{1,16}$/.test(value.trim()) ? Number(value) : undefined;
  const ms = number === undefined ? parseText(String(value)) : number < LEAST_MS ? number * 1_000 : number;
  return Number.isFinite(ms) && ms > 0 && ms <= LATEST_MS ? new Date(ms).toISOString() : undefined;
}

function parseText(value: string): number {
  const text = value.trim();
  const withoutZone = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)$/.exec(text);
  return Date.parse(withoutZone === null ? text : `${withoutZone[1]}T${withoutZone[2]}Z`);
}
