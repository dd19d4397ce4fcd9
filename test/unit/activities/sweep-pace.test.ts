import { describe, expect, it } from 'vitest';
import { Pace, waitMs } from '../../../activities/sweep/pace.ts';

const never = new AbortController().signal;

/** A pace over a clock that waiting moves. */
function paceOf(perMinute: number) {
  const clock = { now: 0 };
  const pace = new Pace({
    perMinute,
    now: () => clock.now,
    wait: async (ms) => {
      clock.now += ms;
    },
  });
  return {
    clock,
    turns: async (count: number) => void (await Promise.all([...Array(count)].map(() => pace.turn(never)))),
    pace,
  };
}

describe('the pace of a sweep', () => {
  it('lets what a quiet workspace needs through at once', async () => {
    const { clock, turns } = paceOf(24);
    await turns(8);
    expect(clock.now).toBe(0);
  });

  it.each([1, 8, 24, 60])('at %i calls a minute no minute sees more, the burst included', async (perMinute) => {
    const { clock, pace } = paceOf(perMinute);
    const made: number[] = [];
    for (let call = 0; call < 5 * perMinute; call += 1) {
      await pace.turn(never);
      made.push(clock.now);
    }
    const busiest = made.map((from) => made.filter((at) => at >= from && at < from + 60_000).length);
    expect(Math.max(...busiest)).toBeLessThanOrEqual(perMinute);
  });

  it('has its burst again after a rest, and no more', async () => {
    const { clock, pace, turns } = paceOf(60);
    await turns(8);
    clock.now += 3_600_000;
    const began = clock.now;
    await turns(8);
    expect(clock.now).toBe(began);
    await pace.turn(never);
    expect(clock.now).toBeGreaterThan(began + 1_000);
  });

  it('ends its waiting with the reason of the signal', async () => {
    const gone = new AbortController();
    const reason = new Error('cancelled');
    const waiting = waitMs(60_000, gone.signal);
    gone.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(new Pace({ perMinute: 1 }).turn(gone.signal)).rejects.toBe(reason);
  });
});
