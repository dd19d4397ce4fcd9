/**
 * Which phase may follow which in the ledger, within one revision of a kickoff.
 *
 * Activities run more than once and late: an attempt that timed out may still write after the next one has. The workflow
 * alone decides the phase; the ledger only has to refuse what can be nothing but such a straggler:
 * - a write for an older revision than the row's is dropped, one for a newer revision is taken whatever the phase was
 *   (the revision only ever grows: a new dispatch, or participants replaced);
 * - within a revision a kickoff that is over stays over, one that is booked does not go back to scheduling, one that has
 *   its request does not go back to asking for one. Waiting for a person is possible from everywhere but an end that is
 *   one: a meeting that is booked, with every step done, may still be cancelled by somebody. What it is scheduled anew as is
 *   the next revision.
 * The check is the `where` of the very update that writes, so that two writers cannot pass it together.
 */
export const PHASE_NAMES = [
  'resolving',
  'needs_attention',
  'requesting',
  'scheduling',
  'paused',
  'booked',
  'onboarding',
  'done',
  'cancelled',
  'expired',
  'failed',
] as const;
export type PhaseName = (typeof PHASE_NAMES)[number];

const BEFORE_REQUEST = ['resolving', 'requesting'] as const;
const WITH_REQUEST = ['scheduling', 'paused'] as const;
const AFTER_BOOKING = ['booked', 'onboarding'] as const;
const WAITING = ['needs_attention'] as const;
const LIVE = [...BEFORE_REQUEST, ...WITH_REQUEST, ...AFTER_BOOKING, ...WAITING] as const;

const PREDECESSORS: Record<PhaseName, readonly PhaseName[]> = {
  resolving: ['resolving', ...WAITING],
  // A booked meeting that somebody has cancelled waits for a person, who may have it scheduled anew.
  needs_attention: [...LIVE, 'done'],
  requesting: [...BEFORE_REQUEST, ...WAITING],
  scheduling: [...BEFORE_REQUEST, ...WITH_REQUEST, ...WAITING],
  paused: [...BEFORE_REQUEST, ...WITH_REQUEST, ...WAITING],
  // A booking that is told late still happened, even when the window had been given up.
  booked: [...LIVE, 'expired'],
  onboarding: [...LIVE, 'expired'],
  done: [...LIVE, 'expired', 'done'],
  // A booked meeting can be cancelled by a person after everything is done.
  cancelled: [...LIVE, 'done', 'expired', 'cancelled'],
  expired: [...LIVE, 'expired'],
  failed: [...LIVE, 'failed'],
};

/** A kickoff in one of these can be dispatched again. */
export const REOPENABLE_PHASES = ['cancelled', 'expired', 'failed'] as const satisfies readonly PhaseName[];

/** The phases from which `phase` may be recorded within one revision; includes `phase` itself. */
export function predecessorsOf(phase: PhaseName): readonly PhaseName[] {
  return PREDECESSORS[phase];
}

/** Whether the ledger takes `to` for a kickoff that it knows as `from`, within one revision. */
export function mayFollow(from: PhaseName, to: PhaseName): boolean {
  return PREDECESSORS[to].includes(from);
}
