import { describe, expect, it } from 'vitest';
import { freeSpans } from '../../../sandbox/conversation/calendar.ts';
import { draw, drawBetween, idFrom } from '../../../sandbox/seed.ts';
import { delayAfter } from '../../../sandbox/webhooks/retry.ts';

describe('the seed', () => {
  it('gives the same draws and ids for the same parts, and keeps the parts apart', () => {
    expect(draw('seed', 'a', 'bc')).toBe(draw('seed', 'a', 'bc'));
    expect(draw('seed', 'a', 'bc')).not.toBe(draw('seed', 'ab', 'c'));
    expect(idFrom('mr', 'seed', 1)).toBe(idFrom('mr', 'seed', 1));
  });

  it('makes ids that never repeat', () => {
    const ids = new Set(Array.from({ length: 20_000 }, (_, n) => idFrom('mr', 'seed', n)));
    expect(ids.size).toBe(20_000);
  });

  it('draws evenly between both ends', () => {
    const counts = [0, 0, 0, 0];
    for (let n = 0; n < 4000; n += 1) {
      const drawn = drawBetween(1, 3, 'seed', n);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    expect(counts[0]).toBe(0);
    for (const count of counts.slice(1)) expect(count).toBeGreaterThan(1200);
  });
});

describe('SkipUp’s retry table', () => {
  it.each([
    [1, 3],
    [2, 18],
    [3, 83],
    [4, 258],
    [5, 627],
    [6, 1298],
    [7, 2403],
  ])('waits after attempt %i for %i s and up to 15 %% more', (attempt, seconds) => {
    const delays = Array.from({ length: 200 }, (_, n) => (delayAfter(attempt, 'seed', String(n)) ?? 0) / 1000);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(seconds);
    expect(Math.max(...delays)).toBeLessThanOrEqual(seconds * 1.15 + 0.001);
    expect(Math.max(...delays)).toBeGreaterThan(seconds * 1.1);
  });

  it('has no ninth attempt', () => {
    expect(delayAfter(8, 'seed')).toBeUndefined();
  });
});

describe('a calendar', () => {
  const owner = (habits: object, timezone = 'America/New_York') => ({ email: 'a@b.example', timezone, habits });
  const at = (text: string) => Date.parse(text);
  const shown = (spans: { start: number; end: number }[]) =>
    spans.map(({ start, end }) => [new Date(start).toISOString(), new Date(end).toISOString()]);

  it('keeps the working day at nine when the clocks go forward', () => {
    // 8 March 2026: New York turns from UTC−5 to UTC−4.
    const free = freeSpans('seed', owner({ busy: [] }), at('2026-03-06T00:00:00Z'), at('2026-03-10T00:00:00Z'));
    expect(shown(free)).toEqual([
      ['2026-03-06T14:00:00.000Z', '2026-03-06T22:00:00.000Z'],
      ['2026-03-09T13:00:00.000Z', '2026-03-09T21:00:00.000Z'],
    ]);
  });

  it('knows other working hours, days, holidays and busy times', () => {
    const habits = {
      workingHours: { start: '08:00', end: '12:00', days: [6, 7] },
      holidays: ['2026-02-15'],
      busy: [
        { start: '2026-02-14T09:00:00Z', end: '2026-02-14T09:30:00Z' },
        { start: '2026-02-14T07:00:00Z', end: '2026-02-14T08:30:00Z' },
      ],
    };
    const free = freeSpans('seed', owner(habits, 'UTC'), at('2026-02-09T00:00:00Z'), at('2026-02-22T09:00:00Z'));
    expect(shown(free)).toEqual([
      ['2026-02-14T08:30:00.000Z', '2026-02-14T09:00:00.000Z'],
      ['2026-02-14T09:30:00.000Z', '2026-02-14T12:00:00.000Z'],
      ['2026-02-21T08:00:00.000Z', '2026-02-21T12:00:00.000Z'],
      ['2026-02-22T08:00:00.000Z', '2026-02-22T09:00:00.000Z'],
    ]);
  });

  it('is busy at the same times whatever window is looked at', () => {
    const whole = freeSpans('seed', owner({}), at('2026-02-09T00:00:00Z'), at('2026-02-14T00:00:00Z'));
    const later = freeSpans('seed', owner({}), at('2026-02-11T00:00:00Z'), at('2026-02-14T00:00:00Z'));
    expect(later).toEqual(whole.filter(({ start }) => start >= at('2026-02-11T00:00:00Z')));
    const hours = whole.reduce((sum, { start, end }) => sum + (end - start) / 3_600_000, 0);
    expect(hours).toBeGreaterThan(20);
    expect(hours).toBeLessThan(40);
  });
});
