import { describe, expect, it } from 'vitest';
import type { Resolution } from '../../../activities/contract.ts';
import { type Command, problemsOf } from '../../../workflows/kickoff/commands.ts';
import { needsOf } from '../../../workflows/kickoff/deal-change.ts';
import { describe as describeKickoff } from '../../../workflows/kickoff/describe.ts';
import { possibleCommands } from '../../../workflows/kickoff/possible-commands.ts';
import type { KickoffEvent } from '../../../workflows/kickoff/reduce.ts';
import { initialState, type KickoffState } from '../../../workflows/kickoff/state.ts';
import { accepted, following, input, meetingEvent, resolution, resolved } from './fixtures.ts';

const JAMIE = 'jamie.chen@acme-corp.example';
const ADA = 'ada@acme-corp.example';
const BOB = 'bob@acme-corp.example';
const naming = (...emails: string[]): Resolution => ({
  ...resolution,
  participants: emails.map((email) => ({ email, side: 'customer', roles: [], attendance: 'required', from: 'CRM' })),
});
const looked = (...emails: string[]): KickoffEvent => ({ type: 'people_looked', named: naming(...emails) });
const asking: KickoffEvent[] = [resolved, accepted];
const booked: KickoffEvent = { type: 'meeting_event', event: meetingEvent('booked', '2026-02-11T09:00:00Z') };
const notices = (state: KickoffState) => state.steps.filter(({ list }) => list === 'on_attention').length;
const SEND =
  'send `replaceParticipants` with {"fromRegistry": true, "reason": "…"} to cancel the request and ask them anew, or `proceed` to keep it.';

describe('the registry, while SkipUp asks people', () => {
  it.each<[string, KickoffEvent[], string[], number]>([
    ['names the same', [...asking, looked(JAMIE)], [], 0],
    ['names the same in another casing', [...asking, looked('Jamie.Chen@Acme-Corp.example')], [], 0],
    ['names one more', [...asking, looked(JAMIE, ADA)], [`The registry now names ${ADA}: ${SEND}`], 1],
    ['names nobody any more', [...asking, looked()], [`The registry now names no longer ${JAMIE}: ${SEND}`], 1],
    [
      'names others',
      [...asking, looked(ADA, BOB)],
      [`The registry now names ${ADA} and ${BOB} and no longer ${JAMIE}: ${SEND}`],
      1,
    ],
    [
      'says the same twice: told once',
      [...asking, looked(ADA), looked(ADA)],
      [`The registry now names ${ADA} and no longer ${JAMIE}: ${SEND}`],
      1,
    ],
    [
      'changes again: told again',
      [...asking, looked(ADA), looked(JAMIE, ADA)],
      [`The registry now names ${ADA}: ${SEND}`],
      2,
    ],
    ['changes back', [...asking, looked(ADA), looked(JAMIE)], [], 1],
    ['is not followed, a person says', [...asking, looked(ADA), { type: 'doubt_settled' }, looked(ADA)], [], 1],
    [
      'changes further after that',
      [...asking, looked(ADA), { type: 'doubt_settled' }, looked(BOB)],
      [`The registry now names ${BOB} and no longer ${JAMIE}: ${SEND}`],
      2,
    ],
    ['names the organizer too', [...asking, looked(JAMIE, 'jordan.lee@yourcompany.example')], [], 0],
    ['matters no more once it is booked', [...asking, looked(ADA), booked], [], 1],
  ])('%s', (_what, events, needs, asked) => {
    const state = following(events);
    expect(needsOf(state)).toEqual(needs);
    expect(notices(state)).toBe(asked);
  });

  it.each<[KickoffState['phase'], KickoffEvent[], true | undefined]>([
    ['resolving', [], true],
    ['requesting', [resolved], true],
    ['scheduling', asking, true],
    ['done', [...asking, booked], undefined],
  ])('is looked at by a kickoff that is %s: %#', (phase, events, lookWanted) => {
    const state = following([...events, { type: 'registry_changed' }]);
    expect([state.phase, state.lookWanted]).toEqual([phase, lookWanted]);
    expect(following([{ type: 'looking' }], state).lookWanted).toBeUndefined();
  });

  it('is followed by one command that is shown, and taken', () => {
    const state = following([...asking, looked(ADA)]);
    const shown = possibleCommands(state).find(({ name }) => name === 'replaceParticipants');
    expect(shown?.example).toEqual({ fromRegistry: true, reason: 'the registry has changed' });
    expect(possibleCommands(state).map(({ name }) => name)).toContain('proceed');
    expect(describeKickoff('kickoff:1', input, state).waitingFor).toMatch(/^a person to settle .*SkipUp to book/);
    const next = following([{ type: 'participants_replaced', participants: undefined }], state);
    expect(next).toMatchObject({ phase: 'resolving', revision: 2 });
    expect([next.replacement, next.peopleChanged, needsOf(next)]).toEqual([undefined, undefined, []]);
  });

  it('is told apart from those who were named by hand', () => {
    const byHand: KickoffEvent[] = [{ type: 'participants_replaced', participants: [{ email: JAMIE }] }, ...asking];
    const state = following([...byHand, looked()]);
    expect(needsOf(state).join()).toMatch(/no longer .* with those who are to be asked/);
    expect(possibleCommands(state).find(({ name }) => name === 'replaceParticipants')?.example).toHaveProperty(
      'participants',
    );
  });

  it('names no more than eight of many', () => {
    const many = Array.from({ length: 30 }, (_, index) => `p${index}@acme-corp.example`);
    expect(needsOf(following([...asking, looked(JAMIE, ...many)])).join()).toMatch(/ and 22 more: send/);
  });
});

describe('whom to ask instead', () => {
  const scheduling: KickoffState = { ...initialState(input), phase: 'scheduling' };
  const said = (given: object) => {
    const command: Command = JSON.parse(
      JSON.stringify({ name: 'replaceParticipants', input: { reason: 'x', ...given } }),
    );
    return problemsOf(command, scheduling);
  };
  it.each<[string, object, RegExp[]]>([
    ['the registry’s', { fromRegistry: true }, []],
    ['the registry’s, not', { fromRegistry: false }, [/true, or left out/]],
    ['both', { fromRegistry: true, participants: [{ email: ADA }] }, [/not both/]],
    ['nobody', {}, [/1 to 50 people, or give "fromRegistry": true/]],
    ['the registry’s without a reason', { fromRegistry: true, reason: '' }, [/reason/]],
  ])('%s', (_what, given, problems) => {
    expect(said(given)).toEqual(problems.map((problem) => expect.stringMatching(problem)));
  });
});

describe('a window that has passed', () => {
  it.each<[string, KickoffEvent[], number]>([
    ['was never sent: the key stays free', [resolved, { type: 'window_passed', wasSent: false }], 1],
    ['may have been sent: the next key', [resolved, { type: 'window_passed', wasSent: true }], 2],
    [
      'was sent in vain days ago',
      [
        resolved,
        { type: 'create_unanswered', message: 'no answer' },
        { type: 'proceeded' },
        resolved,
        { type: 'window_passed', wasSent: false },
      ],
      2,
    ],
  ])('%s', (_what, events, revision) => {
    const state = following(events);
    expect(state).toMatchObject({ phase: 'resolving', revision });
    const timeframe = { start: '2026-03-02T00:00:00Z', end: '2026-03-12T23:59:59Z' };
    const again = following([{ ...resolved, resolution: { ...resolution, timeframe } }], state);
    expect(again.request).toMatchObject({ timeframe, unanswered: false });
  });

  it.each<[string, { start: string; end: string }, boolean]>([
    ['is over', { start: '2026-02-01T00:00:00Z', end: '2026-02-09T23:59:59Z' }, false],
    ['ends this instant', { start: '2026-02-01T00:00:00Z', end: '2026-02-10T09:00:00Z' }, false],
    ['has begun', { start: '2026-02-01T00:00:00Z', end: '2026-02-20T23:59:59Z' }, true],
    ['is ahead', { start: '2026-02-11T00:00:00Z', end: '2026-02-20T23:59:59Z' }, true],
  ])('is refused by the kickoff’s clock when it %s', (_what, timeframe, isTaken) => {
    const state: KickoffState = { ...initialState(input), phase: 'scheduling' };
    const problems = problemsOf({ name: 'updateContext', input: { timeframe } }, state, '2026-02-10T09:00:00.000Z');
    expect(problems).toEqual(isTaken ? [] : [expect.stringMatching(/it has passed; it is 2026-02-10T09/)]);
  });
});
