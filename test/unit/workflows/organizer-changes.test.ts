import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newMeeting, organizerChanges, withEvent } from '../../../workflows/meeting/lifecycle.ts';
import type { MeetingEvent } from '../../../workflows/messages.ts';
import { meetingEvent, permutations, REQUEST_ID } from './fixtures.ts';

const minute = (value: number) => new Date(Date.UTC(2026, 1, 11, 10, value)).toISOString();
const told = (at: number) => meetingEvent('organizer_changed', minute(at));
/** The sweep has noticed another organizer: it changed after `since`, and at `at` at the latest. */
const noticed = (since: number, at: number) =>
  meetingEvent('organizer_changed', minute(at), { key: `sweep since ${since}`, since: minute(since) });
const count = (events: readonly MeetingEvent[]) => organizerChanges(events.reduce(withEvent, newMeeting(REQUEST_ID)));

describe('how often the organizer has changed', () => {
  it.each<[string, MeetingEvent[], number]>([
    ['two webhooks are two', [told(1), told(2)], 2],
    ['one that the sweep has noticed is one', [noticed(0, 5)], 1],
    ['the webhook of what the sweep has noticed adds none', [noticed(0, 5), told(3)], 1],
    ['nor does one at the very instant', [noticed(0, 5), told(5)], 1],
    ['two webhooks for what the sweep has noticed as one are two', [noticed(0, 5), told(2), told(4)], 2],
    ['a webhook of a change before that is another', [told(1), noticed(1, 5)], 2],
    ['and of one after it, too', [noticed(0, 5), told(7)], 2],
    ['sweep after sweep', [noticed(0, 5), noticed(5, 9), told(6)], 2],
  ])('%s, in any order', (_name, events, expected) => {
    for (const order of permutations(events)) expect(count([...order, ...order])).toBe(expected);
  });

  it('takes a webhook that was written a moment after the change for the same', () => {
    const moment = meetingEvent('organizer_changed', new Date(Date.parse(minute(5)) + 2_000).toISOString());
    expect(count([noticed(0, 5), moment])).toBe(1);
  });

  it('never falls, whatever comes', () => {
    const times = fc.integer({ min: 1, max: 30 });
    const event = fc.oneof(
      times.map(told),
      fc.tuple(times, times).map(([a, b]) => noticed(Math.min(a, b), Math.max(a, b) + 1)),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 10 }), (events) => {
        const counts = events.map((_, index) => count(events.slice(0, index + 1)));
        expect(counts).toEqual([...counts].sort((a, b) => a - b));
      }),
    );
  });
});
