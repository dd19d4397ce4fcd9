import { describe, expect, it } from 'vitest';
import { type KickoffPolicy, kickoffPolicySchema } from '../../../config/policy.ts';
import { escalationInWords, managerFor } from '../../../workflows/kickoff/ghosts.ts';
import type { KickoffEvent } from '../../../workflows/kickoff/reduce.ts';
import { initialState, type KickoffState } from '../../../workflows/kickoff/state.ts';
import { extendedWindow, reminderBefore, reminderInWords } from '../../../workflows/kickoff/window.ts';
import { accepted, CLOSES_AT, following, input, meetingEvent, policy, resolution, resolved } from './fixtures.ts';

const rules = (more: object): KickoffPolicy => kickoffPolicySchema.parse({ ...policy, ...more });
const play = (events: readonly KickoffEvent[], more: object): KickoffState =>
  following(events, initialState(input), rules(more));
const webhook = (name: Parameters<typeof meetingEvent>[0], at: string): KickoffEvent => ({
  type: 'meeting_event',
  event: meetingEvent(name, at),
});
const asking: KickoffEvent[] = [resolved, accepted];
const booked = webhook('booked', '2026-02-11T10:00:00Z');
const cancelled = webhook('cancelled', '2026-02-12T10:00:00Z');
const followUps = (count: number): KickoffEvent[] =>
  Array.from({ length: count }, (_, index) => webhook('follow_up_sent', `2026-02-1${index + 1}T09:00:00Z`));
const runs = (state: KickoffState, list: string) =>
  state.steps.filter((step) => step.list === list).map(({ occurrence }) => occurrence);

describe('people who do not answer', () => {
  const both = { ghostedAfterFollowUps: 2, managerAfterFollowUps: 3, manager: 'boss@yourcompany.example' };
  const ghosted = { steps: { ...policy.steps, on_ghosted: [{ id: 'ghosted', kind: 'slack', text: 'Nobody books' }] } };
  it.each<[string, KickoffEvent[], object, string[]]>([
    ['one follow-up is no escalation', followUps(1), both, []],
    ['the second tells the CSM', followUps(2), both, ['csm → jordan.lee@yourcompany.example, 2']],
    [
      'the third the manager',
      followUps(3),
      both,
      ['csm → jordan.lee@yourcompany.example, 2', 'manager → boss@yourcompany.example, 3'],
    ],
    [
      'more tell nobody again',
      followUps(6),
      both,
      ['csm → jordan.lee@yourcompany.example, 2', 'manager → boss@yourcompany.example, 3'],
    ],
    ['one that comes twice counts once', [...followUps(1), ...followUps(1)], { ...both, ghostedAfterFollowUps: 2 }, []],
    [
      'both by the same follow-up',
      followUps(2),
      { ...both, managerAfterFollowUps: 2 },
      ['csm → jordan.lee@yourcompany.example, 2', 'manager → boss@yourcompany.example, 2'],
    ],
    ['zero is never', followUps(4), { ghostedAfterFollowUps: 0, managerAfterFollowUps: 0 }, []],
    [
      'without a manager it is the organizer',
      followUps(1),
      { ghostedAfterFollowUps: 0, managerAfterFollowUps: 1 },
      ['manager → jordan.lee@yourcompany.example, 1'],
    ],
    ['what is booked is not complained of', [booked, ...followUps(3)], both, []],
    ['nor what is cancelled', [cancelled, ...followUps(3)], both, []],
  ])('%s', (_what, events, more, told) => {
    const state = play([...asking, ...events], { ...more, ...ghosted });
    const words = (state.escalations ?? []).map(({ level, to, followUps: count }) => `${level} → ${to}, ${count}`);
    expect(words).toEqual(told);
    expect(runs(state, 'on_ghosted')).toEqual((state.escalations ?? []).map(({ level }) => `1.${level}`));
  });

  it('are told of by the notice where no list is', () => {
    const state = play([...asking, ...followUps(2)], both);
    expect(runs(state, 'on_attention')).toEqual(['1.csm']);
    expect(state.phase).toBe('scheduling');
  });

  it('are counted anew by the next revision', () => {
    const next = play([...asking, ...followUps(2), { type: 'window_handed_over' }, { type: 'proceeded' }], both);
    const again = following(
      [resolved, { ...accepted, created: { ...accepted.created, requestId: 'mr_02' } }],
      next,
      rules(both),
    );
    expect(again.escalations?.map(({ revision }) => revision)).toEqual([1]);
    const told = following(
      followUps(2).map((event) =>
        event.type === 'meeting_event' ? { ...event, event: { ...event.event, requestId: 'mr_02' } } : event,
      ),
      again,
      rules(both),
    );
    expect(told.escalations?.map(({ revision }) => revision)).toEqual([1, 2]);
  });

  it.each([
    ['jordan.lee@yourcompany.example', 'own@yourcompany.example'],
    ['JORDAN.LEE@YourCompany.example', 'own@yourcompany.example'],
    ['morgan.diaz@yourcompany.example', 'boss@yourcompany.example'],
    [undefined, 'boss@yourcompany.example'],
  ])('the manager of %s is %s', (organizer, manager) => {
    const managerOf = { 'Jordan.Lee@yourcompany.example': 'own@yourcompany.example' };
    expect(managerFor(rules({ ...both, managerOf }), organizer)).toBe(manager);
  });

  it('are told of in a sentence, which says when nobody manages', () => {
    const one = { level: 'manager', followUps: 3, since: '2026-02-10T09:00:00Z', revision: 1, asked: [] } as const;
    const since = 'Nobody has booked: SkipUp has sent 3 follow-ups to the participants since 2026-02-10.';
    expect(escalationInWords({ ...one, asked: [] })).toBe(`${since} No manager is configured to be told.`);
    expect(escalationInWords({ ...one, asked: [], to: 'b@y.example' }, 'b@y.example')).toBe(
      `${since} b@y.example is told as the manager.`,
    );
    expect(escalationInWords({ ...one, level: 'csm', asked: ['Jamie'] })).toBe(
      'Nobody has booked: SkipUp has sent 3 follow-ups to Jamie since 2026-02-10.',
    );
  });
});

describe('the window', () => {
  const { timeframe } = resolution;
  it.each([
    ['is not reminded of unless that is asked for', {}, '2026-02-10T09:00:00Z', undefined],
    ['is reminded of before its end', { remindBeforeDays: 2 }, '2026-02-10T09:00:00Z', '2026-02-20T04:59:59.000Z'],
    ['is not, where that would be at once', { remindBeforeDays: 2 }, '2026-02-21T09:00:00Z', undefined],
  ])('%s', (_what, more, now, at) => {
    expect(reminderBefore(timeframe.end, now, rules(more))).toBe(at);
  });

  it.each([
    [
      'five working days are a week',
      { windowDays: 5, workingDays: true },
      '2026-02-22T05:00:00.123Z',
      '2026-03-01T04:59:59Z',
    ],
    ['six are two', { windowDays: 6, workingDays: true }, '2026-02-22T05:00:00Z', '2026-03-08T04:59:59Z'],
    [
      'days of the calendar are themselves',
      { windowDays: 10, workingDays: false },
      '2026-02-22T05:00:00Z',
      '2026-03-04T04:59:59Z',
    ],
    [
      'whole weeks of an outage are made up for',
      { windowDays: 7, workingDays: false },
      '2026-03-09T05:00:00Z',
      '2026-03-15T04:59:59Z',
    ],
  ])('is extended: %s', (_what, more, now, end) => {
    const extended = extendedWindow(now, timeframe, rules(more));
    expect(extended).toEqual({ start: now.replace(/\.\d+Z$/, 'Z'), end });
    expect(extended.end > extended.start).toBe(true);
  });

  it('tells once of its end, and anew when it has another', () => {
    const reminded = play([...asking, { type: 'window_reminded' }], { remindBeforeDays: 2 });
    expect(runs(reminded, 'on_attention')).toEqual(['window.1']);
    expect(reminderInWords(reminded, 'window.1')).toBe('Nothing is booked yet, and the window ends on 2026-02-22.');
    expect(reminderInWords(reminded, '1')).toBeUndefined();
    const moved = { start: timeframe.start, end: '2026-03-01T04:59:59Z' };
    const extended = following(
      [{ type: 'window_extended', timeframe: moved, closesAt: CLOSES_AT, remindsAt: '2026-02-27T04:59:59Z' }],
      reminded,
    );
    expect(extended).toMatchObject({ extended: 1, remindsAt: '2026-02-27T04:59:59Z', request: { timeframe: moved } });
    const changed = following([{ type: 'window_changed', timeframe: moved, closesAt: CLOSES_AT }], extended);
    expect([changed.extended, changed.remindsAt]).toEqual([1, undefined]);
  });
});

describe('a meeting that comes to nothing', () => {
  const wait = { whenBookingIsCancelled: 'wait' };
  const again = { whenBookingIsCancelled: 'reschedule', rescheduleTimes: 1 };
  const lost: KickoffEvent = {
    type: 'deal_changed',
    change: { key: 'lost', at: '2026-02-11T11:00:00Z', state: 'not_won', stage: 'closedlost' },
  };
  const over: KickoffEvent[] = [...asking, booked, cancelled];
  const handedOver: KickoffEvent[] = [...asking, { type: 'window_handed_over' }];
  const replaced: KickoffEvent = { type: 'participants_replaced', participants: [{ email: 'ada@acme-corp.example' }] };
  const named: KickoffEvent = { type: 'organizer_chosen', email: 'morgan.diaz@yourcompany.example' };

  it.each<[string, KickoffEvent[], object, KickoffState['phase'], number, KickoffState['between']]>([
    ['closes', over, { whenBookingIsCancelled: 'close' }, 'cancelled', 1, undefined],
    ['waits for a person', over, wait, 'needs_attention', 1, { over: 'booking' }],
    ['is scheduled anew by itself', over, again, 'resolving', 2, undefined],
    ['closes when the deal is in doubt', [...asking, booked, lost, cancelled], again, 'cancelled', 1, undefined],
    ['waits when its window is handed over', handedOver, {}, 'needs_attention', 1, { over: 'window' }],
    [
      'remembers a request that SkipUp still has',
      [...asking, { type: 'window_handed_over', trouble: 'SkipUp does not answer' }],
      {},
      'needs_attention',
      1,
      { over: 'window', openRequest: accepted.created.requestId },
    ],
    ['goes on when told to', [...over, { type: 'proceeded' }], wait, 'resolving', 2, undefined],
    ['waits on when another organizer is named', [...over, named], wait, 'needs_attention', 1, { over: 'booking' }],
    ['goes on with other people', [...over, replaced], wait, 'resolving', 2, undefined],
    ['so after a window', [...handedOver, replaced], {}, 'resolving', 2, undefined],
    ['so after a window', [...handedOver, named], {}, 'needs_attention', 1, { over: 'window' }],
    [
      'closes when told to',
      [...over, { type: 'cancelled_by_person', reason: 'left' }],
      wait,
      'cancelled',
      1,
      undefined,
    ],
    ['hears of its old request no more', [...over, ...followUps(2)], wait, 'needs_attention', 1, { over: 'booking' }],
  ])('%s', (_what, events, more, phase, revision, between) => {
    const state = play(events, more);
    expect([state.phase, state.revision, state.between]).toEqual([phase, revision, between]);
  });

  it('is followed by a revision that knows whom a person has named, and nothing of the old request', () => {
    const state = play([...over, named, { type: 'proceeded' }], wait);
    expect(state.organizerEmail).toBe('morgan.diaz@yourcompany.example');
    expect([state.request, state.meeting, state.closesAt, state.needs, state.early]).toEqual([
      undefined,
      undefined,
      undefined,
      [],
      [],
    ]);
    expect(state.former).toMatchObject({ revision: 1, reason: 'the booked meeting was cancelled' });
    expect(play([...over, replaced], wait).replacement).toEqual([{ email: 'ada@acme-corp.example' }]);
  });

  it('keeps what the deal’s close has set going, and lets nobody retry what the meeting has', () => {
    const next = play([...over, { type: 'proceeded' }], wait);
    expect(next.steps.filter(({ past }) => past !== true).map(({ id }) => id)).toEqual(['won']);
    expect(next.steps.some(({ holds }) => holds)).toBe(false);
  });

  it('is scheduled anew only so often, then a person is asked', () => {
    const first = play(over, again);
    const request = { ...accepted.created, requestId: 'mr_02' };
    const second = following(
      [resolved, { ...accepted, created: request }, booked, cancelled].map((event) =>
        event.type === 'meeting_event' ? { ...event, event: { ...event.event, requestId: 'mr_02' } } : event,
      ),
      first,
      rules(again),
    );
    expect([second.phase, second.revision, second.between]).toEqual(['needs_attention', 2, { over: 'booking' }]);
    expect(second.needs.join()).toMatch(/was cancelled, again: send `proceed` to schedule it anew as revision 3/);
  });
});
