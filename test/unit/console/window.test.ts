import { describe, expect, it } from 'vitest';
import { localTime } from '../../../console/kickoff/commands/window.ts';

describe('day and time as a person types them', () => {
  it.each([
    ['2026-02-10T14:30', 'UTC', '2026-02-10T14:30:00Z'],
    ['2026-02-10T14:30', 'Europe/Berlin', '2026-02-10T13:30:00Z'],
    ['2026-07-10T14:30:15', 'America/New_York', '2026-07-10T18:30:15Z'],
    ['2026-02-10T14:30', 'Asia/Kathmandu', '2026-02-10T08:45:00Z'],
  ])('%s in %s is %s', (text, zone, instant) => {
    expect(localTime(text, zone)).toEqual({ instant });
  });

  it.each([
    ['2026-03-29T02:30', 'Europe/Berlin', 'put forward'],
    ['2026-03-08T02:00', 'America/New_York', 'put forward'],
    ['2026-10-25T02:30', 'Europe/Berlin', 'put back'],
    ['2026-02-30T10:00', 'UTC', 'no such time'],
    ['2026-02-10T25:00', 'UTC', 'no such time'],
    ['2026-02-10', 'UTC', 'Give day and time'],
    ['tomorrow', 'UTC', 'Give day and time'],
    ['2026-02-10T14:30Z', 'UTC', 'Give day and time'],
    ['2026-02-10T14:30', 'Mars/Base', 'no such time'],
  ])('%s in %s is refused: %s', (text, zone, words) => {
    expect(localTime(text, zone)).toEqual({ fault: expect.stringContaining(words) });
  });
});
