import { describe, expect, it } from 'vitest';
import { managerOf } from '../../../activities/hand-over/manager-of.ts';
import { noticeText } from '../../../activities/hand-over/notice.ts';
import { describe as describeHandOver, details } from '../../../workflows/hand-over/describe.ts';
import { answerTo, inputProblems, problemsOf } from '../../../workflows/hand-over/problems.ts';
import { type HandOverState, isHandable, stillOpen } from '../../../workflows/hand-over/state.ts';

const ADA = 'ada@vendor.example';
const BOB = 'bob@vendor.example';
const meeting = (id: string, phase = 'scheduling') => ({
  workflowId: `kickoff:${id}`,
  account: `Account *${id}*`,
  phase,
});
const state: HandOverState = {
  email: ADA,
  reason: 'on leave',
  meetings: [meeting('1'), meeting('2'), meeting('3', 'done')],
  done: [],
  isListed: true,
};

describe('a hand-over', () => {
  it.each<[string, unknown, RegExp[]]>([
    ['nothing', undefined, [/^email/, /^reason/, /^For example/]],
    ['no address', { email: 'ada', reason: 'x' }, [/^email/, /^For example/]],
    ['no reason', { email: ADA, reason: ' ' }, [/^reason/, /^For example/]],
    ['to the same person', { email: ADA, reason: 'x', to: 'ADA@vendor.example' }, [/same person/, /^For example/]],
    ['reminders of yesterday', { email: ADA, reason: 'x', remindAfterDays: -1 }, [/remindAfterDays/, /^For example/]],
    ['what is right', { email: ADA, reason: 'x', to: BOB, remindAfterDays: 1 }, []],
  ])('is started with %s', (_what, input, problems) => {
    expect(inputProblems(input)).toEqual(problems.map((problem) => expect.stringMatching(problem)));
  });

  it.each<[string, unknown, RegExp[]]>([
    ['a colleague', { to: BOB, reason: 'x' }, []],
    ['the same person in another casing', { to: 'Ada@Vendor.example', reason: 'x' }, [/same person/]],
    ['no address', { to: 'bob', reason: 'x' }, [/active SkipUp member/]],
    ['nobody, for no reason', null, [/^to/, /^reason/]],
  ])('is asked to give to %s', (_what, command, problems) => {
    expect(problemsOf(command, ADA)).toEqual(problems.map((problem) => expect.stringMatching(problem)));
  });

  it('is over what is neither booked nor handed over', () => {
    const done = [
      { workflowId: 'kickoff:1', ok: true, message: 'done' },
      { workflowId: 'kickoff:2', ok: false, message: 'it is requesting now' },
    ];
    expect(stillOpen({ ...state, done }).filter(isHandable)).toEqual([meeting('2')]);
    expect(describeHandOver({ ...state, done }).waitingFor).toMatch(/`handOver`/);
    const all = done.map((each) => ({ ...each, ok: true }));
    expect(describeHandOver({ ...state, done: all }).waitingFor).toMatch(/^nothing/);
  });

  it('answers what was done and what was not', () => {
    expect(answerTo(BOB, [])).toMatch(/nothing left/);
    expect(answerTo(BOB, [{ workflowId: 'a', ok: true, message: '' }])).toBe(`1 of 1 handed over to ${BOB}.`);
    const failed = Array.from({ length: 7 }, (_, index) => ({ workflowId: `k${index}`, ok: false, message: 'no.' }));
    expect(answerTo(BOB, failed)).toMatch(/^0 of 7 .* Not: k0: no\. .* and 2 more$/);
  });

  it('shows what is theirs, what is booked, and what can be sent, as Markdown that no name breaks', () => {
    const text = details(describeHandOver(state), { ...state, told: 'Told carol@vendor.example by mail.' });
    expect(text).toContain('Account \\*1\\* · scheduling · `kickoff:1`');
    expect(text).toContain('**Booked already: see to the calendar**\n\n- Account \\*3\\*');
    expect(text).toContain('`handOver`');
    expect(text).toContain('`{"to":"colleague@yourcompany.example","reason":"on leave"}`');
    expect(text).toContain('Told carol@vendor.example by mail');
  });
});

describe('the manager', () => {
  it.each([
    ['their own', { manager: 'm@v.example', managerOf: { 'Ada@vendor.example': 'own@v.example' } }, 'own@v.example'],
    ['everybody’s', { manager: 'm@v.example', managerOf: { [BOB]: 'own@v.example' } }, 'm@v.example'],
    ['nobody', {}, undefined],
  ])('is %s', (_who, policy, manager) => {
    expect(managerOf(ADA, policy)).toBe(manager);
  });

  it('reads what it is about, no more than thirty of them, and how to hand it over', () => {
    const meetings = Array.from({ length: 40 }, (_, index) => meeting(`${index}`));
    const text = noticeText({ email: ADA, meetings, link: 'http://ui/x' });
    expect(text).toMatch(/organizes 40 meetings/);
    expect(text).toContain('… and 10 more');
    expect(text).toContain(`kickoff hand-over ${ADA} --to`);
    expect(text.endsWith('http://ui/x')).toBe(true);
  });
});
