import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EvenPace } from '../../../activities/backfill/even-pace.ts';
import { isOfTheDeal } from '../../../activities/backfill/of-the-deal.ts';

const never = new AbortController().signal;

function paceOf(perMinute: number) {
  const clock = { now: 0, late: 0 };
  const pace = new EvenPace(perMinute, {
    now: () => clock.now,
    wait: async (ms, signal) => {
      signal.throwIfAborted();
      clock.now += ms + clock.late;
    },
  });
  return { clock, pace };
}

describe('the pace of a backfill', () => {
  it('is even, with no burst at its beginning or after a rest', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 2_000 }),
        fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 2, maxLength: 60 }),
        async (perMinute, work) => {
          const { clock, pace } = paceOf(perMinute);
          const begun: number[] = [];
          for (const ms of work) {
            await pace.turn(never);
            begun.push(clock.now);
            clock.now += ms;
          }
          const intervalMs = 60_000 / perMinute;
          // From any turn on: no more than one for each interval that has passed, and the one that was due already.
          for (const [from, at] of begun.entries()) {
            for (const [more, later] of begun.slice(from).entries()) {
              expect(more).toBeLessThanOrEqual((later - at) / intervalMs + 1 + 1e-6);
            }
          }
        },
      ),
    );
  });

  it('is kept though each waking is a little late', async () => {
    const { clock, pace } = paceOf(600);
    clock.late = 5;
    for (let turn = 0; turn <= 600; turn += 1) await pace.turn(never);
    expect(clock.now).toBeLessThan(60_100);
  });

  it('ends with the reason of the signal', async () => {
    const { pace } = paceOf(60);
    const gone = new AbortController();
    gone.abort(new Error('cancelled'));
    await expect(pace.turn(gone.signal)).rejects.toThrow('cancelled');
  });
});

describe('an error in starting a deal', () => {
  const withCode = (code: unknown) => Object.assign(new Error('x'), { code });

  it.each<[string, unknown, boolean]>([
    ['text that PostgreSQL does not take', withCode('22P02'), true],
    ['a broken rule of a table', withCode('23514'), true],
    ['the same, as the cause of another', new Error('outer', { cause: withCode('22P02') }), true],
    ['a fault of the program', new TypeError('x is not a function'), true],
    ['no connection to PostgreSQL', withCode('ECONNREFUSED'), false],
    ['PostgreSQL shutting down', withCode('57P01'), false],
    ['an argument that Temporal does not take', Object.assign(withCode(3), { details: '', metadata: {} }), true],
    ['Temporal being away', Object.assign(withCode(14), { details: '', metadata: {} }), false],
    ['whatever else', new Error('x'), false],
    ['what is no error', 'x', false],
  ])('%s: of the deal alone is %s', (_name, error, expected) => {
    expect(isOfTheDeal(error)).toBe(expected);
  });
});
