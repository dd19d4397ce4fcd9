import { describe, expect, it } from 'vitest';
import type { KickoffPolicy } from '../../../config/policy.ts';
import type { KickoffEvent } from '../../../workflows/kickoff/reduce.ts';
import type { KickoffState } from '../../../workflows/kickoff/state.ts';
import { extendedWindow } from '../../../workflows/kickoff/window.ts';
import {
  accepted,
  CLOSES_AT,
  created,
  following,
  meetingEvent,
  policy as plain,
  REQUEST_ID,
  resolution,
  resolved,
} from './fixtures.ts';

const policy: KickoffPolicy = { ...plain, whenBookingIsCancelled: 'wait', whenWindowPasses: 'hand_over' };
const play = (events: readonly KickoffEvent[], from?: KickoffState) => following(events, from, policy);
const event = (name: Parameters<typeof meetingEvent>[0], at: string, more = {}): KickoffEvent => ({
  type: 'meeting_event',
  event: meetingEvent(name, at, more),
});

const SCHEDULING: KickoffEvent[] = [resolved, accepted];
const HANDED_OVER: KickoffEvent[] = [...SCHEDULING, { type: 'window_handed_over' }];
const LEFT_OPEN: KickoffEvent[] = [...SCHEDULING, { type: 'window_handed_over', trouble: 'forbidden' }];
const CALLED_OFF: KickoffEvent[] = [
  ...SCHEDULING,
  event('booked', '2026-02-13T10:00:00Z'),
  event('cancelled', '2026-02-14T10:00:00Z', { wasBooked: true }),
];
const ran = ({ steps }: KickoffState) => steps.map(({ list, id }) => `${list}/${id}`);

describe('between two revisions', () => {
  it('a request that could not be cancelled, and is booked after all, is a booking', () => {
    const state = play([...LEFT_OPEN, event('booked', '2026-02-23T10:00:00Z')]);
    expect(state).toMatchObject({ phase: 'done', revision: 1, needs: [] });
    expect(state.between).toBeUndefined();
    expect(state.reason).toBeUndefined();
    expect(ran(state)).toContain('on_booked/status');
  });

  it('the booking is found by the attempt to cancel it, too', () => {
    const state = play([
      ...LEFT_OPEN,
      { type: 'taking_back' },
      { type: 'request_read', view: { requestId: REQUEST_ID, status: 'booked' }, at: '2026-02-24T10:00:00Z' },
      { type: 'not_taken_back' },
    ]);
    expect(state).toMatchObject({ phase: 'done', takingBack: false });
  });

  it('a request that somebody else has cancelled need not be cancelled any more', () => {
    const state = play([...LEFT_OPEN, event('cancelled', '2026-02-23T10:00:00Z')]);
    expect(state).toMatchObject({ phase: 'needs_attention', between: { over: 'window' } });
    expect(state.between?.openRequest).toBeUndefined();
  });

  it('a late booking of a request that was cancelled changes nothing', () => {
    expect(play([...HANDED_OVER, event('booked', '2026-02-23T10:00:00Z')]).phase).toBe('needs_attention');
  });

  it.each([
    ['the booking was cancelled', CALLED_OFF],
    ['the window has passed', HANDED_OVER],
  ])('another organizer is for the next revision, and a person says when: %s', (_what, events) => {
    const named = play([...events, { type: 'organizer_chosen', email: 'morgan.diaz@yourcompany.example' }]);
    expect(named).toMatchObject({
      phase: 'needs_attention',
      revision: 1,
      resolution: { organizer: { email: 'morgan.diaz@yourcompany.example' } },
    });
    const next = play([{ type: 'proceeded' }], named);
    expect(next).toMatchObject({ phase: 'resolving', revision: 2, organizerEmail: 'morgan.diaz@yourcompany.example' });
  });

  it('an organizer who left is nobody’s matter once another is chosen', () => {
    const key = 'left-1';
    const { email } = resolution.organizer ?? { email: '' };
    const left: KickoffEvent = { type: 'organizer_left', left: { key, email, at: '2026-02-15T10:00:00Z' } };
    const chosen: KickoffEvent = { type: 'organizer_chosen', email: 'morgan.diaz@yourcompany.example' };
    expect(play([...CALLED_OFF, left]).organizerLeft?.key).toBe(key);
    expect(play([...CALLED_OFF, left, chosen]).organizerLeft).toBeUndefined();
  });

  it('closing it is told, though the list that says so has run already', () => {
    const closed = play([...CALLED_OFF, { type: 'cancelled_by_person', reason: 'no need' }]);
    expect(closed).toMatchObject({ phase: 'cancelled', isUntold: true });
    expect(ran(closed).filter((step) => step === 'on_cancelled/flag')).toHaveLength(1);
    expect(play([...HANDED_OVER, { type: 'cancelled_by_person', reason: 'no need' }]).isUntold).toBeUndefined();
  });
});

describe('who was named to organize', () => {
  it('organizes the next revision, too', () => {
    const state = play([
      ...SCHEDULING,
      { type: 'organizer_chosen', email: 'morgan.diaz@yourcompany.example' },
      { type: 'participants_replaced', participants: undefined },
    ]);
    expect(state).toMatchObject({ revision: 2, organizerEmail: 'morgan.diaz@yourcompany.example' });
  });
});

describe('who was named at SkipUp', () => {
  it('organizes the next revision, too', () => {
    const organizerEmail = 'Morgan.Diaz@yourcompany.example';
    const view = { requestId: REQUEST_ID, status: 'active', organizerEmail };
    const state = play([
      ...SCHEDULING,
      { type: 'request_read', view, at: '2026-02-13T10:00:00Z' },
      { type: 'participants_replaced', participants: undefined },
    ]);
    expect(state.organizerEmail).toBe('morgan.diaz@yourcompany.example');
  });
});

describe('a window that passes', () => {
  it('hands nothing over of a kickoff that has ended meanwhile, or is booked', () => {
    const over = play([...SCHEDULING, event('cancelled', '2026-02-21T10:00:00Z'), { type: 'window_handed_over' }]);
    expect(over).toMatchObject({ phase: 'cancelled', closed: false });
    for (const late of [{ type: 'window_handed_over' }, { type: 'deadline_passed' }] as const) {
      const booked = play([...SCHEDULING, event('booked', '2026-02-22T04:59:59Z'), late]);
      expect(booked.phase).toBe('done');
    }
  });

  it('says so when its request stays open at SkipUp', () => {
    const state = play([...SCHEDULING, { type: 'deadline_passed', trouble: 'forbidden' }]);
    expect(state).toMatchObject({
      phase: 'expired',
      reason: 'the window has passed without a booking; its request could not be cancelled at SkipUp (forbidden)',
    });
  });

  it('leaves no reminder and no extension to the request that follows', () => {
    const timeframe = { start: '2026-02-22T05:00:00Z', end: '2026-03-01T04:59:59Z' };
    const state = play([
      resolved,
      { ...accepted, remindsAt: '2026-02-20T04:59:59Z' },
      { type: 'window_extended', timeframe, closesAt: CLOSES_AT, remindsAt: '2026-02-27T04:59:59Z' },
      { type: 'participants_replaced', participants: undefined },
      resolved,
      { ...accepted, created: { ...created, requestId: 'mr_02TEST' } },
    ]);
    expect(state.phase).toBe('scheduling');
    expect(state.remindsAt).toBeUndefined();
    expect(state.extended).toBeUndefined();
  });

  it('is extended to an end that is to come, however long SkipUp was out of reach', () => {
    const passed = { start: '2026-02-01T00:00:00Z', end: '2026-02-06T00:00:00Z' };
    const rules = { ...policy, windowDays: 5, workingDays: false };
    for (const day of ['06', '08', '11', '12', '13', '19', '24']) {
      const now = `2026-02-${day}T00:00:05.000Z`;
      expect(extendedWindow(now, passed, rules).end > now, day).toBe(true);
    }
  });
});
