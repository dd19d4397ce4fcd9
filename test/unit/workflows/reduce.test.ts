import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Gap } from '../../../registry/model.ts';
import { type KickoffEvent, reduce } from '../../../workflows/kickoff/reduce.ts';
import type { KickoffState } from '../../../workflows/kickoff/state.ts';
import {
  accepted,
  CLOSES_AT,
  created,
  following,
  meetingEvent,
  permutations,
  policy,
  resolution,
  resolved,
} from './fixtures.ts';

const webhook = (name: Parameters<typeof meetingEvent>[0], at: string): KickoffEvent => ({
  type: 'meeting_event',
  event: meetingEvent(name, at),
});
const booked = webhook('booked', '2026-02-11T10:00:00Z');
const cancelled = webhook('cancelled', '2026-02-12T10:00:00Z');
const paused = webhook('paused', '2026-02-10T11:00:00Z');
const resumed = webhook('resumed', '2026-02-10T12:00:00Z');
const followUp = webhook('follow_up_sent', '2026-02-10T13:00:00Z');
const organizerChanged = webhook('organizer_changed', '2026-02-10T14:00:00Z');

const gap = (acceptable: boolean): Gap => ({
  code: 'no_lead',
  severity: 'block',
  message: 'Nobody leads.',
  acceptable,
});
const withGap = (acceptable: boolean): KickoffEvent => ({
  ...resolved,
  resolution: { ...resolution, gaps: [gap(acceptable)] },
});
const lists = (state: KickoffState) => state.steps.map((step) => step.list);

describe('the way of a kickoff', () => {
  it.each<[string, KickoffEvent[], KickoffState['phase'], string[]]>([
    ['starts by finding out who takes part', [], 'resolving', []],
    ['asks for the meeting when nobody is missing', [resolved], 'requesting', ['on_won']],
    ['waits for a person when somebody is missing', [withGap(true)], 'needs_attention', ['on_won', 'on_attention']],
    ['is scheduling once SkipUp has accepted', [resolved, accepted], 'scheduling', ['on_won', 'on_requested']],
    ['rests while paused', [resolved, accepted, paused], 'paused', ['on_won', 'on_requested']],
    ['goes on when resumed', [resolved, accepted, paused, resumed], 'scheduling', ['on_won', 'on_requested']],
    ['notes each follow-up', [resolved, accepted, followUp], 'scheduling', ['on_won', 'on_requested', 'on_follow_up']],
    [
      'runs the onboarding steps when booked',
      [resolved, accepted, booked],
      'done',
      ['on_won', 'on_requested', 'on_booked', 'on_booked'],
    ],
    [
      'flags a request that was cancelled',
      [resolved, accepted, cancelled],
      'cancelled',
      ['on_won', 'on_requested', 'on_cancelled'],
    ],
    [
      'flags a booked meeting that was cancelled later',
      [resolved, accepted, booked, cancelled],
      'cancelled',
      ['on_won', 'on_requested', 'on_booked', 'on_booked', 'on_cancelled'],
    ],
    [
      'expires with its window',
      [resolved, accepted, { type: 'deadline_passed' }],
      'expired',
      ['on_won', 'on_requested', 'on_expired'],
    ],
    [
      'waits for a person when SkipUp refuses',
      [resolved, { type: 'create_refused', message: 'no' }],
      'needs_attention',
      ['on_won', 'on_attention'],
    ],
  ])('%s', (_name, events, phase, ran) => {
    const state = following(events);
    expect(state.phase).toBe(phase);
    expect(lists(state)).toEqual(ran);
  });

  it('reads the request when the organizer changed, because the event does not say to whom', () => {
    const state = following([resolved, accepted, organizerChanged]);
    expect(state.readWanted).toBe(true);
    const read = following(
      [
        {
          type: 'request_read',
          view: { requestId: created.requestId, status: 'active', organizerEmail: 'new@yourcompany.example' },
          at: CLOSES_AT,
        },
      ],
      state,
    );
    expect(read.resolution?.organizer?.email).toBe('new@yourcompany.example');
    expect(read.readWanted).toBe(false);
  });

  it('learns from a read what a lost webhook would have said', () => {
    const state = following([
      resolved,
      accepted,
      {
        type: 'request_read',
        view: { requestId: created.requestId, status: 'booked', bookedAt: '2026-02-11T10:00:00Z' },
        at: CLOSES_AT,
      },
    ]);
    expect(state.phase).toBe('done');
  });

  it('does nothing about a status it does not know', () => {
    const state = following([
      resolved,
      accepted,
      { type: 'request_read', view: { requestId: created.requestId, status: 'archived' }, at: CLOSES_AT },
    ]);
    expect(state.phase).toBe('scheduling');
  });
});

describe('events in any order', () => {
  it.each([
    ['booked', [booked], 'done'],
    ['paused, resumed, booked', [paused, resumed, booked], 'done'],
    ['follow-up, organizer changed, booked', [followUp, organizerChanged, booked], 'done'],
    ['booked, cancelled', [booked, cancelled], 'cancelled'],
    ['paused, resumed, booked, cancelled', [paused, resumed, booked, cancelled], 'cancelled'],
  ])('%s: every permutation, also before the answer to the request, ends the same', (_name, events, phase) => {
    for (const order of permutations([accepted, ...events])) {
      const state = following([resolved, ...order]);
      expect(state.phase, order.map((event) => ('event' in event ? event.event.name : event.type)).join(' → ')).toBe(
        phase,
      );
    }
  });

  it('runs each list once however often its event comes', () => {
    const state = following([resolved, accepted, booked, booked, cancelled, booked, cancelled]);
    expect(lists(state)).toEqual(['on_won', 'on_requested', 'on_booked', 'on_booked', 'on_cancelled']);
  });

  it('never leaves an end, whatever comes', () => {
    const anyEvent = fc.constantFrom(booked, cancelled, paused, resumed, followUp, organizerChanged);
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 12 }), (events) => {
        const ended = following([resolved, accepted, cancelled]);
        expect(following(events, ended).phase).toBe('cancelled');
      }),
    );
  });
});

describe('taking the request back', () => {
  const taking: KickoffEvent = { type: 'taking_back' };

  it('keeps the person’s reason when SkipUp’s webhook is quicker than its answer', () => {
    const state = following([
      resolved,
      accepted,
      taking,
      cancelled,
      { type: 'cancelled_by_person', reason: 'postponed' },
    ]);
    expect(state).toMatchObject({ phase: 'cancelled', reason: 'postponed' });
    expect(lists(state)).toEqual(['on_won', 'on_requested', 'on_cancelled']);
  });

  it('flags nothing when it is only to make way for other participants', () => {
    const participants = [{ email: 'x@acme-corp.example' }];
    const state = following([resolved, accepted, taking, cancelled, { type: 'participants_replaced', participants }]);
    expect(state.phase).toBe('resolving');
    expect(lists(state)).toEqual(['on_won', 'on_requested']);
  });

  it('is an expiry, not a cancellation, at the end of the window', () => {
    expect(following([resolved, accepted, taking, cancelled, { type: 'deadline_passed' }]).phase).toBe('expired');
  });

  it('takes somebody else’s cancellation for what it is when ours was refused', () => {
    expect(following([resolved, accepted, taking, cancelled, { type: 'not_taken_back' }]).phase).toBe('cancelled');
  });
});

describe('waiting for a person', () => {
  it('goes on without whoever may be missing, when told to proceed', () => {
    expect(following([withGap(true), { type: 'proceeded' }, withGap(true)]).phase).toBe('requesting');
  });

  it('does not go on with nobody to invite, told or not', () => {
    const state = following([withGap(false), { type: 'proceeded' }, withGap(false)]);
    expect(state.phase).toBe('needs_attention');
    expect(state.needs).toEqual(['Nobody leads.']);
  });

  it('looks again by itself when the registry has changed', () => {
    expect(following([withGap(true), { type: 'registry_changed' }]).phase).toBe('resolving');
  });

  it('numbers its notices, so that a reminder is not taken for a repeat', () => {
    const state = following([withGap(true), { type: 'reminded' }, { type: 'reminded' }]);
    expect(state.steps.filter((step) => step.list === 'on_attention').map((step) => step.occurrence)).toEqual([
      '1',
      '2',
      '3',
    ]);
  });

  it('tries a refused request again under the next revision, an unanswered one under the same key', () => {
    expect(following([resolved, { type: 'create_refused', message: 'no' }])).toMatchObject({ revision: 2 });
    const unanswered = following([
      resolved,
      { type: 'create_unanswered', message: 'gone' },
      { type: 'proceeded' },
      { ...resolved, key: 'another' },
    ]);
    expect(unanswered).toMatchObject({ revision: 1, request: { key: 'impl:1:kickoff:2026-02-10', unanswered: true } });
  });

  it('replaces participants under the next revision, and forgets the old request', () => {
    const state = following([
      resolved,
      accepted,
      { type: 'participants_replaced', participants: [{ email: 'x@acme-corp.example' }] },
      cancelled,
    ]);
    expect(state).toMatchObject({ phase: 'resolving', revision: 2 });
    expect(state.request).toBeUndefined();
  });
});

describe('a step that fails', () => {
  const run = { list: 'on_booked', occurrence: '1' } as const;
  function withFailedStep(id: string): KickoffState {
    let state = following([resolved, accepted]);
    state = reduce(state, booked, policy);
    state = reduce(state, { type: 'list_started', run }, policy);
    for (const step of policy.steps.on_booked) {
      state = reduce(
        state,
        step.id === id
          ? { type: 'step_failed', run, id, message: 'refused' }
          : { type: 'step_done', run, id: step.id, outcome: { detail: 'done', ids: {} } },
        policy,
      );
    }
    return reduce(state, { type: 'list_finished', run }, policy);
  }

  it('only warns where it is not to be waited for', () => {
    expect(withFailedStep('notice').phase).toBe('done');
  });

  it('holds the onboarding where it is to be waited for, until it is retried', () => {
    const held = withFailedStep('status');
    expect(held.phase).toBe('onboarding');
    expect(following([{ type: 'step_retried', id: 'status' }], held).phase).toBe('done');
  });

  it('lets go when a person skips it', () => {
    expect(
      following([{ type: 'step_skipped', id: 'status', reason: 'done by hand' }], withFailedStep('status')).phase,
    ).toBe('done');
  });

  it('is nobody’s business any more when the meeting is called off', () => {
    const state = following([cancelled], withFailedStep('status'));
    expect(state.phase).toBe('cancelled');
    expect(state.steps.filter((step) => step.holds)).toEqual([]);
  });
});
