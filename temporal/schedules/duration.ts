const UNITS = [
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/**
 * A length of time in the largest unit that divides it, so that no two lengths read the same: `90 min`, `2 h`, `24 h`.
 *
 * @param ms milliseconds
 */
export function durationInWords(ms: number): string {
  const [unit, size] = UNITS.find(([, length]) => ms >= length && ms % length === 0) ?? ['ms', 1];
  return `${ms / size} ${unit}`;
}
