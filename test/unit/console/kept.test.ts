import { expect, it } from 'vitest';
import { kept } from '../../../console/page/kept.ts';

/** A clock that is moved by hand, and something that is counted whenever it is found out. */
function counted() {
  let now = 0;
  let found = 0;
  let fails = false;
  const get = kept(
    async () => {
      found += 1;
      if (fails) throw new Error('not now');
      return found;
    },
    { ms: 10, staleMs: 100 },
    () => now,
  );
  return { get, wait: (ms: number) => (now += ms), fail: (does: boolean) => (fails = does), times: () => found };
}

it('finds out once what several ask for, and keeps it a while', async () => {
  const { get, wait, times } = counted();
  expect(await Promise.all([get(), get()])).toEqual([1, 1]);
  wait(9);
  expect(await get()).toBe(1);
  expect(times()).toBe(1);
});

it('shows what is a little old while it is found out anew, and what is too old to nobody', async () => {
  const { get, wait } = counted();
  await get();
  wait(10);
  expect(await get()).toBe(1);
  await Promise.resolve();
  expect(await get()).toBe(2);
  wait(100);
  expect(await get()).toBe(3);
});

it('does not keep a failure, and hides one only as long as there is something to show', async () => {
  const { get, wait, fail } = counted();
  await get();
  fail(true);
  wait(10);
  expect(await get()).toBe(1);
  wait(100);
  await expect(get()).rejects.toThrow('not now');
  fail(false);
  expect(await get()).toBeGreaterThan(1);
});
