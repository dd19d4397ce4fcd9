import { expect, it } from 'vitest';
import { mayFollow, PHASE_NAMES } from '../../../database/phases.ts';
import { PHASES } from '../../../workflows/messages.ts';

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
