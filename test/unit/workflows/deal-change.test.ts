import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KickoffPolicy } from '../../../config/policy.ts';
import { problemsOf } from '../../../workflows/kickoff/commands.ts';
import { isDealChange, needsOf } from '../../../workflows/kickoff/deal-change.ts';
import { describe as describeKickoff } from '../../../workflows/kickoff/describe.ts';
import type { KickoffEvent } from '../../../workflows/kickoff/reduce.ts';
import { initialState, type KickoffState } from '../../../workflows/kickoff/state.ts';
import type { DealChange } from '../../../workflows/messages.ts';
import { accepted, following, input, meetingEvent, permutations, policy, resolution, resolved } from './fixtures.ts';

const change = (state: DealChange['state'], day: number, more: Partial<DealChange> = {}): KickoffEvent => ({
  type: 'deal_changed',
  change: {
    key: `${state}@${day}`,
    at: `2026-02-${day}T10:00:00.000Z`,
    state,
    ...(state === 'not_won' ? { stage: 'negotiation' } : {}),
    ...more,
  },
});
const lost = change('not_won', 11);
const wonAgain = change('won', 12);
const booked: KickoffEvent = { type: 'meeting_event', event: meetingEvent('booked', '2026-02-11T11:00:00Z') };
const paused: KickoffEvent = { type: 'meeting_event', event: meetingEvent('paused', '2026-02-10T11:00:00Z') };
const withGap: KickoffEvent = {
  ...resolved,
  resolution: {
    ...resolution,
    gaps: [{ code: 'no_lead', severity: 'block', message: 'Nobody leads.', acceptable: true }],
  },
};
const cancelling: KickoffPolicy = { ...policy, whenDealIsLost: 'cancel' };

const notices = (state: KickoffState) => state.steps.filter(({ list }) => list === 'on_attention').length;
const ASKS = 'The deal is at stage negotiation, not won any more. Send `cancel`, or `proceed` to go on.';
const ASKS_BOOKED =
  'The deal is at stage negotiation, not won any more. ' +
  'The meeting is booked: call it off in the calendar, or send `proceed` to keep it.';

describe('a deal that is not won any more', () => {
  it.each<[string, KickoffEvent[], KickoffState['phase'], string[]]>([
    ['before anybody was found: nothing is sent', [lost], 'needs_attention', [ASKS]],
    ['while the people are being found: nothing is sent', [lost, resolved], 'needs_attention', [ASKS]],
    ['while somebody is missing', [withGap, lost], 'needs_attention', ['Nobody leads.', ASKS]],
    ['while somebody turns out to be missing', [lost, withGap], 'needs_attention', ['Nobody leads.', ASKS]],
    ['while the request is on its way: it may be there', [resolved, lost], 'requesting', [ASKS]],
    ['and the request was stopped', [resolved, lost, { type: 'create_held' }], 'needs_attention', [ASKS]],
    ['and the request had come through', [resolved, lost, accepted], 'scheduling', [ASKS]],
    ['while SkipUp is scheduling: it goes on', [resolved, accepted, lost], 'scheduling', [ASKS]],
    ['while it is paused', [resolved, accepted, paused, lost], 'paused', [ASKS]],
    ['and SkipUp books meanwhile', [resolved, accepted, lost, booked], 'done', [ASKS_BOOKED]],
    ['after the booking', [resolved, accepted, booked, lost], 'done', [ASKS_BOOKED]],
  ])('%s', (_name, events, phase, needs) => {
    const state = following(events);
    expect(state.phase).toBe(phase);
    expect(needsOf(state)).toEqual(needs);
    expect(notices(state)).toBeGreaterThan(0);
    expect(problemsOf({ name: 'proceed' }, state)).toEqual([]);
  });

  it.each<[string, KickoffEvent, string]>([
    [
      'without a stage',
      { type: 'deal_changed', change: { key: 'k', at: '2026-02-11T10:00:00Z', state: 'not_won' } },
      'The deal is not won any more.',
    ],
    ['gone', change('gone', 11), 'The CRM does not know the deal any more.'],
    [
      'merged',
      change('merged', 11, { otherDealId: '77' }),
      'The deal was merged with deal 77, which has a kickoff of its own. Send `cancel` to one of the two',
    ],
  ])('is named in words: %s', (_name, event, words) => {
    expect(needsOf(following([resolved, accepted, event])).join()).toContain(words);
  });

  it('asks nothing of the older of two kickoffs whose deals were merged', () => {
    const state = following([resolved, accepted, change('merged', 11, { otherDealId: '77', isFirst: true })]);
    expect(needsOf(state)).toEqual([]);
    expect(notices(state)).toBe(0);
  });

  it('is asked about by a kickoff that began before there was a rule for it', () => {
    const older = structuredClone(policy);
    Reflect.deleteProperty(older, 'whenDealIsLost');
    const state = following([resolved, accepted, lost], undefined, older);
    expect(needsOf(state)).toEqual([ASKS]);
  });

  it('changes nothing about a kickoff that is over', () => {
    const cancelled: KickoffEvent = { type: 'meeting_event', event: meetingEvent('cancelled', '2026-02-11T12:00:00Z') };
    const over = following([resolved, accepted, cancelled]);
    const { dealChange: _known, ...after } = following([lost], over);
    expect(after).toEqual(over);
  });

  it('is not announced as won before a person says so', () => {
    const state = following([lost, resolved]);
    expect(state.steps.map(({ list }) => list)).toEqual(['on_attention']);
    const going = following([{ type: 'proceeded' }, resolved], state);
    expect(going.phase).toBe('requesting');
    expect(going.steps.map(({ list }) => list)).toEqual(['on_attention', 'on_won']);
  });

  it('is not told of twice by its reminders, which are numbered', () => {
    const state = following([resolved, accepted, lost, { type: 'reminded' }]);
    expect(state.phase).toBe('scheduling');
    expect(state.steps.filter(({ list }) => list === 'on_attention').map(({ occurrence }) => occurrence)).toEqual([
      '1',
      '2',
    ]);
  });

  it('is what the status says, in needs and in what is waited for', () => {
    const status = describeKickoff('kickoff:1', input, following([resolved, accepted, lost]));
    expect(status).toMatchObject({
      phase: 'scheduling',
      needs: [ASKS],
      waitingFor: expect.stringMatching(/^a person to say whether the kickoff goes on; SkipUp to book/),
    });
  });
});

describe('the doubt about a deal ends', () => {
  it.each<[string, KickoffEvent[], KickoffState['phase']]>([
    ['before a request: it is sent', [lost, resolved, wonAgain, resolved], 'requesting'],
    [
      'after a request was stopped: it is looked for',
      [resolved, lost, { type: 'create_held' }, wonAgain, resolved],
      'requesting',
    ],
    ['before the stopped request has answered', [resolved, lost, wonAgain, { type: 'create_held' }], 'requesting'],
    ['while SkipUp is scheduling', [resolved, accepted, lost, wonAgain], 'scheduling'],
    ['after the booking', [resolved, accepted, booked, lost, wonAgain], 'done'],
  ])('when it is won again %s', (_name, events, phase) => {
    const state = following(events);
    expect(state.phase).toBe(phase);
    expect(needsOf(state)).toEqual([]);
  });

  it('and a stopped request keeps its key, and is looked for first', () => {
    const state = following([resolved, lost, { type: 'create_held' }, wonAgain, { ...resolved, key: 'another' }]);
    expect(state.request).toMatchObject({ key: 'impl:1:kickoff:2026-02-10', unanswered: true });
  });

  it('but not what else is missing', () => {
    const state = following([withGap, lost, wonAgain]);
    expect(state.phase).toBe('needs_attention');
    expect(needsOf(state)).toEqual(['Nobody leads.']);
  });

  it('when a person says proceed, and the same news does not bring it back', () => {
    const settled = following([resolved, accepted, lost, { type: 'doubt_settled' }]);
    expect(needsOf(settled)).toEqual([]);
    const again = following([change('not_won', 12)], settled);
    expect(needsOf(again)).toEqual([]);
    expect(notices(again)).toBe(1);
    expect(needsOf(following([change('not_won', 13, { stage: 'closedlost' })], again)).join()).toContain('closedlost');
  });

  it('and going on with the deal alone accepts no gap', () => {
    expect(following([lost, resolved, { type: 'proceeded' }, withGap]).phase).toBe('needs_attention');
  });

  it('with the kickoff', () => {
    const state = following([resolved, accepted, booked, lost, { type: 'late_window_passed' }]);
    expect(state).toMatchObject({ phase: 'done', closed: true });
    expect(needsOf(state)).toEqual([]);
    expect(
      problemsOf({ name: 'proceed' }, following([resolved, accepted, lost, { type: 'deadline_passed' }])),
    ).toHaveLength(1);
  });
});

describe('what comes twice or late', () => {
  it('changes nothing when its key is known', () => {
    const once = following([resolved, accepted, lost]);
    expect(following([lost, change('not_won', 13, { key: 'not_won@11' })], once)).toEqual(once);
  });

  it('changes nothing when it is older than what is known', () => {
    const known = following([resolved, accepted, wonAgain]);
    expect(following([lost], known)).toEqual(known);
  });

  it('ends the same in any order, however often it comes', () => {
    const news = [lost, wonAgain, change('gone', 13), change('not_won', 14)];
    for (const order of permutations(news)) {
      expect(needsOf(following([...order, ...order], following([resolved, accepted])))).toEqual([ASKS]);
    }
    fc.assert(
      fc.property(fc.shuffledSubarray([...news, ...news, wonAgain]), (order) => {
        const state = following([...order, change('won', 15)], following([resolved, accepted]));
        expect(state.phase).toBe('scheduling');
        expect(needsOf(state)).toEqual([]);
      }),
    );
  });
});

describe('a policy that cancels', () => {
  const under = (events: KickoffEvent[], from?: KickoffState) => following(events, from, cancelling);

  it.each<[string, KickoffEvent[]]>([
    ['resolving', []],
    ['waiting for a person', [withGap]],
    ['sending', [resolved]],
    ['scheduling', [resolved, accepted]],
  ])('wants the kickoff cancelled while it is %s, and tells nobody before', (_name, events) => {
    const before = under(events);
    const state = under([lost], before);
    expect(state.doubt?.wanted).toBe('cancellation');
    expect(notices(state)).toBe(notices(before));
    expect(under([{ type: 'called_off', reason: 'The deal is at stage negotiation.' }], state)).toMatchObject({
      phase: 'cancelled',
      reason: 'The deal is at stage negotiation.',
    });
  });

  it('never sends a request meanwhile', () => {
    expect(under([lost, resolved]).phase).toBe('needs_attention');
    expect(under([lost, withGap]).steps).toEqual([]);
  });

  it('asks instead when it is booked, before or meanwhile', () => {
    for (const events of [
      [resolved, accepted, booked, lost],
      [resolved, accepted, lost, booked],
    ]) {
      const state = under(events);
      expect(state.phase).toBe('done');
      expect(needsOf(state)).toEqual([ASKS_BOOKED]);
      expect(notices(state)).toBe(1);
    }
  });

  it('asks when SkipUp did not do it, and says why', () => {
    const state = under([
      resolved,
      accepted,
      lost,
      { type: 'taking_back' },
      { type: 'not_called_off', message: 'down.' },
    ]);
    expect(needsOf(state)).toEqual([
      'The deal is at stage negotiation, not won any more. Its meeting request could not be cancelled: down. ' +
        'Send `cancel`, or `proceed` to go on.',
    ]);
    expect(notices(state)).toBe(1);
    expect(state.takingBack).toBe(false);
  });

  it('lets go when the deal is won again, or a person says proceed', () => {
    expect(under([resolved, accepted, lost, wonAgain]).doubt).toBeUndefined();
    expect(under([resolved, accepted, lost, { type: 'doubt_settled' }]).doubt).toBeUndefined();
  });

  it('asks about deals that were merged', () => {
    expect(under([resolved, accepted, change('merged', 11, { otherDealId: '77' })]).doubt?.wanted).toBe('answer');
  });
});

describe('a signal’s input', () => {
  const right = { key: 'k', at: '2026-02-11T10:00:00Z', state: 'not_won', stage: 'negotiation' };
  it.each<[string, unknown, boolean]>([
    ['right', right, true],
    ['with more than is known', { ...right, more: 1 }, true],
    ['nothing', undefined, false],
    ['no object', 'not_won', false],
    ['no key', { ...right, key: '' }, false],
    ['no instant', { ...right, at: 'yesterday' }, false],
    ['no state that we know', { ...right, state: 'lost' }, false],
    ['a stage that is no text', { ...right, stage: 7 }, false],
  ])('%s', (_name, value, isRight) => {
    expect(isDealChange(value)).toBe(isRight);
  });
});

it('a kickoff starts without a doubt', () => {
  expect(initialState(input)).not.toHaveProperty('doubt');
});
