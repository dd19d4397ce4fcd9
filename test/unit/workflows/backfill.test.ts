import { describe, expect, it } from 'vitest';
import { type BackfillCommand, carryOut, problemOf } from '../../../workflows/backfill/commands.ts';
import { carriedOf, describe as describeBackfill, details } from '../../../workflows/backfill/describe.ts';
import { batchSize, secondsLeft, waitAfter } from '../../../workflows/backfill/pace.ts';
import {
  type BackfillEvent,
  type BackfillState,
  initialState,
  reduce,
  room,
} from '../../../workflows/backfill/state.ts';
import type { BackfillPlan } from '../../../workflows/messages.ts';

const STARTED_AT = '2026-11-20T09:00:00.000Z';
const PLAN: BackfillPlan = {
  crm: 'hubspot',
  after: '2025-01-01T00:00:00.000Z',
  before: '2026-01-01T00:00:00.000Z',
  dryRun: false,
  perMinute: 60,
};

/** What has become of a backfill after these events. */
function afterEvents(events: BackfillEvent[], plan: Partial<BackfillPlan> = {}): BackfillState {
  const opened: BackfillEvent = { type: 'opened', plan: { ...PLAN, ...plan } };
  return [opened, ...events].reduce(reduce, initialState({ crm: 'hubspot' }, STARTED_AT));
}

const deals = (...ids: string[]) => ids.map((dealId) => ({ dealId, name: `Deal ${dealId}` }));

/** A page with these candidates, of `scanned` deals. */
const page = (
  ids: string[],
  { skipped = {}, next, remaining }: { skipped?: Record<string, number>; next?: string; remaining?: number } = {},
): BackfillEvent => ({
  type: 'page_read',
  page: {
    candidates: deals(...ids),
    skipped,
    scanned: ids.length + Object.values(skipped).reduce((sum, count) => sum + count, 0),
    ...(next !== undefined && { next }),
    ...(remaining !== undefined && { remaining }),
  },
  tookMs: 1_000,
});

const batch = (
  asked: string[],
  result: Partial<Extract<BackfillEvent, { type: 'batch_ended' }>['result']> = {},
): BackfillEvent => ({
  type: 'batch_ended',
  asked,
  result: { started: asked.length, skipped: {}, failed: [], rest: [], ...result },
  tookMs: 10_000,
});

const pushedBack = (waitMs?: number): BackfillEvent => ({
  type: 'pushed_back',
  pushBack: { reason: 'HubSpot allows no more.', ...(waitMs !== undefined && { waitMs }) },
  nowMs: Date.parse(STARTED_AT),
  firstWaitMs: 15_000,
});

describe('how a backfill gets on', () => {
  it('reads a page, starts it in batches, and asks for the next one', () => {
    const read = afterEvents([page(['1', '2', '3'], { skipped: { 'has a kickoff (done)': 2 }, next: 'p2' })]);
    expect(read).toMatchObject({ scanned: 5, skipped: { 'has a kickoff (done)': 2 }, page: { next: 'p2' } });
    const half = [batch(['1', '2'])].reduce(reduce, read);
    expect(half).toMatchObject({ started: 2, page: { rest: deals('3') } });
    const done = [batch(['3'])].reduce(reduce, half);
    expect(done).toMatchObject({ started: 3, cursor: 'p2', isExhausted: false });
    expect(done.page).toBeUndefined();
  });

  it.each<[string, BackfillEvent[], Partial<BackfillState>]>([
    ['the last page is empty', [page([])], { isExhausted: true }],
    ['the last page is done', [page(['1']), batch(['1'])], { isExhausted: true, started: 1 }],
    ['an empty page is not the last', [page([], { next: 'p2' })], { isExhausted: false, cursor: 'p2' }],
    [
      'a page of deals that all have kickoffs',
      [page([], { skipped: { 'has a kickoff (done)': 100 }, next: 'p2' })],
      { scanned: 100, cursor: 'p2', skipped: { 'has a kickoff (done)': 100 } },
    ],
    [
      'deals that fail are listed, and count as done with',
      [page(['1', '2']), batch(['1', '2'], { started: 1, failed: [{ dealId: '2', reason: 'gone' }] })],
      { started: 1, failed: 1, failures: [{ dealId: '2', reason: 'gone' }], isExhausted: true },
    ],
    [
      'the same reason twice is counted together',
      [
        page(['1', '2'], { skipped: { 'in another pipeline': 1 } }),
        batch(['1', '2'], { started: 1, skipped: { 'in another pipeline': 1 } }),
      ],
      { skipped: { 'in another pipeline': 2 } },
    ],
    [
      'what was not tried stays in its place',
      [page(['1', '2', '3'], { next: 'p2' }), batch(['1', '2', '3'], { started: 1, rest: ['2', '3'] })],
      { started: 1, page: { rest: deals('2', '3'), next: 'p2' } },
    ],
    ['a changed rate counts from the next batch on', [{ type: 'rate_changed', perMinute: 7 }], { perMinute: 7 }],
    ['a pause', [{ type: 'paused' }], { isPaused: true }],
    ['a resumption', [{ type: 'paused' }, { type: 'resumed' }], { isPaused: false }],
  ])('%s', (_name, events, expected) => {
    expect(afterEvents(events)).toMatchObject(expected);
  });

  it('lists the first 200 failures and counts the others', () => {
    const ids = Array.from({ length: 250 }, (_, index) => String(index));
    const failed = ids.map((dealId) => ({ dealId, reason: 'gone' }));
    const state = afterEvents([page(ids), batch(ids, { started: 0, failed })]);
    expect(state.failed).toBe(250);
    expect(state.failures).toHaveLength(200);
  });

  it('waits longer each time nothing comes through, and begins anew when something has', () => {
    const waits = (events: BackfillEvent[]) => (afterEvents(events).pushBack?.untilMs ?? 0) - Date.parse(STARTED_AT);
    const over: BackfillEvent = { type: 'wait_over', waitedMs: 15_000 };
    expect(waits([pushedBack()])).toBe(15_000);
    expect(waits([pushedBack(), over, pushedBack()])).toBe(30_000);
    expect(
      waits([page(['1', '2']), pushedBack(), over, batch(['1', '2'], { started: 0, rest: ['1', '2'] }), pushedBack()]),
    ).toBe(30_000);
    expect(
      waits([page(['1', '2']), pushedBack(), over, batch(['1', '2'], { started: 1, rest: ['2'] }), pushedBack()]),
    ).toBe(15_000);
    expect(waits([pushedBack(120_000)])).toBe(120_000);
  });

  it('counts in a dry run what it would start, up to the limit', () => {
    const state = afterEvents(
      [page(['1', '2', '3'], { skipped: { 'has a kickoff (done)': 1 } }), { type: 'counted' }],
      {
        dryRun: true,
        limit: 2,
      },
    );
    expect(state).toMatchObject({ scanned: 4, started: 0, wouldStart: deals('1', '2') });
    expect(room(state)).toBe(0);
    const unlimited = afterEvents([page(['1', '2', '3'], { next: 'p2' }), { type: 'counted' }], { dryRun: true });
    expect(unlimited).toMatchObject({ wouldStart: deals('1', '2', '3'), cursor: 'p2' });
  });

  it('has room for as many as the limit leaves', () => {
    expect(room(afterEvents([page(['1', '2', '3']), batch(['1', '2'])], { limit: 3 }))).toBe(1);
    expect(room(afterEvents([page(['1'])]))).toBe(Number.POSITIVE_INFINITY);
  });

  it('is the same in the run that carries it on', () => {
    const state = afterEvents([
      page(['1', '2'], { skipped: { 'in another pipeline': 3 }, next: 'p2', remaining: 40 }),
      batch(['1', '2'], { started: 1, failed: [{ dealId: '2', reason: 'gone' }] }),
    ]);
    const carried = initialState({ crm: 'hubspot', carried: carriedOf(state) }, '2030-01-01T00:00:00.000Z');
    const { secondsLeft: _, ...known } = describeBackfill(state);
    expect(describeBackfill(carried)).toEqual(known);
    expect(carried.cursor).toBe('p2');
  });
});

describe('how a backfill is told of', () => {
  it.each<[string, BackfillEvent[], string, string | RegExp]>([
    ['between two pages', [], 'running', 'the next page of hubspot’s won deals'],
    ['in a page', [page(['1', '2'])], 'running', 'the kickoffs of 2 deals of this page to be started'],
    ['paused', [page(['1']), { type: 'paused' }], 'paused', 'somebody to resume it'],
    ['pushed back', [pushedBack()], 'pushed_back', 'HubSpot allows no more. It goes on at 2026-11-20T09:00:15.000Z'],
    ['being cancelled', [page(['1']), { type: 'cancelled', reason: 'x' }], 'running', /^the end of what is running/],
    [
      'cancelled',
      [{ type: 'cancelled', reason: 'wrong' }, { type: 'ended' }],
      'cancelled',
      'nothing: cancelled (wrong)',
    ],
    ['done', [page([]), { type: 'ended' }], 'done', 'nothing: every deal has been looked at'],
  ])('%s', (_name, events, state, waitingFor) => {
    const progress = describeBackfill(afterEvents(events));
    expect(progress.state).toBe(state);
    expect(progress.waitingFor).toEqual(
      typeof waitingFor === 'string' ? waitingFor : expect.stringMatching(waitingFor),
    );
  });

  it('says that the limit ended it', () => {
    const state = afterEvents([page(['1', '2']), batch(['1']), { type: 'ended' }], { limit: 1 });
    expect(describeBackfill(state)).toMatchObject({ state: 'done', waitingFor: 'nothing: the limit of 1 is reached' });
  });

  it('says how long it will take, at the pace of what was handled, waits included', () => {
    const events = [page(['1', '2', '3', '4', '5'], { next: 'p2', remaining: 100 }), batch(['1', '2', '3', '4', '5'])];
    expect(describeBackfill(afterEvents(events))).toMatchObject({ remaining: 95, secondsLeft: 209 });
    const slower = [...events, pushedBack(), { type: 'wait_over' as const, waitedMs: 11_000 }];
    expect(describeBackfill(afterEvents(slower)).secondsLeft).toBe(418);
    expect(describeBackfill(afterEvents(events, { limit: 6 })).secondsLeft).toBe(2);
    expect(describeBackfill(afterEvents([...events, { type: 'ended' }])).secondsLeft).toBeUndefined();
    expect(describeBackfill(afterEvents([page(['1'])])).secondsLeft).toBeUndefined();
  });

  it('is shown with its figures, a bar, the time left and its failures', () => {
    const shown = details(
      afterEvents([
        page(['1', '2', '3'], { skipped: { 'has a kickoff (done)': 1 }, next: 'p2', remaining: 8 }),
        batch(['1', '2', '3'], { started: 2, failed: [{ dealId: '3', reason: 'HubSpot has no deal 3.' }] }),
      ]),
    );
    expect(shown).toContain('**running**, waits for the next page of hubspot’s won deals');
    expect(shown).toContain('███████████████░░░░░░░░░░░░░░░ 50 %');
    expect(shown).toContain('- scanned 4, started 2, skipped 1, failed 1');
    expect(shown).toContain('  - skipped, has a kickoff (done): 1');
    expect(shown).toContain('- deal `3` failed: HubSpot has no deal 3.');
    expect(shown).toContain('- about 11 seconds left');
  });
});

describe('what a person may ask of a backfill', () => {
  const running = afterEvents([page(['1'])]);

  it.each<[string, BackfillCommand, BackfillState, RegExp]>([
    ['pausing a paused one', { name: 'pause' }, afterEvents([{ type: 'paused' }]), /paused already/],
    ['resuming one that runs', { name: 'resume' }, running, /not paused/],
    ['a cancellation without a reason', { name: 'cancel', input: { reason: '  ' } }, running, /^reason: say why/],
    ['a reason of 501 characters', { name: 'cancel', input: { reason: 'x'.repeat(501) } }, running, /500 characters/],
    ['no rate at all', { name: 'changeRate', input: { perMinute: 0 } }, running, /from 1 to 100,000/],
    ['a rate beyond all', { name: 'changeRate', input: { perMinute: 100_001 } }, running, /from 1 to 100,000/],
    ['half a kickoff', { name: 'changeRate', input: { perMinute: 1.5 } }, running, /whole number/],
    ['no number', { name: 'changeRate', input: JSON.parse('{"perMinute":"60"}') }, running, /whole number/],
    ['nothing', { name: 'changeRate', input: JSON.parse('null') }, running, /whole number/],
    ['the rate that it has', { name: 'changeRate', input: { perMinute: 60 } }, running, /60 a minute already/],
    [
      'anything of one that has ended',
      { name: 'pause' },
      afterEvents([{ type: 'ended' }]),
      /too late: the backfill has ended/,
    ],
    [
      'anything of one that is being cancelled',
      { name: 'resume' },
      afterEvents([{ type: 'cancelled', reason: 'x' }]),
      /too late: the backfill is being cancelled/,
    ],
  ])('refuses %s', (_name, command, state, problem) => {
    expect(problemOf(command, state)).toMatch(problem);
  });

  it.each<[string, BackfillCommand, BackfillState, BackfillEvent, RegExp]>([
    ['pause', { name: 'pause' }, running, { type: 'paused' }, /^The backfill pauses after the batch that is running\./],
    [
      'pause between',
      { name: 'pause' },
      afterEvents([]),
      { type: 'paused' },
      /^The backfill is paused\. So far: scanned 0/,
    ],
    ['resume', { name: 'resume' }, afterEvents([{ type: 'paused' }]), { type: 'resumed' }, /^The backfill goes on/],
    ['try at once', { name: 'resume' }, afterEvents([pushedBack()]), { type: 'resumed' }, /^The backfill goes on/],
    [
      'cancel',
      { name: 'cancel', input: { reason: ' wrong pipeline ' } },
      running,
      { type: 'cancelled', reason: 'wrong pipeline' },
      /kickoffs that it has started go on/,
    ],
    [
      'changeRate',
      { name: 'changeRate', input: { perMinute: 30 } },
      running,
      { type: 'rate_changed', perMinute: 30 },
      /^From the next batch on: 30 a minute\.$/,
    ],
  ])('takes %s', (_name, command, state, event, answer) => {
    expect(problemOf(command, state)).toBeUndefined();
    const carried = carryOut(command, state);
    expect(carried.event).toEqual(event);
    expect(carried.answer).toMatch(answer);
  });
});

describe('batches and waits', () => {
  it.each([
    [1, 1],
    [5, 1],
    [60, 12],
    [96, 19],
    [250, 50],
    [100_000, 50],
  ])('at %i a minute a batch has %i deals', (perMinute, size) => {
    expect(batchSize(perMinute)).toBe(size);
  });

  it.each([
    [1, undefined, 15_000],
    [2, undefined, 30_000],
    [5, undefined, 240_000],
    [6, undefined, 300_000],
    [60, undefined, 300_000],
    [1, 90_000, 90_000],
    [1, 1_000, 15_000],
    [1, 86_400_000, 3_600_000],
  ])('the %i. push-back, with %s ms asked for, waits %i ms', (times, asked, ms) => {
    expect(waitAfter(times, 15_000, asked)).toBe(ms);
  });

  it('cannot tell how long it will take before anything was handled', () => {
    expect(secondsLeft(10, [])).toBeUndefined();
    expect(secondsLeft(10, [{ handled: 0, ms: 1_000 }])).toBeUndefined();
    expect(secondsLeft(10, [{ handled: 5, ms: 1_000 }])).toBe(2);
  });
});
