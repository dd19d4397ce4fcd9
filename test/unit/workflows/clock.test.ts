import { describe, expect, it } from 'vitest';
import { instantOf, realMsUntil } from '../../../workflows/clock.ts';

const anchor = Date.parse('2026-02-10T00:00:00Z');

describe('the kickoff’s clock', () => {
  it('is the wall’s without a virtual one', () => {
    expect(instantOf(undefined, anchor).toISOString()).toBe('2026-02-10T00:00:00.000Z');
    expect(realMsUntil(undefined, '2026-02-10T00:01:00Z', anchor)).toBe(60_000);
  });

  it('makes a day of a second when it runs 86,400 times as fast', () => {
    const clock = { anchor: '2026-02-10T00:00:00Z', scale: 86_400 };
    expect(instantOf(clock, anchor + 1000).toISOString()).toBe('2026-02-11T00:00:00.000Z');
    expect(realMsUntil(clock, '2026-02-20T00:00:00Z', anchor)).toBe(10_000);
  });

  it('does not wait for what has passed', () => {
    expect(realMsUntil(undefined, '2026-02-09T00:00:00Z', anchor)).toBe(0);
  });
});
