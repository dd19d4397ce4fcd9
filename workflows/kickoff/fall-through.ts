/**
 * The part of the state machine for a meeting that does not take place: the kickoff is off, or goes on under its next
 * revision, at once or when a person says so.
 */
import type { KickoffPolicy, StepList } from '../../config/policy.ts';
import { meetingStatus } from '../meeting/lifecycle.ts';
import { enqueue, hasRun, isUnderWay, listOf, type StepRecord, type StepRun } from '../steps/state.ts';
import { isUndoPossible } from '../steps/to-undo.ts';
import { asked } from './deal-change.ts';
import { withChosenOrganizer } from './organizer-left.ts';
import { type Between, ENDED, type KickoffState, notify } from './state.ts';

/** The kickoff does not take place. */
export function fallThrough(
  state: KickoffState,
  phase: 'cancelled' | 'expired',
  reason: string,
  policy: KickoffPolicy,
): KickoffState {
  if (ENDED.has(state.phase)) return state;
  const { doubt: _moot, between: _over, ...rest } = state;
  const list = phase === 'cancelled' ? 'on_cancelled' : 'on_expired';
  const isUntold = hasRun(state, { list, occurrence: `${state.revision}` });
  const over = { ...calledOff(rest, list, 'everything', reason, policy), phase, needs: [] };
  return isUntold ? { ...over, isUntold } : over;
}

/**
 * The window has passed without a booking, and that is the end of it.
 *
 * @param trouble why the request could not be cancelled at SkipUp, in words: somebody should know that it is still open
 */
export function expired(state: KickoffState, trouble: string | undefined, policy: KickoffPolicy): KickoffState {
  const open = trouble === undefined ? '' : `; its request could not be cancelled at SkipUp (${trouble})`;
  return fallThrough(state, 'expired', `the window has passed without a booking${open}`, policy);
}

/** A booked meeting was cancelled by somebody else. In a doubt about the deal it is what the doubt asked for. */
export function bookingCancelled(state: KickoffState, policy: KickoffPolicy): KickoffState {
  const reason = 'the booked meeting was cancelled';
  // A kickoff that began before this rule has none: it closes.
  const rule = state.doubt === undefined ? (policy.whenBookingIsCancelled ?? 'close') : 'close';
  if (rule === 'close') return fallThrough(state, 'cancelled', reason, policy);
  const over = calledOff(state, 'on_cancelled', 'revision', reason, policy);
  const times = state.rescheduled ?? 0;
  if (rule === 'reschedule' && times < policy.rescheduleTimes) return nextRevision({ ...over, rescheduled: times + 1 });
  const again = times > 0 ? ', again' : '';
  return waitBetween({ ...over, between: { over: 'booking' } }, `The booked meeting was cancelled${again}:`, policy);
}

/**
 * The window has passed, and a person takes over.
 *
 * @param trouble why the request could not be cancelled at SkipUp, in words
 */
export function handedOver(state: KickoffState, trouble: string | undefined, policy: KickoffPolicy): KickoffState {
  const over = calledOff(state, 'on_expired', 'revision', 'the window has passed without a booking', policy);
  const requestId = state.meeting?.requestId;
  const openRequest = trouble === undefined || requestId === undefined ? {} : { openRequest: requestId };
  const open =
    trouble === undefined ? '' : ` Its request could not be cancelled at SkipUp (${trouble}); it will be tried again.`;
  return waitBetween(
    { ...over, between: { over: 'window', ...openRequest } },
    `The window has passed without a booking.${open} From here:`,
    policy,
  );
}

/**
 * What is heard of the request that a person is asked about. One that could not be cancelled may be booked after all: then
 * there is the meeting, and nothing is to be scheduled anew.
 */
export function meetingBetween(
  state: KickoffState,
  { over, openRequest }: Between,
  policy: KickoffPolicy,
): KickoffState {
  if (state.meeting === undefined || openRequest === undefined) return state;
  switch (meetingStatus(state.meeting)) {
    case 'cancelled':
      return { ...state, between: { over } };
    case 'booked': {
      const { between: _moot, reason: _past, ...rest } = state;
      const run = listOf(policy.steps, { list: 'on_booked', occurrence: `${state.revision}` });
      const phase = run.length === 0 ? 'done' : 'booked';
      return asked(enqueue({ ...rest, phase, needs: [], takingBack: false }, run), policy);
    }
    default:
      return state;
  }
}

/**
 * The kickoff is scheduled anew: under its next revision, with a request, a window and a key of its own. What the deal's
 * close has set going is not done again.
 */
export function nextRevision(state: KickoffState): KickoffState {
  const {
    request,
    meeting,
    reason,
    closesAt: _closed,
    requestedAt: _requested,
    remindsAt: _reminds,
    extended: _extended,
    between: _over,
    organizerLeft: _left,
    peopleChanged: _changed,
    peopleKept: _kept,
    lookWanted: _look,
    ...rest
  } = withChosenOrganizer(state);
  return {
    ...rest,
    phase: 'resolving',
    revision: state.revision + 1,
    former: {
      revision: state.revision,
      ...(request && { request }),
      ...(meeting && { meeting }),
      ...(reason && { reason }),
    },
    early: [],
    readWanted: false,
    needs: [],
    takingBack: false,
    steps: state.steps.map((step) => (step.list === 'on_won' ? step : { ...step, past: true as const, holds: false })),
  };
}

function waitBetween(state: KickoffState, what: string, policy: KickoffPolicy): KickoffState {
  const next = `send \`proceed\` to schedule it anew as revision ${state.revision + 1}, or \`cancel\` to close it.`;
  return notify({ ...state, phase: 'needs_attention', needs: [`${what} ${next}`] }, policy);
}

/**
 * What is running is stopped, what was still to run is dropped, what was made is taken back, and the list runs that says
 * so. What the deal's close has set going is no matter of the meeting's.
 */
function calledOff(
  state: KickoffState,
  list: Extract<StepList, 'on_cancelled' | 'on_expired'>,
  undoes: NonNullable<StepRun['undoes']>,
  reason: string,
  policy: KickoffPolicy,
): KickoffState {
  const { revision } = state;
  const run = { list, occurrence: `${revision}`, revision };
  const isKept = (queued: StepRun) =>
    isUnderWay(state, queued, policy.steps) || (undoes === 'revision' && queued.list === 'on_won');
  // Rules of before steps could be undone have none of it.
  const canUndo =
    policy.whenBookingIsCancelled !== undefined && isUndoPossible(state, { ...run, undoes }, policy.steps);
  return {
    ...state,
    reason,
    takingBack: false,
    steps: state.steps.map((step) =>
      letGo(
        step,
        state.queue.some((queued) => !isKept(queued) && isIn(step, queued)),
      ),
    ),
    queue: [
      ...state.queue.filter(isKept),
      ...(canUndo ? [{ ...run, undoes }] : []),
      ...(hasRun(state, run) ? [] : listOf(policy.steps, run)),
    ],
  };
}

/** Nobody need retry a step for a meeting that is off; what says that it is off still holds. */
function letGo(step: StepRecord, isDropped: boolean): StepRecord {
  const holds = step.holds && (step.list === 'on_cancelled' || step.list === 'on_expired' || step.undoFailed === true);
  if (!isDropped || step.state !== 'waiting') return { ...step, holds };
  return { ...step, holds, state: 'skipped', detail: 'the kickoff fell through' };
}

function isIn(step: StepRecord, run: StepRun): boolean {
  return step.list === run.list && step.occurrence === run.occurrence && run.only?.includes(step.id) === true;
}
