import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Turns } from '../../../activities/turns.ts';
import { turnPace } from '../../../database/turn-pace.ts';

const never = new AbortController().signal;
const LIVE = 2;
const BACKFILL = 5;

/** A clock that only waiting moves; and the arithmetic of the shared turns, over it. */
function atOwnClock(perMinute: number, lateMs: () => number = () => 0) {
  const clock = { now: 0 };
  const { intervalMs, slackMs } = turnPace(perMinute);
  let nextAt = 0;
  const turns = new Turns({
    take: async (patienceMs) => {
      if (nextAt > clock.now - patienceMs) return nextAt - clock.now + patienceMs || 1;
      nextAt = Math.max(nextAt, clock.now - slackMs) + intervalMs;
      return 0;
    },
    wait: async (ms, signal) => {
      // Whoever asks meanwhile is heard before the time passes.
      await new Promise((resolve) => setImmediate(resolve));
      if (!signal.aborted) clock.now += ms + lateMs();
    },
  });
  return { clock, turns };
}

/** The most that any window of a minute has seen. */
function busiestMinute(instants: readonly number[]): number {
  return Math.max(0, ...instants.map((from) => instants.filter((at) => at >= from && at < from + 60_000).length));
}

describe('the turns of SkipUp’s limit', () => {
  it('let no minute see more than the limit, however late turns are taken and however long nobody calls', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.array(fc.record({ calls: fc.integer({ min: 1, max: 60 }), restMs: fc.integer({ min: 0, max: 90_000 }) }), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.infiniteStream(fc.integer({ min: 0, max: 400 })),
        async (perMinute, bursts, late) => {
          const { clock, turns } = atOwnClock(perMinute, () => Number(late.next().value));
          const called: number[] = [];
          for (const { calls, restMs } of bursts) {
            const call = async () => {
              await turns.turn(never, BACKFILL);
              called.push(clock.now);
            };
            await Promise.all(Array.from({ length: calls }, call));
            clock.now += restMs;
          }
          expect(busiestMinute(called)).toBeLessThanOrEqual(perMinute);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('leave room for two calls that arrive in another minute than they were sent in', () => {
    const { intervalMs, slackMs } = turnPace(120);
    expect(Math.floor((60_000 + slackMs) / intervalMs) + 1).toBeLessThanOrEqual(118);
  });

  it('use at least 95 % of SkipUp’s limit, though each is taken a little late', async () => {
    const { clock, turns } = atOwnClock(120, () => 300);
    const calls = 600;
    await Promise.all(Array.from({ length: calls }, () => turns.turn(never, BACKFILL)));
    expect((calls / clock.now) * 60_000).toBeGreaterThanOrEqual(0.95 * 120);
  });

  it('go to a live call before a waiting backfill, and to equals in their order', async () => {
    const { turns } = atOwnClock(120);
    const order: string[] = [];
    const call = async (name: string, priority: number) => {
      await turns.turn(never, priority);
      order.push(name);
    };
    await Promise.all([
      ...['b1', 'b2', 'b3', 'b4'].map((name) => call(name, BACKFILL)),
      call('l1', LIVE),
      call('l2', LIVE),
      call('by hand', 1),
    ]);
    expect(order.indexOf('by hand')).toBeLessThanOrEqual(1);
    expect(order.filter((name) => name.startsWith('l'))).toEqual(['l1', 'l2']);
    expect(order.indexOf('l2')).toBeLessThan(order.indexOf('b2'));
    expect(order.filter((name) => name.startsWith('b') && name !== 'by hand')).toEqual(['b1', 'b2', 'b3', 'b4']);
  });

  it('let a live call overtake any number of backfills: it waits one turn, not theirs', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 30 }), async (waiting, after) => {
        const { clock, turns } = atOwnClock(120);
        let served = 0;
        let asked = false;
        let servedBefore = 0;
        let servedAtLive = 0;
        let live: Promise<void> | undefined;
        const backfill = async () => {
          await turns.turn(never, BACKFILL);
          served += 1;
          if (!asked && served > Math.min(after, waiting - 1)) {
            asked = true;
            servedBefore = served;
            live = turns.turn(never, LIVE).then(() => {
              servedAtLive = served;
            });
          }
        };
        await Promise.all(Array.from({ length: waiting }, backfill));
        await live;
        // One may have had its turn already when the live call came.
        expect(servedAtLive - servedBefore).toBeLessThanOrEqual(1);
        expect(clock.now).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 40 },
    );
  });

  it('go on to the next one when somebody no longer waits', async () => {
    const { turns } = atOwnClock(120);
    const gone = new AbortController();
    const reason = new Error('cancelled');
    await turns.turn(never, LIVE);
    const leaving = turns.turn(gone.signal, LIVE);
    const staying = turns.turn(never, BACKFILL);
    gone.abort(reason);
    await expect(leaving).rejects.toBe(reason);
    await expect(staying).resolves.toBeUndefined();
    await expect(turns.turn(gone.signal, LIVE)).rejects.toBe(reason);
  });

  it('tell everybody who waits that they cannot be had, and are there again afterwards', async () => {
    let broken = true;
    const turns = new Turns({
      take: async () => {
        if (broken) throw new Error('the database is away');
        return 0;
      },
    });
    const waiting = [turns.turn(never, LIVE), turns.turn(never, BACKFILL)];
    for (const turn of waiting) await expect(turn).rejects.toThrow('the database is away');
    broken = false;
    await expect(turns.turn(never, LIVE)).resolves.toBeUndefined();
  });
});
