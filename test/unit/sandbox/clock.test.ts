import { describe, expect, it } from 'vitest';
import type { Task } from '../../../sandbox/time/agenda.ts';
import { Agenda } from '../../../sandbox/time/agenda.ts';
import { clockReading, configuredClock, VirtualClock } from '../../../sandbox/time/clock.ts';
import { readDuration } from '../../../sandbox/time/instant.ts';

const ANCHOR = Date.parse('2026-02-10T14:00:00Z');

describe('the clock', () => {
  it('shows anchor + (real − anchor) × scale', () => {
    const state = configuredClock({ anchor: '2026-02-10T14:00:00Z', scale: 7200 }, ANCHOR);
    expect(clockReading(state, ANCHOR)).toBe(ANCHOR);
    expect(clockReading(state, ANCHOR + 1000)).toBe(ANCHOR + 7_200_000);
    expect(clockReading(state, ANCHOR - 500)).toBe(ANCHOR - 3_600_000);
  });

  it('freezes, moves forward, changes its pace, and never jumps back', () => {
    let real = ANCHOR;
    const clock = new VirtualClock(configuredClock(undefined, real), () => real);
    real += 5000;
    expect(clock.now()).toBe(ANCHOR + 5000);
    clock.setFrozen(true);
    real += 60_000;
    expect(clock.now()).toBe(ANCHOR + 5000);
    expect(clock.realDelayUntil(ANCHOR + 6000)).toBeUndefined();
    clock.moveTo(ANCHOR + 9000);
    clock.moveTo(ANCHOR);
    expect(clock.now()).toBe(ANCHOR + 9000);
    clock.setScale(10);
    clock.setFrozen(false);
    expect(clock.now()).toBe(ANCHOR + 9000);
    real += 100;
    expect(clock.now()).toBe(ANCHOR + 10_000);
    expect(clock.realDelayUntil(ANCHOR + 20_000)).toBe(1000);
    expect(clock.realDelayUntil(ANCHOR)).toBe(0);
  });

  it.each([
    ['90m', 5_400_000],
    ['2d', 172_800_000],
    ['1d12h', 129_600_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    [1500, 1500],
    ['', undefined],
    ['2 days', undefined],
    ['-1h', undefined],
    [-1, undefined],
    [Number.NaN, undefined],
  ])('reads %j as %s ms', (given, ms) => {
    expect(readDuration(given)).toBe(ms);
  });
});

describe('the agenda', () => {
  const deliver = (deliveryId: string, seconds: number) =>
    ({ kind: 'deliver', deliveryId, dueAt: ANCHOR + 1000 * seconds }) as const;

  function setUp(run: (task: Task, agenda: Agenda) => Promise<void> | undefined) {
    const clock = new VirtualClock({ ...configuredClock({ frozenAt: '2026-02-10T14:00:00Z' }, ANCHOR) }, () => ANCHOR);
    const ran: [string, number][] = [];
    const errors: unknown[] = [];
    const agenda: Agenda = new Agenda(
      clock,
      (task) => {
        if (task.kind === 'deliver') ran.push([task.deliveryId, (clock.now() - ANCHOR) / 1000]);
        return run(task, agenda);
      },
      (error) => errors.push(error),
    );
    agenda.start();
    return { agenda, clock, ran, errors };
  }

  it('runs what becomes due on the way, each at its own instant, the earlier added first', async () => {
    const { agenda, clock, ran } = setUp(() => undefined);
    for (const [name, at] of [
      ['c', 30],
      ['a', 10],
      ['d', 30],
      ['later', 61],
      ['b', 20],
    ] as const)
      agenda.add(deliver(name, at));
    await agenda.advance(60_000);
    expect(ran).toEqual([
      ['a', 10],
      ['b', 20],
      ['c', 30],
      ['d', 30],
    ]);
    expect(clock.now()).toBe(ANCHOR + 60_000);
    expect(agenda.size).toBe(1);
  });

  it('runs in order whatever the order in which many were added', async () => {
    const { agenda, ran } = setUp(() => undefined);
    for (let n = 0; n < 500; n += 1) agenda.add(deliver(String(n), (n * 7919) % 1000));
    for (let n = 0; n < 500; n += 3) expect(agenda.takeBack(String(n))).toHaveLength(1);
    expect([agenda.size, agenda.waiting().length, agenda.has('3'), agenda.has('4')]).toEqual([333, 333, false, true]);
    await agenda.advance(1_000_000);
    expect(ran).toHaveLength(333);
    expect(ran.map(([, at]) => at)).toEqual(ran.map(([, at]) => at).toSorted((a, b) => a - b));
  });

  it('waits for what a task has started before time goes on, and runs what follows from it', async () => {
    const { agenda, ran } = setUp(async (task, self) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (task.kind === 'deliver' && task.deliveryId === 'try') self.add(deliver('again', 5));
    });
    agenda.add(deliver('try', 1));
    agenda.add(deliver('late', 50));
    await agenda.advance(60_000);
    expect(ran).toEqual([
      ['try', 1],
      ['again', 5],
      ['late', 50],
    ]);
  });

  it('goes on after a task that throws', async () => {
    const { agenda, ran, errors } = setUp((task) => {
      if (task.kind === 'deliver' && task.deliveryId === 'bad') throw new Error('bad');
      return task.kind === 'deliver' && task.deliveryId === 'worse' ? Promise.reject(new Error('worse')) : undefined;
    });
    for (const [n, name] of ['bad', 'worse', 'good'].entries()) agenda.add(deliver(name, n));
    await agenda.advance(60_000);
    expect(ran.map(([name]) => name)).toEqual(['bad', 'worse', 'good']);
    expect(errors).toEqual([new Error('bad'), new Error('worse')]);
  });

  it('runs one advance after the other', async () => {
    const { agenda, clock } = setUp(() => undefined);
    await Promise.all([agenda.advance(1000), agenda.advance(2000)]);
    expect(clock.now()).toBe(ANCHOR + 3000);
  });
});
