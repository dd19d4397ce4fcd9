import { expect, it } from 'vitest';
import { sendBefore } from '../../../workflows/meeting/send-before.ts';

const firstTriedAt = '2026-02-10T09:00:00.000Z';
const nowMs = Date.parse(firstTriedAt);
const until = (start: string, end: string, durationMinutes = 60) =>
  sendBefore({ timeframe: { start, end }, durationMinutes, firstTriedAt }, undefined, nowMs);

it.each<[string, string, string]>([
  ['a day after its start', until('2026-02-12T05:00:00Z', '2026-02-22T04:59:59Z'), '2026-02-13T05:00:00.000Z'],
  ['while the meeting fits in', until('2026-02-10T09:00:00Z', '2026-02-10T22:59:59Z'), '2026-02-10T21:59:59.000Z'],
  ['while a long one fits in', until('2026-02-10T09:00:00Z', '2026-02-10T22:59:59Z', 480), '2026-02-10T14:59:59.000Z'],
  [
    'for a minute at least: the first attempt',
    until('2026-02-01T00:00:00Z', '2026-02-05T23:59:59Z'),
    '2026-02-10T09:01:00.000Z',
  ],
])('a window is sent until %s', (_what, instant, expected) => {
  expect(instant).toBe(expected);
});

it('goes by the kickoff’s own clock, in real time', () => {
  // A day in a minute.
  const clock = { anchor: firstTriedAt, scale: 1440 };
  const timeframe = { start: '2026-02-12T09:00:00Z', end: '2026-02-22T04:59:59Z' };
  expect(sendBefore({ timeframe, durationMinutes: 60, firstTriedAt }, clock, nowMs)).toBe('2026-02-10T09:03:00.000Z');
});
