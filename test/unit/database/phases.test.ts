import { expect, it } from 'vitest';
import { mayFollow, PHASE_NAMES, type PhaseName } from '../../../database/phases.ts';
import { PHASES } from '../../../workflows/messages.ts';

/** What may be written of a kickoff that is done, within its revision. */
const AFTER_DONE: ReadonlySet<PhaseName> = new Set<PhaseName>(['done', 'needs_attention', 'cancelled']);
const OVER = ['done', 'cancelled', 'expired', 'failed'] as const;

it('knows the phases that the workflows know', () => {
  expect([...PHASE_NAMES].sort()).toEqual([...PHASES].sort());
});

it('lets every phase be written again', () => {
  for (const phase of PHASE_NAMES) expect(mayFollow(phase, phase)).toBe(true);
});

it('lets every live kickoff end in any way, and wait for a person', () => {
  for (const from of PHASE_NAMES.filter((phase) => !OVER.some((over) => over === phase))) {
    for (const to of [...OVER, 'needs_attention'] as const) expect(mayFollow(from, to), `${from} to ${to}`).toBe(true);
  }
});

it('lets nothing follow a cancelled or a failed kickoff', () => {
  for (const from of ['cancelled', 'failed'] as const) {
    expect(PHASE_NAMES.filter((to) => mayFollow(from, to))).toEqual([from]);
  }
});

it.each<[string, PhaseName, readonly PhaseName[]]>([
  ['a booked meeting that is cancelled waits for a person, and is done no more', 'done', ['needs_attention']],
  ['a window that is handed over waits for a person', 'scheduling', ['needs_attention']],
  ['what waits for a person begins anew, ends, or is booked meanwhile', 'needs_attention', [...PHASE_NAMES]],
])('%s', (_what, from, to) => {
  for (const phase of to) expect(mayFollow(from, phase), `${from} to ${phase}`).toBe(true);
});

it.each<[string, PhaseName, readonly PhaseName[]]>([
  [
    'a kickoff that is done does not go on under the same revision',
    'done',
    PHASE_NAMES.filter((to) => !AFTER_DONE.has(to)),
  ],
  ['a booked kickoff is not asked for again', 'booked', ['resolving', 'requesting', 'scheduling', 'paused']],
  ['nor is one whose steps run', 'onboarding', ['resolving', 'requesting', 'scheduling', 'paused']],
  [
    'an expired one is not scheduled',
    'expired',
    ['resolving', 'requesting', 'scheduling', 'paused', 'needs_attention'],
  ],
  ['one that has its request does not find out whom to ask', 'scheduling', ['resolving', 'requesting']],
  ['nor does one that rests', 'paused', ['resolving', 'requesting']],
])('%s', (_what, from, to) => {
  for (const phase of to) expect(mayFollow(from, phase), `${from} to ${phase}`).toBe(false);
});
