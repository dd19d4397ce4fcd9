import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs, retryAfterMs } from '../../../skipup/retry.ts';

const NOW = Date.parse('2026-02-10T12:00:00Z');

test.each<[string | undefined, string | undefined, number | undefined]>([
  [undefined, undefined, undefined],
  ['', undefined, undefined],
  ['0', undefined, 0],
  ['30', undefined, 30_000],
  [' 30 ', undefined, 30_000],
  ['1.5', undefined, 1_500],
  ['3600', undefined, 3_600_000],
  ['30000', undefined, 30_000],
  ['Tue, 10 Feb 2026 12:00:20 GMT', undefined, 20_000],
  ['Tue, 10 Feb 2026 11:00:00 GMT', undefined, 0],
  ['soon', undefined, undefined],
  ['Soon', undefined, undefined],
  ['-5', undefined, undefined],
  ['1e9', undefined, undefined],
  ['9'.repeat(40), undefined, undefined],
  ['30', '250', 250],
  ['30', 'x', 30_000],
])('Retry-After %s with Retry-After-Ms %s is %s ms', (retryAfter, inMs, expected) => {
  expect(retryAfterMs({ retryAfter, retryAfterMs: inMs }, NOW)).toBe(expected);
});

test('any header is read as a time that is not negative, or not at all', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (retryAfter, inMs) => {
      const wait = retryAfterMs({ retryAfter, retryAfterMs: inMs }, NOW);
      expect(wait === undefined || wait >= 0).toBe(true);
    }),
  );
});

test('waits grow twofold to their limit, and are anything from nothing to that', () => {
  const full = (attempt: number) => backoffMs(attempt, { baseMs: 100, maxDelayMs: 1_000, random: () => 0.999_999 });
  expect([1, 2, 3, 4, 5, 50].map(full)).toEqual([99, 199, 399, 799, 999, 999]);
  expect(backoffMs(5, { baseMs: 100, maxDelayMs: 1_000, random: () => 0 })).toBe(0);
});
