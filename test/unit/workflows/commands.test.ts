import { describe, expect, it } from 'vitest';
import { type Command, problemsOf } from '../../../workflows/kickoff/commands.ts';
import { initialState, type KickoffState } from '../../../workflows/kickoff/state.ts';
import { input } from './fixtures.ts';

const inPhase = (phase: KickoffState['phase']): KickoffState => ({ ...initialState(input), phase });
const person = { email: 'x@acme-corp.example' };

describe('what a person may ask of a kickoff', () => {
  it.each<[string, Command, KickoffState['phase']]>([
    ['cancel while it is scheduling', { name: 'cancel', input: { reason: 'postponed' } }, 'scheduling'],
    ['cancel while SkipUp is unreachable', { name: 'cancel', input: { reason: 'postponed' } }, 'requesting'],
    ['another organizer', { name: 'changeOrganizer', input: { email: 'a@b.example' } }, 'paused'],
    ['another title', { name: 'updateContext', input: { title: 'New' } }, 'scheduling'],
    [
      'other participants',
      { name: 'replaceParticipants', input: { participants: [person], reason: 'left' } },
      'scheduling',
    ],
    ['going on without somebody', { name: 'proceed' }, 'needs_attention'],
  ])('takes %s', (_name, command, phase) => {
    expect(problemsOf(command, inPhase(phase))).toEqual([]);
  });

  it.each<[string, Command, KickoffState['phase'], RegExp]>([
    ['a cancellation after the booking', { name: 'cancel', input: { reason: 'x' } }, 'done', /it is done now/],
    ['a cancellation without a reason', { name: 'cancel', input: { reason: ' ' } }, 'scheduling', /reason/],
    ['resuming what is not paused', { name: 'resume' }, 'scheduling', /while the kickoff is paused/],
    ['an organizer who is no address', { name: 'changeOrganizer', input: { email: 'jordan' } }, 'scheduling', /email/],
    [
      'a title beyond SkipUp’s limit',
      { name: 'updateContext', input: { title: 'x'.repeat(256) } },
      'scheduling',
      /255/,
    ],
    ['an empty change', { name: 'updateContext', input: {} }, 'scheduling', /at least one/],
    [
      'a window that ends before it starts',
      { name: 'updateContext', input: { timeframe: { start: '2026-02-12', end: '2026-02-11' } } },
      'scheduling',
      /start before end/,
    ],
    ['nobody', { name: 'replaceParticipants', input: { participants: [], reason: 'x' } }, 'scheduling', /1 to 50/],
    [
      'one person twice',
      { name: 'replaceParticipants', input: { participants: [person, { email: 'X@acme-corp.example' }], reason: 'x' } },
      'scheduling',
      /participants\[1\].email: named twice/,
    ],
    [
      'a zone that is none',
      { name: 'replaceParticipants', input: { participants: [{ ...person, timezone: 'Mars/Base' }], reason: 'x' } },
      'scheduling',
      /IANA/,
    ],
    [
      'retrying a step that has not failed',
      { name: 'retryStep', input: { id: 'status' } },
      'done',
      /no step has failed/,
    ],
  ])('refuses %s', (_name, command, phase, problem) => {
    expect(problemsOf(command, inPhase(phase)).join(' ')).toMatch(problem);
  });
});
