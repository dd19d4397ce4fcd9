import { describe, expect, it } from 'vitest';
import { clockDifference, localSpan, localTime } from '../../../console/kickoff/local-time.ts';
import { payloadText } from '../../../console/kickoff/payload.ts';
import { prose } from '../../../console/kickoff/prose.ts';
import { listed } from '../../../console/kickoff/role-words.ts';
import { stepViews } from '../../../console/kickoff/step-views.ts';
import { html } from '../../../console/page/html.ts';
import type { StepRow } from '../../../database/index.ts';
import type { KickoffStatus, StepStatus } from '../../../workflows/messages.ts';

describe('somebody’s own time', () => {
  it.each([
    ['2026-02-10T17:30:00Z', 'Europe/London', 'Tue 10 Feb, 17:30 Europe/London', undefined],
    ['2026-02-10T17:30:00Z', 'Asia/Kolkata', 'Tue 10 Feb, 23:00 Asia/Kolkata', 'at night'],
    ['2026-02-14T12:00:00Z', 'UTC', 'Sat 14 Feb, 12:00 UTC', 'weekend'],
    // Summer time has begun there.
    ['2026-03-20T16:00:00Z', 'America/New_York', 'Fri 20 Mar, 12:00 America/New_York', undefined],
  ])('of %s in %s', (at, zone, text, hint) => {
    expect(localTime(new Date(at), zone)).toEqual({ text, ...(hint && { hint }) });
  });

  it('is none in a zone that is none', () => {
    expect(localTime(new Date(0), 'Acme/Nowhere')).toBeUndefined();
    expect(localSpan(new Date(0), new Date(1), '')).toBeUndefined();
  });

  it('is ahead of another, behind it, or the same', () => {
    const at = new Date('2026-02-10T12:00:00Z');
    expect(clockDifference(at, 'Asia/Kolkata', 'UTC')).toBe('5 h 30 min ahead of');
    expect(clockDifference(at, 'America/New_York', 'Europe/London')).toBe('5 h behind');
    expect(clockDifference(at, 'Europe/London', 'UTC')).toBeUndefined();
    // Between the two changes to summer time it is an hour less.
    expect(clockDifference(new Date('2026-03-20T12:00:00Z'), 'America/New_York', 'Europe/London')).toBe('4 h behind');
  });
});

it('a workflow’s sentence has its instants in the viewer’s zone and its code as code, and everything else as text', () => {
  const said = prose('a <b> until 2026-02-22T05:00:00Z, then `proceed`', 'America/New_York');
  expect(html`${said}`.toString()).toBe(
    'a &lt;b&gt; until <time datetime="2026-02-22T05:00:00.000Z">22 Feb 2026, 00:00 America/New_York</time>, then <code>proceed</code>',
  );
});

it.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b', 'c'], 'a, b and c'],
])('%j as a list in words', (words, text) => {
  expect(listed(words)).toBe(text);
});

describe('what an event said', () => {
  it('is shown without what may be a secret, at whatever depth', () => {
    const text = payloadText({ id: 1, deep: [{ Authorization: 'Bearer x', clientSecret: 'y', transitionKey: 'z' }] });
    expect(JSON.parse(text)).toEqual({
      id: 1,
      deep: [{ Authorization: '(not shown)', clientSecret: '(not shown)', transitionKey: 'z' }],
    });
  });

  it('is cut when it is long', () => {
    const text = payloadText({ long: 'x'.repeat(10_000) });
    expect(text.length).toBeLessThan(4_100);
    expect(text).toMatch(/more characters\)$/);
  });
});

describe('the steps', () => {
  const row: StepRow = {
    workflow_id: 'kickoff:1',
    revision: 1,
    step_id: 'task',
    occurrence: '',
    list: 'on_booked',
    kind: 'crm_task',
    status: 'failed',
    outcome: null,
    error: 'no permission',
    attempts: 1,
    started_at: new Date(0),
    finished_at: new Date(1),
  };
  const step: StepStatus = {
    id: 'task',
    list: 'on_booked',
    kind: 'crm_task',
    state: 'failed',
    detail: 'no permission',
  };
  const retry = { name: 'retryStep', about: '', example: { id: 'task' } };
  const status = (steps: StepStatus[], commands: KickoffStatus['commands'] = []): KickoffStatus => ({
    workflowId: 'kickoff:1',
    phase: 'onboarding',
    dealId: '1',
    dealName: 'One',
    account: 'Acme',
    revision: 1,
    waitingFor: '',
    needs: [],
    participants: [],
    excluded: [],
    gaps: [],
    steps,
    commands,
  });

  it('may be settled only where the workflow takes it', () => {
    expect(stepViews([row], 1, status([step], [retry]))[0]).toMatchObject({ state: 'failed', canSettle: true });
    expect(stepViews([row], 1, status([step]))[0]?.canSettle).toBe(false);
    expect(stepViews([row], 1, undefined)[0]?.canSettle).toBe(false);
  });

  it('stand as the workflow says, where the ledger is behind', () => {
    const again: StepStatus = { ...step, state: 'waiting', detail: 'to be run again' };
    expect(stepViews([row], 1, status([again]))[0]).toMatchObject({ state: 'waiting', detail: 'to be run again' });
  });

  it('that are to be taken back again may be settled too', () => {
    const left: StepStatus = { ...step, state: 'left', detail: 'could not be taken back: 403' };
    expect(stepViews([{ ...row, status: 'left' }], 1, status([left], [retry]))[0]?.canSettle).toBe(true);
  });

  it('of a former revision are marked, and the same step of this one is not', () => {
    const views = stepViews(
      [row, { ...row, revision: 2, status: 'done', error: null }],
      2,
      status([
        { ...step, revision: 1 },
        { ...step, state: 'done' },
      ]),
    );
    expect(views.map(({ revision, state, canSettle }) => ({ revision, state, canSettle }))).toEqual([
      { revision: 1, state: 'failed', canSettle: false },
      { revision: undefined, state: 'done', canSettle: false },
    ]);
  });

  it('that run at every follow-up stand once each, in the order in which they ran', () => {
    const rows = [1, 2].map((count) => ({
      ...row,
      list: 'on_follow_up',
      occurrence: `1.${count}`,
      status: 'done' as const,
      error: null,
    }));
    const ran: StepStatus = { ...step, list: 'on_follow_up', state: 'done' };
    const views = stepViews(rows, 1, status([ran, ran, { ...ran, state: 'waiting' }]));
    expect(views.map(({ occurrence, state, attempts }) => [occurrence, state, attempts])).toEqual([
      ['number 1', 'done', row.attempts],
      ['number 2', 'done', row.attempts],
      ['', 'waiting', 0],
    ]);
  });

  it('of the deal’s close stay this kickoff’s own when another revision has begun', () => {
    const won = { ...row, list: 'on_won', status: 'done' as const, error: null };
    expect(stepViews([won], 2, status([{ ...step, list: 'on_won', state: 'done' }]))[0]?.revision).toBeUndefined();
    expect(stepViews([won], 2, undefined)[0]?.revision).toBe(1);
  });
});
