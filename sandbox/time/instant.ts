/** Most of what happens at an instant is written with it several times: the last texts are the same strings in memory. */
const RECENT = 512;
const recent = new Map<number, string>();

/** An instant as SkipUp writes it: whole seconds, `Z`. */
export function iso(ms: number): string {
  const second = Math.floor(ms / 1000);
  const known = recent.get(second);
  if (known !== undefined) return known;
  // Through bytes, because a part of another string keeps the whole of it in memory.
  const text = Buffer.from(`${new Date(second * 1000).toISOString().slice(0, 19)}Z`, 'latin1').toString('latin1');
  if (recent.size >= RECENT) recent.clear();
  recent.set(second, text);
  return text;
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
