/**
 * An instant of Salesforce's as ISO 8601: it writes `2026-11-20T16:00:00.000+0000`, and ISO 8601 wants a colon in the offset.
 *
 * @returns undefined for what is none
 */
export function instantOf(value: string | null | undefined): string | undefined {
  const ms = Date.parse(value?.replace(/([+-]\d{2})(\d{2})$/, '$1:$2') ?? '');
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
