import { describe, expect, it } from 'vitest';
import { isMeetingEvent, meetingEventOf, storedWebhook } from '../../../workflows/meeting/from-webhook.ts';

const receivedAt = new Date('2026-11-21T09:00:00Z');
const timestamp = '2026-11-20T16:00:00Z';
const stored = (event: { event: string; timestamp?: string; [field: string]: unknown }) =>
  storedWebhook({ timestamp, ...event }, receivedAt);

describe('a SkipUp event as it is kept', () => {
  it.each(['created', 'booked', 'cancelled', 'paused', 'resumed', 'organizer_changed', 'follow_up_sent'])(
    'meeting_request.%s can be read by the workflow’s own reader',
    (name) => {
      const { requestId, payload } = stored({ event: `meeting_request.${name}`, id: 'mr_1' });
      expect(requestId).toBe('mr_1');
      expect(meetingEventOf(payload, 'k1')).toMatchObject({ key: 'k1', name, requestId: 'mr_1' });
    },
  );

  it.each([
    { meeting_request_id: 'mr_2' },
    { meeting_request: { id: 'mr_2' } },
    { data: { id: 'mr_2' } },
    { id: null, data: { id: 'mr_2' } },
  ])('has its request’s id in one place, wherever it came: %j', (fields) => {
    const { requestId, payload } = stored({ event: 'meeting_request.follow_up_sent', ...fields });
    expect(requestId).toBe('mr_2');
    expect(payload).toMatchObject({ id: 'mr_2' });
  });

  it.each([{}, { id: '' }, { id: 7 }, { data: 'mr_2' }])('without its request’s id has none: %j', (fields) => {
    expect(stored({ event: 'meeting_request.booked', ...fields }).requestId).toBeUndefined();
  });

  it('has the time of arrival when its own cannot be read, and its own otherwise', () => {
    const event = { event: 'meeting_request.booked', id: 'mr_1' };
    expect(stored({ ...event, timestamp: 'yesterday' }).payload).toMatchObject({
      timestamp: '2026-11-21T09:00:00.000Z',
    });
    expect(stored(event).payload).toEqual({ ...event, timestamp });
  });

  it('is left as it came when it is about something else', () => {
    const event = { event: 'member.deactivated', id: 'mem_1', timestamp: 'yesterday' };
    expect(stored(event)).toEqual({ payload: event });
    expect(isMeetingEvent('member.deactivated')).toBe(false);
    expect(isMeetingEvent('meeting_request.booked')).toBe(true);
  });

  it.each([
    [{ noticed_by: 'sweep', changed_after: '2026-11-20T15:00:00Z' }, '2026-11-20T15:00:00.000Z'],
    [{ changed_after: '2026-11-20T15:00:00Z' }, undefined],
    [{ noticed_by: 'sweep', changed_after: 'some time ago' }, undefined],
    [{ noticed_by: 'sweep' }, undefined],
  ])('%j says since when it may have been only when the sweep has noticed it', (more, since) => {
    const { payload } = stored({ event: 'meeting_request.organizer_changed', id: 'mr_1', ...more });
    expect(meetingEventOf(payload, 'k1')?.since).toBe(since);
  });
});
