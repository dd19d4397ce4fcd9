import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CallScope } from '../../../skipup/call-scope.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a scope ends by itself, as a time-out in all', () => {
  const scope = new CallScope(1_000, undefined);
  expect(scope.error('x', true)).toBeUndefined();
  vi.advanceTimersByTime(999);
  expect(scope.signal.aborted).toBe(false);
  expect(scope.remainingMs).toBeCloseTo(1);
  vi.advanceTimersByTime(1);
  expect(scope.signal.aborted).toBe(true);
  expect(scope.error('x', true)).toMatchObject({ code: 'timeout', phase: 'total', ambiguous: true });
  expect(scope.error('x', false)).toMatchObject({ code: 'timeout', phase: 'total', ambiguous: false });
});

test('a scope ends with the caller’s signal, whichever came first', () => {
  const controller = new AbortController();
  const scope = new CallScope(1_000, controller.signal);
  controller.abort('enough');
  vi.advanceTimersByTime(500);
  expect(scope.error('x', false)).toMatchObject({ code: 'aborted', cause: 'enough' });
});

test('a closed scope leaves no timer behind and no longer listens', () => {
  const controller = new AbortController();
  const scope = new CallScope(1_000, controller.signal);
  expect(vi.getTimerCount()).toBe(1);
  scope.close();
  expect(vi.getTimerCount()).toBe(0);
  controller.abort();
  expect(scope.signal.aborted).toBe(false);
});
