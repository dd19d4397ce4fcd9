import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backoffMs } from '../../../triggers/backoff.ts';
import { createBell } from '../../../triggers/bell.ts';
import { withinMs } from '../../../triggers/deadline.ts';

describe('the wait before the next attempt', () => {
  it('doubles from a second to a minute, and stays between half and all of that', () => {
    expect([1, 2, 3, 6, 7, 50, 1e9].map((attempt) => backoffMs(attempt, 1))).toEqual([
      1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000,
    ]);
    expect([1, 7].map((attempt) => backoffMs(attempt, 0))).toEqual([500, 30_000]);
    expect(backoffMs(0, 1)).toBe(1_000);
  });
});

describe('with a clock that stands still', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('a bell ends the wait that goes on, or the next one', async () => {
    const bell = createBell();
    const wait = bell.wait(60_000);
    bell.ring();
    await wait;
    bell.ring();
    bell.ring();
    await bell.wait(60_000);
    const third = vi.fn();
    void bell.wait(1_000).then(third);
    await vi.advanceTimersByTimeAsync(999);
    expect(third).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(third).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a limit ends a wait for what never comes, and leaves no timer behind', async () => {
    const late = expect(withinMs(100, 'storing', new Promise(() => undefined))).rejects.toThrow(
      'storing took longer than 100 ms',
    );
    await vi.advanceTimersByTimeAsync(100);
    await late;
    expect(await withinMs(100, 'storing', Promise.resolve(7))).toBe(7);
    expect(vi.getTimerCount()).toBe(0);
  });
});
