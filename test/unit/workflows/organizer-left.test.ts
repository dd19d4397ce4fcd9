import { describe, expect, it } from 'vitest';
import { problemsOf } from '../../../workflows/kickoff/commands.ts';
import { needsOf } from '../../../workflows/kickoff/deal-change.ts';
import { isOrganizerLeft } from '../../../workflows/kickoff/organizer-left.ts';
import type { KickoffEvent } from '../../../workflows/kickoff/reduce.ts';
import type { KickoffState } from '../../../workflows/kickoff/state.ts';
import type { OrganizerLeft } from '../../../workflows/messages.ts';
import { accepted, following, meetingEvent, REQUEST_ID, resolution, resolved } from './fixtures.ts';

const ORGANIZER = 'jordan.lee@yourcompany.example';
const left = (more: Partial<OrganizerLeft> = {}): KickoffEvent => ({
  type: 'organizer_left',
  left: { key: 'k1', email: ORGANIZER, at: '2026-02-11T10:00:00.000Z', ...more },
});
const booked: KickoffEvent = { type: 'meeting_event', event: meetingEvent('booked', '2026-02-11T09:00:00Z') };
const paused: KickoffEvent = { type: 'meeting_event', event: meetingEvent('paused', '2026-02-11T09:00:00Z') };
const blocked: KickoffEvent = {
  ...resolved,
  resolution: {
    ...resolution,
    gaps: [{ code: 'no_lead', severity: 'block', message: 'Nobody leads.', acceptable: true }],
  },
};
const read = (organizerEmail: string): KickoffEvent => ({
  type: 'request_read',
  view: { requestId: REQUEST_ID, status: 'active', organizerEmail },
  at: '2026-02-11T12:00:00Z',
});
const notices = (state: KickoffState) => state.steps.filter(({ list }) => list === 'on_attention').length;
const ASKS = `${ORGANIZER} organizes this kickoff and is no active SkipUp member any more: name somebody else with \`changeOrganizer\`, or send \`proceed\` if they are back.`;

describe('an organizer who has left', () => {
  it.each<[string, KickoffEvent[], KickoffState['phase'], string[], number]>([
    ['while people are being found: SkipUp itself is asked', [left()], 'resolving', [], 0],
    ['while it waits for people: it looks again', [blocked, left()], 'resolving', ['Nobody leads.'], 1],
    ['while the request is on its way', [resolved, left()], 'requesting', [ASKS], 1],
    ['while SkipUp is scheduling', [resolved, accepted, left()], 'scheduling', [ASKS], 1],
    ['while it is paused', [resolved, accepted, paused, left()], 'paused', [ASKS], 1],
    [
      'told in any casing',
      [resolved, accepted, left({ email: 'Jordan.Lee@YourCompany.example' })],
      'scheduling',
      [ASKS.replace(ORGANIZER, 'Jordan.Lee@YourCompany.example')],
      1,
    ],
    ['told twice: asked once', [resolved, accepted, left(), left()], 'scheduling', [ASKS], 1],
    ['after the booking: a calendar’s matter', [resolved, accepted, booked, left()], 'booked', [], 0],
    [
      'who organizes another kickoff',
      [resolved, accepted, left({ email: 'ada@yourcompany.example' })],
      'scheduling',
      [],
      0,
    ],
    ['and has been replaced since', [resolved, accepted, left(), read('ada@yourcompany.example')], 'scheduling', [], 1],
    ['and was replaced before', [resolved, accepted, read('ada@yourcompany.example'), left()], 'scheduling', [], 0],
    ['and is back, a person says', [resolved, accepted, left(), { type: 'doubt_settled' }], 'scheduling', [], 1],
    ['and it is booked all the same', [resolved, accepted, left(), booked], 'booked', [], 1],
    [
      'when the kickoff is off',
      [resolved, accepted, { type: 'cancelled_by_person', reason: 'x' }, left()],
      'cancelled',
      [],
      0,
    ],
  ])('%s', (_what, events, phase, needs, asked) => {
    const state = following(events);
    // The steps of a booking run at once here.
    expect(state.phase === 'done' ? 'booked' : state.phase).toBe(phase);
    expect(needsOf(state)).toEqual(needs);
    expect(notices(state)).toBe(asked);
  });

  it('may be let go by a person, whatever the phase, and only while it is asked', () => {
    const asked = following([resolved, accepted, left()]);
    expect(problemsOf({ name: 'proceed' }, asked)).toEqual([]);
    expect(problemsOf({ name: 'proceed' }, following([resolved, accepted]))).toHaveLength(1);
  });

  it('is heard only from a signal that says who and when', () => {
    const signal = { key: 'k', email: ORGANIZER, at: '2026-02-11T10:00:00Z' };
    expect(isOrganizerLeft(signal)).toBe(true);
    for (const wrong of [
      undefined,
      null,
      'x',
      {},
      { ...signal, email: 7 },
      { ...signal, at: 'then' },
      { ...signal, key: '' },
    ]) {
      expect(isOrganizerLeft(wrong)).toBe(false);
    }
  });
});

describe('another organizer, after an attempt without an answer', () => {
  const unanswered: KickoffEvent[] = [resolved, { type: 'create_unanswered', message: 'no answer' }];
  const email = 'ada@yourcompany.example';

  it('keeps the key of a request that SkipUp has', () => {
    const state = following([...unanswered, { type: 'organizer_named', email }]);
    expect(state).toMatchObject({ phase: 'resolving', revision: 1, request: { key: resolved.key, unanswered: true } });
  });

  it('takes the next key where SkipUp has none', () => {
    const state = following([...unanswered, { type: 'organizer_named', email, neverMade: true }]);
    expect(state).toMatchObject({ phase: 'resolving', revision: 2, organizerEmail: email });
    expect(state.request).toBeUndefined();
  });
});
