import { describe, expect, it } from 'vitest';
import { atOneTime, TooBusy } from '../../../../console/access/at-one-time.ts';
import { AttemptLimit } from '../../../../console/access/attempt-limit.ts';

describe('attempts with one name', () => {
  const limit = (options: { max: number; capacity?: number }) => {
    const clock = { at: new Date('2026-02-10T09:00:00Z').getTime() };
    return { clock, attempts: new AttemptLimit({ windowMs: 60_000, now: () => new Date(clock.at), ...options }) };
  };

  it('may be made so often in a window, and again when it is over', () => {
    const { clock, attempts } = limit({ max: 2 });
    expect([attempts.begin('ada'), attempts.begin('ada')]).toEqual([undefined, undefined]);
    clock.at += 20_000;
    expect(attempts.begin('ada')).toBe(40);
    expect(attempts.begin('bo')).toBeUndefined();
    clock.at += 40_000;
    expect(attempts.begin('ada')).toBeUndefined();
  });

  it('are forgotten when one was right', () => {
    const { attempts } = limit({ max: 1 });
    attempts.begin('ada');
    attempts.forget('ada');
    expect(attempts.begin('ada')).toBeUndefined();
  });

  it('are counted for a bounded number of names', () => {
    const { attempts } = limit({ max: 1, capacity: 2 });
    for (const name of ['ada', 'bo', 'cy']) attempts.begin(name);
    expect(attempts.begin('cy')).toBe(60);
    expect(attempts.begin('bo')).toBe(60);
    expect(attempts.begin('ada')).toBeUndefined();
  });
});

describe('what runs at one time', () => {
  it('is bounded: more waits in its turn, and is refused when there is no room', async () => {
    const bounded = atOneTime(1, 1);
    const order: string[] = [];
    const gate: (() => void)[] = [];
    const first = bounded(async () => {
      await new Promise<void>((resolve) => gate.push(resolve));
      order.push('first');
    });
    const second = bounded(async () => order.push('second'));
    await expect(bounded(async () => order.push('third'))).rejects.toBeInstanceOf(TooBusy);
    for (const open of gate) open();
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
    await bounded(async () => order.push('fourth'));
    expect(order).toHaveLength(3);
  });

  it('gives its place on when it fails', async () => {
    const bounded = atOneTime(1, 0);
    await expect(bounded(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await bounded(async () => 'yes')).toBe('yes');
  });
});
