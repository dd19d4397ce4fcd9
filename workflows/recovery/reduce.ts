/**
 * The recovery's state machine: (state, event) → state, without effects, clock or randomness. What is done about a state is
 * in `recovery.ts`; here is only what an event means.
 */
import type { CreatedRequest, LeadCheck, PreparedRecovery, Timeframe } from '../../activities/contract.ts';
import type { RecoveryPolicy } from '../../config/policy.ts';
import type { RequestNews } from '../meeting/by-hand.ts';
import {
  type Meeting,
  type MeetingStatus,
  meetingStatus,
  newMeeting,
  organizerChanges,
  withEvent,
} from '../meeting/lifecycle.ts';
import { withView } from '../meeting/view.ts';
import type { LeadBooked, MeetingEvent, RecoveryPhase } from '../messages.ts';
import { enqueue, isUnderWay, listOf, reduceSteps, type StepEvent } from '../steps/state.ts';
import { isUndoPossible } from '../steps/to-undo.ts';
import { ENDED, elsewhereInWords, notify, type RecoveryState } from './state.ts';

export type RecoveryEvent =
  /** The lead has had its time. */
  | { type: 'waited' }
  | { type: 'lead_booked'; news: LeadBooked }
  | { type: 'checked'; check: LeadCheck }
  | { type: 'check_failed'; message: string }
  /** `key` and the two instants were computed from the workflow's clock when the event was made. */
  | { type: 'prepared'; prepared: PreparedRecovery; key: string; firstTriedAt: string }
  | { type: 'created'; created: CreatedRequest; closesAt: string }
  /** The window was over before the request was made: another one is found. */
  | { type: 'window_passed'; wasSent: boolean }
  | { type: 'create_refused'; message: string }
  | { type: 'create_unanswered'; message: string }
  /** A person's command came while the request was being sent, or news of a booking elsewhere. */
  | { type: 'create_stopped' }
  | { type: 'read_failed'; message: string }
  | { type: 'meeting_event'; event: MeetingEvent }
  /** `trouble`: why its request could not be cancelled, in words. */
  | { type: 'deadline_passed'; trouble?: string }
  | { type: 'reminded' }
  | { type: 'gave_up'; message: string }
  | { type: 'late_window_passed' }
  | { type: 'proceeded' }
  /** `neverMade`: SkipUp has no request under the key that got no answer. */
  | { type: 'organizer_named'; email: string; neverMade?: true }
  | { type: 'cancelled_by_person'; reason: string }
  /** The request of a lead that has booked elsewhere is cancelled, or was never made. */
  | { type: 'called_off' }
  /** It is not, and a person must know. */
  | { type: 'not_called_off'; message: string }
  | { type: 'window_changed'; timeframe: Timeframe; closesAt: string }
  | RequestNews
  | StepEvent;

export function reduce(state: RecoveryState, event: RecoveryEvent, policy: RecoveryPolicy): RecoveryState {
  switch (event.type) {
    case 'waited':
      return state.phase === 'waiting' ? { ...state, phase: 'checking' } : state;
    case 'lead_booked':
      return leadBooked(state, event.news, policy);
    case 'checked':
      return checked(state, event.check, policy);
    case 'check_failed':
      return ask(state, [event.message], policy);
    case 'prepared':
      return prepared(state, event, policy);
    case 'created':
      return created(state, event, policy);
    case 'window_passed': {
      // Under a key that may have been sent another window would be refused.
      const { request: passed, ...rest } = state;
      const wasSent = event.wasSent || passed?.unanswered === true;
      return { ...rest, phase: 'checking', revision: state.revision + (wasSent ? 1 : 0) };
    }
    case 'create_refused': {
      // Nothing was made under the key, and another body under it would be refused again: the next try has its own.
      const { request: _refused, ...rest } = state;
      return ask({ ...rest, revision: state.revision + 1 }, [event.message], policy);
    }
    case 'create_unanswered':
      return ask(unanswered(state), [event.message], policy);
    case 'create_stopped':
      return {
        ...unanswered(state),
        phase: 'needs_attention',
        needs: ['The request was stopped before SkipUp had answered. Send `proceed` to send it again.'],
      };
    case 'read_failed':
      return { ...state, readWanted: false, needs: [event.message] };
    case 'meeting_event':
      if (state.meeting === undefined) return { ...state, early: [...state.early, event.event] };
      return withMeeting(state, withEvent(state.meeting, event.event), policy);
    case 'request_read':
      return requestRead(state, event, policy);
    case 'deadline_passed':
      return expired(state, event.trouble, policy);
    case 'reminded':
      return notify(state, policy);
    case 'gave_up':
      return {
        ...state,
        phase: 'failed',
        reason: event.message,
        steps: state.steps.map((step) => ({ ...step, holds: false })),
      };
    case 'late_window_passed':
      return { ...state, closed: true };
    case 'proceeded':
      return proceeded(state);
    case 'organizer_named':
      return organizerNamed(state, event);
    case 'window_changed':
      return {
        ...state,
        ...(state.request && { request: { ...state.request, timeframe: event.timeframe } }),
        closesAt: event.closesAt,
      };
    case 'taking_back':
      return { ...state, takingBack: true };
    case 'not_taken_back':
      return notTakenBack(state, policy);
    case 'cancelled_by_person':
      return end(state, 'cancelled', event.reason, policy);
    case 'called_off':
      if (state.elsewhere === undefined) return state;
      return end(state, 'booked_elsewhere', elsewhereInWords(state.elsewhere), policy);
    case 'not_called_off':
      return troubled(
        state,
        `The lead has booked by itself, and its meeting request could not be cancelled: ${event.message} Send \`cancel\`, or \`proceed\` to try again.`,
        policy,
      );
    default:
      return reduceSteps(state, event, policy.steps);
  }
}

/**
 * The lead has booked by another way. Without a request that is the end of it; a request is cancelled first. Once it is
 * booked through SkipUp, the news may well be of that very meeting: it is shown, and nobody is bothered.
 */
function leadBooked(state: RecoveryState, news: LeadBooked, policy: RecoveryPolicy): RecoveryState {
  if (ENDED.has(state.phase) || state.closed || state.elsewhere !== undefined) return state;
  const next: RecoveryState = { ...state, elsewhere: news };
  const isFree = state.request === undefined && state.phase !== 'booked';
  return isFree ? end(next, 'booked_elsewhere', elsewhereInWords(news), policy) : next;
}

function checked(state: RecoveryState, check: LeadCheck, policy: RecoveryPolicy): RecoveryState {
  const next: RecoveryState = { ...state, lead: check.lead };
  if (state.phase !== 'checking') return next;
  // A request that may exist is not forgotten: it is looked for first, and cancelled.
  const mayExist = state.request !== undefined;
  if (check.meeting !== undefined) {
    const elsewhere = state.elsewhere ?? { key: 'checked', at: '', meeting: check.meeting };
    if (mayExist) return { ...next, elsewhere };
    return end({ ...next, elsewhere }, 'booked_elsewhere', elsewhereInWords(elsewhere), policy);
  }
  if (check.optedOut === undefined) return next;
  return mayExist
    ? ask(
        next,
        [`The lead may not be written to: ${check.optedOut}. Send \`cancel\`: the request is looked for first.`],
        policy,
      )
    : end(next, 'opted_out', check.optedOut, policy);
}

function prepared(
  state: RecoveryState,
  event: Extract<RecoveryEvent, { type: 'prepared' }>,
  policy: RecoveryPolicy,
): RecoveryState {
  if (state.phase !== 'checking') return state;
  const known: RecoveryState = { ...state, prepared: event.prepared };
  if (event.prepared.needs.length > 0) return ask(known, event.prepared.needs, policy);
  return {
    ...known,
    phase: 'requesting',
    needs: [],
    // A request without an answer keeps its key and its window: it may exist.
    request: state.request ?? {
      key: event.key,
      timeframe: event.prepared.timeframe,
      firstTriedAt: event.firstTriedAt,
      unanswered: false,
    },
  };
}

function created(
  state: RecoveryState,
  event: Extract<RecoveryEvent, { type: 'created' }>,
  policy: RecoveryPolicy,
): RecoveryState {
  const { early, ...rest } = state;
  const empty = newMeeting(event.created.requestId);
  const meeting = [...event.created.events, ...early].reduce(withEvent, empty);
  const scheduling: RecoveryState = {
    ...rest,
    early: [],
    phase: 'scheduling',
    needs: [],
    meeting: empty,
    closesAt: event.closesAt,
  };
  const requested = listOf(policy.steps, { list: 'on_requested', occurrence: '' });
  return withMeeting(enqueue(scheduling, requested), meeting, policy);
}

function requestRead(
  state: RecoveryState,
  { view, at }: Extract<RecoveryEvent, { type: 'request_read' }>,
  policy: RecoveryPolicy,
): RecoveryState {
  const read: RecoveryState = { ...state, readWanted: false };
  const organizer = state.prepared?.organizer;
  if (state.prepared !== undefined && view.organizerEmail !== undefined && organizer?.email !== view.organizerEmail) {
    read.prepared = { ...state.prepared, organizer: { email: view.organizerEmail, from: 'SkipUp' } };
  }
  if (state.meeting === undefined) return read;
  return withMeeting(read, withView(state.meeting, view, at), policy);
}

/** Takes over what is now known of the meeting, with what follows from it. */
function withMeeting(state: RecoveryState, meeting: Meeting, policy: RecoveryPolicy): RecoveryState {
  const before = state.meeting;
  let next: RecoveryState = { ...state, meeting };
  if (ENDED.has(state.phase)) return next;
  for (let count = (before?.followUpKeys.length ?? 0) + 1; count <= meeting.followUpKeys.length; count++) {
    next = enqueue(next, listOf(policy.steps, { list: 'on_follow_up', occurrence: `${count}` }));
  }
  // Who it is now is not said: it is read.
  if (organizerChanges(meeting) > (before === undefined ? 0 : organizerChanges(before))) next.readWanted = true;
  return inStatus(next, meetingStatus(meeting), policy);
}

function inStatus(state: RecoveryState, status: MeetingStatus, policy: RecoveryPolicy): RecoveryState {
  const isWaiting = state.phase === 'scheduling' || state.phase === 'paused';
  switch (status) {
    case 'cancelled':
      if (state.takingBack) return state;
      return end(state, 'cancelled', isWaiting ? 'cancelled at SkipUp' : 'the booked meeting was cancelled', policy);
    case 'booked': {
      if (!isWaiting) return state;
      const booked: RecoveryState = {
        ...state,
        phase: 'booked',
        queue: [...state.queue, ...listOf(policy.steps, { list: 'on_booked', occurrence: '' })],
      };
      if (state.elsewhere === undefined) return booked;
      return troubled(
        booked,
        `The lead has booked through SkipUp, and ${elsewhereInWords(state.elsewhere)}. If these are two meetings, call one off.`,
        policy,
      );
    }
    case 'paused':
      return isWaiting ? { ...state, phase: 'paused' } : state;
    case 'active':
      return isWaiting ? { ...state, phase: 'scheduling' } : state;
  }
}

/** What SkipUp has told meanwhile counts again. */
function notTakenBack(state: RecoveryState, policy: RecoveryPolicy): RecoveryState {
  const known = { ...state, takingBack: false };
  return state.meeting === undefined ? known : withMeeting(known, state.meeting, policy);
}

/** Only while SkipUp asks the lead: it may have told of a booking meanwhile. */
function expired(state: RecoveryState, trouble: string | undefined, policy: RecoveryPolicy): RecoveryState {
  if (state.phase !== 'scheduling' && state.phase !== 'paused') return notTakenBack(state, policy);
  const open = trouble === undefined ? '' : `; its request could not be cancelled at SkipUp (${trouble})`;
  return end(state, 'expired', `the window has passed without a booking${open}`, policy);
}

function organizerNamed(
  state: RecoveryState,
  { email, neverMade }: Extract<RecoveryEvent, { type: 'organizer_named' }>,
): RecoveryState {
  const named: RecoveryState = { ...state, organizerEmail: email };
  if (state.phase !== 'needs_attention') return named;
  const { request, prepared: known, ...rest } = named;
  if (neverMade === true) return { ...rest, phase: 'checking', revision: state.revision + 1 };
  if (request === undefined || known === undefined) return { ...named, phase: 'checking' };
  // It may exist, and is the new organizer's by now: it is looked for as theirs.
  const prepared = { ...known, organizer: { email, from: 'named by hand' } };
  return { ...rest, request, prepared, phase: 'checking' };
}

/** What was known of a booking elsewhere is tried again; anything else begins with the lead as it is now. */
function proceeded(state: RecoveryState): RecoveryState {
  if (state.elsewhere !== undefined) {
    const { trouble: _settled, ...elsewhere } = state.elsewhere;
    return { ...state, elsewhere };
  }
  return { ...state, phase: 'checking' };
}

/**
 * It is over. Steps that were still to run for a meeting that is off are dropped, and what others have made for it is taken
 * back, as far as it can be.
 */
function end(
  state: RecoveryState,
  phase: Extract<RecoveryPhase, 'booked_elsewhere' | 'cancelled' | 'expired' | 'opted_out'>,
  reason: string,
  policy: RecoveryPolicy,
): RecoveryState {
  if (ENDED.has(state.phase)) return state;
  const list = phase === 'opted_out' ? undefined : (`on_${phase}` as const);
  const run = list === undefined ? undefined : { list, occurrence: '', revision: state.revision };
  const undoes = run === undefined ? undefined : { ...run, undoes: 'everything' as const };
  return {
    ...state,
    phase,
    reason,
    takingBack: false,
    needs: [],
    // Nobody need retry a step for a meeting that is off.
    steps: state.steps.map((step) => ({ ...step, holds: false })),
    queue: [
      ...state.queue.filter((queued) => isUnderWay(state, queued, policy.steps)),
      ...(undoes !== undefined && isUndoPossible(state, undoes, policy.steps) ? [undoes] : []),
      ...(run === undefined ? [] : listOf(policy.steps, run)),
    ],
  };
}

/** Makes the recovery wait for a person, and tells them. */
function ask(state: RecoveryState, needs: string[], policy: RecoveryPolicy): RecoveryState {
  return notify({ ...state, phase: 'needs_attention', needs }, policy);
}

/** Something about the booking elsewhere that a person should know; the phase stays what it is. */
function troubled(state: RecoveryState, trouble: string, policy: RecoveryPolicy): RecoveryState {
  if (state.elsewhere === undefined) return state;
  return notify({ ...state, takingBack: false, elsewhere: { ...state.elsewhere, trouble } }, policy);
}

function unanswered(state: RecoveryState): RecoveryState {
  return state.request === undefined ? state : { ...state, request: { ...state.request, unanswered: true } };
}
