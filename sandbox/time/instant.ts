/** An instant as SkipUp writes it: whole seconds, `Z`. */
export function iso(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * Reads a length of time: milliseconds as a number, or text such as `90m`, `2d`, `1d12h`.
 *
 * @returns milliseconds, or `undefined` for anything else
 */
export function readDuration(given: number | string): number | undefined {
  if (typeof given === 'number') return Number.isFinite(given) && given >= 0 ? given : undefined;
  if (!/^(?:\d{1,9}(?:\.\d{1,6})?(?:ms|s|m|h|d|w))+$/.test(given)) return undefined;
  let total = 0;
  for (const [, amount, unit] of given.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)) {
    total += Number(amount) * (UNITS[unit ?? ''] ?? 0);
  }
  return total;
}
