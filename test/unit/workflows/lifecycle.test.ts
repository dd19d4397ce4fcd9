import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meetingStatus, newMeeting, withEvent } from '../../../workflows/meeting/lifecycle.ts';
import { MEETING_EVENTS, type MeetingEvent } from '../../../workflows/messages.ts';
import { meetingEvent, permutations, REQUEST_ID } from './fixtures.ts';

const following = (events: readonly MeetingEvent[]) => events.reduce(withEvent, newMeeting(REQUEST_ID));

describe('what is known of a meeting request', () => {
  it.each([
    ['nothing but its creation', [meetingEvent('created', '2026-02-10T10:00:00Z')], 'active'],
    ['paused', [meetingEvent('paused', '2026-02-11T10:00:00Z')], 'paused'],
    [
      'paused, then resumed',
      [meetingEvent('paused', '2026-02-11T10:00:00Z'), meetingEvent('resumed', '2026-02-11T11:00:00Z')],
      'active',
    ],
    [
      'resumed, then paused again',
      [meetingEvent('resumed', '2026-02-11T10:00:00Z'), meetingEvent('paused', '2026-02-11T11:00:00Z')],
      'paused',
    ],
    [
      'paused and resumed in the same second',
      [meetingEvent('paused', '2026-02-11T10:00:00Z'), meetingEvent('resumed', '2026-02-11T10:00:00Z')],
      'active',
    ],
    [
      'booked while paused',
      [meetingEvent('paused', '2026-02-11T10:00:00Z'), meetingEvent('booked', '2026-02-11T09:00:00Z')],
      'booked',
    ],
    [
      'booked, then cancelled by a person',
      [meetingEvent('booked', '2026-02-11T10:00:00Z'), meetingEvent('cancelled', '2026-02-12T10:00:00Z')],
      'cancelled',
    ],
  ])('%s, in whatever order it comes, is one status', (_name, events, status) => {
    for (const order of permutations(events)) expect(meetingStatus(following(order))).toBe(status);
  });

  it('counts follow-ups by their keys, not by their deliveries', () => {
    const first = meetingEvent('follow_up_sent', '2026-02-11T10:00:00Z');
    const second = meetingEvent('follow_up_sent', '2026-02-12T10:00:00Z');
    expect(following([first, second, first, first]).followUpKeys).toHaveLength(2);
  });

  it('leaves a request alone that an event is not about', () => {
    const other = { ...meetingEvent('cancelled', '2026-02-11T10:00:00Z'), requestId: 'mr_01OTHER' };
    expect(following([other])).toEqual(newMeeting(REQUEST_ID));
  });

  it('is the same for any order and any repetition of the same events', () => {
    const anyEvent = fc
      .record({
        name: fc.constantFrom(...MEETING_EVENTS),
        minute: fc.integer({ min: 0, max: 59 }),
        calendarEventId: fc.option(fc.constantFrom('evt_a', 'evt_b'), { nil: undefined }),
      })
      .map(({ name, minute, calendarEventId }) =>
        meetingEvent(name, `2026-02-11T10:${String(minute).padStart(2, '0')}:00Z`, {
          ...(calendarEventId === undefined ? {} : { calendarEventId }),
        }),
      );
    fc.assert(
      fc.property(
        fc
          .array(anyEvent, { maxLength: 8 })
          .chain((events) =>
            fc.tuple(
              fc.constant(events),
              fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
            ),
          ),
        ([events, shuffled]) => {
          expect(following(shuffled)).toEqual(following(events));
        },
      ),
    );
  });
});
