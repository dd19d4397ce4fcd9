/**
 * The kickoff's state machine: (state, event) → state, without effects, clock or randomness. What is done about a state
 * is in `kickoff.ts`; here is only what an event means.
 */
import type { CreatedRequest, RequestView, Resolution } from '../../activities/contract.ts';
import type { KickoffPolicy } from '../../config/policy.ts';
import {
  type Meeting,
  type MeetingStatus,
  meetingStatus,
  newMeeting,
  organizerChanges,
  wasBooked,
  withEvent,
} from '../meeting/lifecycle.ts';
import { withView } from '../meeting/view.ts';
import type { MeetingEvent, OrganizerLeft, ReplaceParticipantsCommand } from '../messages.ts';
import { enqueue, listOf, type StepEvent } from '../steps/state.ts';
import { asked, type DealEvent, dealChanged, withoutDoubt } from './deal-change.ts';
import { bookingCancelled, expired, fallThrough, handedOver, meetingBetween, nextRevision } from './fall-through.ts';
import { escalated } from './ghosts.ts';
import {
  organizerChosen,
  organizerKnown,
  organizerLeft,
  withChosenOrganizer,
  withoutOrganizerLeft,
} from './organizer-left.ts';
import { isAsking, peopleKept, peopleLooked, registryChanged } from './people-change.ts';
import { ENDED, type KickoffState, notify } from './state.ts';
import { reduceStep } from './steps.ts';
import { reduceWindow, type WindowEvent } from './window.ts';

export type KickoffEvent =
  /** `key` and the two instants were computed from the workflow's clock when the event was made. */
  | { type: 'resolved'; resolution: Resolution; key: string; firstTriedAt: string }
  /** `at`, `closesAt` and `remindsAt` by the kickoff's clock. */
  | { type: 'created'; created: CreatedRequest; closesAt: string; at?: string; remindsAt?: string | undefined }
  /** A request that may exist is asked for once more, exactly as it was. */
  | { type: 'sent_again' }
  | { type: 'create_refused'; message: string }
  | { type: 'create_unanswered'; message: string }
  /** The window was over before the request was made: another one is found. */
  | { type: 'window_passed'; wasSent: boolean }
  /** A person's command came while the request was being sent. */
  | { type: 'create_stopped' }
  /** The deal came in doubt while the request was being sent, or before it was; or it is won again already. */
  | { type: 'create_held' }
  | { type: 'resolve_failed'; message: string }
  | { type: 'read_failed'; message: string }
  | { type: 'meeting_event'; event: MeetingEvent }
  /** The request as SkipUp has it; `at` stands in for instants that SkipUp leaves out. */
  | { type: 'request_read'; view: RequestView; at: string }
  /** `trouble`: why its request could not be cancelled, in words. */
  | { type: 'deadline_passed'; trouble?: string }
  | { type: 'reminded' }
  | { type: 'gave_up'; message: string }
  | { type: 'late_window_passed' }
  | { type: 'registry_changed' }
  /** Registry and CRM are about to be read: what changed before is seen. */
  | { type: 'looking' }
  /** Whom registry and CRM name now, while SkipUp asks people. */
  | { type: 'people_looked'; named: Resolution }
  | { type: 'organizer_left'; left: OrganizerLeft }
  | { type: 'proceeded' }
  /** `neverMade`: SkipUp has no request under the key that got no answer. */
  | { type: 'organizer_named'; email: string; neverMade?: true }
  /** For the request that there is, and for those that follow; nothing else is set going. */
  | { type: 'organizer_chosen'; email: string }
  | { type: 'participants_replaced'; participants: ReplaceParticipantsCommand['participants'] }
  | WindowEvent
  | { type: 'cancelled_by_person'; reason: string }
  /** The next cancellation is ours; what becomes of the kickoff is said when SkipUp has answered. */
  | { type: 'taking_back' }
  /** SkipUp did not cancel the request: what it says counts again. */
  | { type: 'not_taken_back' }
  | DealEvent
  | StepEvent;

export function reduce(state: KickoffState, event: KickoffEvent, policy: KickoffPolicy): KickoffState {
  switch (event.type) {
    case 'resolved':
      return resolved(state, event, policy);
    case 'created':
      return created(state, event, policy);
    case 'sent_again':
      return { ...state, phase: 'requesting', needs: [] };
    case 'create_refused': {
      // Nothing was made under the key, and another body under it would be refused again: the next try has its own.
      const { request: _refused, ...rest } = state;
      return ask({ ...rest, revision: state.revision + 1 }, [event.message], policy);
    }
    case 'create_unanswered':
      return ask(
        { ...state, ...(state.request && { request: { ...state.request, unanswered: true } }) },
        [event.message],
        policy,
      );
    case 'window_passed': {
      // Under a key that may have been sent another window would be refused.
      const { request: passed, ...rest } = state;
      const wasSent = event.wasSent || passed?.unanswered === true;
      return { ...rest, phase: 'resolving', revision: state.revision + (wasSent ? 1 : 0) };
    }
    case 'create_stopped':
      return {
        ...state,
        ...(state.request && { request: { ...state.request, unanswered: true } }),
        phase: 'needs_attention',
        needs: ['The request was stopped before SkipUp had answered. Send `proceed` to send it again.'],
      };
    case 'create_held':
      return {
        ...state,
        ...(state.request && { request: { ...state.request, unanswered: true } }),
        ...(state.doubt && { phase: 'needs_attention', needs: [] }),
      };
    case 'resolve_failed':
      return ask(state, [event.message], policy);
    case 'read_failed':
      return { ...state, readWanted: false, needs: [event.message] };
    case 'meeting_event':
      if (state.meeting === undefined) return { ...state, early: [...state.early, event.event] };
      return withMeeting(state, withEvent(state.meeting, event.event), policy);
    case 'request_read':
      return requestRead(state, event, policy);
    case 'deadline_passed':
      return isAsking(state) ? expired(state, event.trouble, policy) : notTakenBack(state, policy);
    case 'reminded':
      return state.phase === 'needs_attention' ? ask(state, state.needs, policy) : notify(state, policy);
    case 'gave_up':
      return {
        ...withoutDoubt(state),
        phase: 'failed',
        reason: event.message,
        steps: state.steps.map((step) => ({ ...step, holds: false })),
      };
    case 'late_window_passed':
      return { ...withoutDoubt(state), closed: true };
    case 'registry_changed':
      return registryChanged(state);
    case 'looking': {
      const { lookWanted: _now, ...rest } = state;
      return rest;
    }
    case 'people_looked':
      return peopleLooked(state, event.named, policy);
    case 'organizer_left':
      return organizerLeft(state, event.left, policy);
    case 'proceeded':
      if (state.between !== undefined) return nextRevision(withoutDoubt(state));
      // Whoever was asked about the deal alone has accepted no gap.
      return {
        ...withoutOrganizerLeft(withoutDoubt(state)),
        phase: 'resolving',
        gapsAccepted: state.gapsAccepted || state.needs.length > 0,
      };
    case 'deal_changed':
      return dealChanged(state, event.change, policy);
    case 'doubt_settled':
      return peopleKept(withoutOrganizerLeft(withoutDoubt(state)));
    case 'called_off':
      return fallThrough(state, 'cancelled', event.reason, policy);
    case 'not_called_off':
      return asked({ ...state, takingBack: false }, policy, event.message);
    case 'organizer_named':
      return organizerNamed(state, event);
    case 'organizer_chosen':
      return organizerChosen(state, event.email);
    case 'participants_replaced': {
      const {
        request: old,
        meeting: _cancelled,
        replacement: _former,
        peopleChanged: _told,
        peopleKept: _kept,
        remindsAt: _reminds,
        extended: _extended,
        ...rest
      } = withChosenOrganizer(continued(state));
      const revision = old === undefined ? rest.revision : rest.revision + 1;
      return {
        ...rest,
        phase: 'resolving',
        revision,
        ...(event.participants === undefined ? {} : { replacement: event.participants }),
        early: [],
        needs: [],
        takingBack: false,
      };
    }
    case 'window_changed':
    case 'window_extended':
    case 'window_reminded':
      return reduceWindow(state, event, policy);
    case 'window_handed_over':
      return isAsking(state) ? handedOver(state, event.trouble, policy) : notTakenBack(state, policy);
    case 'taking_back':
      return { ...state, takingBack: true };
    case 'not_taken_back':
      return notTakenBack(state, policy);
    case 'cancelled_by_person':
      return fallThrough(state, 'cancelled', event.reason, policy);
    case 'list_started':
    case 'list_finished':
    case 'step_started':
    case 'step_held_back':
    case 'step_dropped':
    case 'step_child_started':
    case 'step_done':
    case 'step_failed':
    case 'step_stopped':
    case 'step_undone':
    case 'step_undo_failed':
    case 'step_retried':
    case 'step_skipped':
      return reduceStep(state, event, policy);
  }
}

function organizerNamed(
  state: KickoffState,
  { email, neverMade }: Extract<KickoffEvent, { type: 'organizer_named' }>,
): KickoffState {
  const named: KickoffState = { ...state, phase: 'resolving', organizerEmail: email };
  const { request, resolution } = state;
  // It may exist, and is the new organizer's by now: it is looked for as theirs.
  if (neverMade !== true && request !== undefined && resolution !== undefined) {
    return { ...named, resolution: { ...resolution, organizer: { email, from: 'named by hand' } } };
  }
  if (neverMade !== true) return named;
  const { request: _unanswered, ...rest } = named;
  return { ...rest, revision: state.revision + 1 };
}

function resolved(
  state: KickoffState,
  event: Extract<KickoffEvent, { type: 'resolved' }>,
  policy: KickoffPolicy,
): KickoffState {
  const { resolution } = event;
  const blocking = resolution.gaps.filter((gap) => gap.severity === 'block' && !(gap.acceptable && state.gapsAccepted));
  // A deal in doubt is not announced as won.
  const announced = state.announced || state.doubt === undefined;
  const won = announced && !state.announced ? listOf(policy.steps, { list: 'on_won', occurrence: '' }) : [];
  // Whether the organizer is a member was asked with the rest.
  const known = enqueue({ ...withoutOrganizerLeft(state), resolution, announced }, won);
  if (state.doubt?.wanted === 'cancellation') return { ...known, phase: 'needs_attention', needs: [] };
  if (blocking.length > 0)
    return ask(
      known,
      blocking.map((gap) => gap.message),
      policy,
    );
  // A new doubt, so that the ledger is told again: it has just heard who takes part.
  if (state.doubt !== undefined) return { ...known, phase: 'needs_attention', needs: [], doubt: { ...state.doubt } };
  return {
    ...known,
    phase: 'requesting',
    needs: [],
    // A request without an answer keeps its key and its window: it may exist.
    request: state.request ?? {
      key: event.key,
      timeframe: resolution.timeframe,
      firstTriedAt: event.firstTriedAt,
      unanswered: false,
    },
  };
}

function created(
  state: KickoffState,
  event: Extract<KickoffEvent, { type: 'created' }>,
  policy: KickoffPolicy,
): KickoffState {
  const { early, ...rest } = state;
  const empty = newMeeting(event.created.requestId);
  const meeting = [...event.created.events, ...early].reduce(withEvent, empty);
  const scheduling: KickoffState = {
    ...rest,
    early: [],
    phase: 'scheduling',
    needs: [],
    meeting: empty,
    closesAt: event.closesAt,
    ...(event.at !== undefined && { requestedAt: event.at }),
    ...(event.remindsAt !== undefined && { remindsAt: event.remindsAt }),
    queue: [...state.queue, ...listOf(policy.steps, { list: 'on_requested', occurrence: `${state.revision}` })],
  };
  return withMeeting(scheduling, meeting, policy);
}

function requestRead(
  state: KickoffState,
  event: Extract<KickoffEvent, { type: 'request_read' }>,
  policy: KickoffPolicy,
): KickoffState {
  const { view, at } = event;
  const read: KickoffState = { ...state, readWanted: false };
  if (state.resolution?.organizer !== undefined && view.organizerEmail !== undefined) {
    const { organizer } = state.resolution;
    if (organizer.email !== view.organizerEmail) {
      read.resolution = { ...state.resolution, organizer: { email: view.organizerEmail, from: 'SkipUp' } };
      if (organizer.email.toLowerCase() !== view.organizerEmail.toLowerCase()) {
        read.chosenOrganizer = view.organizerEmail.toLowerCase();
      }
    }
  }
  if (state.meeting === undefined) return organizerKnown(read);
  return withMeeting(organizerKnown(read), withView(state.meeting, view, at), policy);
}

/** Takes over what is now known of the meeting, with what follows from it. */
function withMeeting(state: KickoffState, meeting: Meeting, policy: KickoffPolicy): KickoffState {
  const before = state.meeting;
  let next: KickoffState = { ...state, meeting };
  if (ENDED.has(state.phase)) return next;
  if (state.between !== undefined) return meetingBetween(next, state.between, policy);
  for (let count = (before?.followUpKeys.length ?? 0) + 1; count <= meeting.followUpKeys.length; count++) {
    next = enqueue(next, listOf(policy.steps, { list: 'on_follow_up', occurrence: `${state.revision}.${count}` }));
  }
  next = escalated(next, before?.followUpKeys.length ?? 0, policy);
  const changes = organizerChanges(meeting);
  if (changes > (before === undefined ? 0 : organizerChanges(before))) {
    next = enqueue(
      next,
      listOf(policy.steps, { list: 'on_organizer_changed', occurrence: `${state.revision}.${changes}` }),
    );
    next.readWanted = true;
  }
  return inStatus(next, meetingStatus(meeting), policy);
}

function inStatus(state: KickoffState, status: MeetingStatus, policy: KickoffPolicy): KickoffState {
  const waiting = state.phase === 'scheduling' || state.phase === 'paused';
  switch (status) {
    case 'cancelled':
      if (state.takingBack) return state;
      return waiting && !wasBooked(state.meeting)
        ? fallThrough(state, 'cancelled', 'cancelled at SkipUp', policy)
        : bookingCancelled(state, policy);
    case 'booked': {
      if (!waiting) return state;
      const run = listOf(policy.steps, { list: 'on_booked', occurrence: `${state.revision}` });
      // What is booked cannot be cancelled at SkipUp: for a deal that is lost a person is asked.
      return asked(enqueue({ ...state, phase: run.length === 0 ? 'done' : 'booked' }, run), policy);
    }
    case 'paused':
      return waiting ? { ...state, phase: 'paused' } : state;
    case 'active':
      return waiting ? { ...state, phase: 'scheduling' } : state;
  }
}

/** A revision that is over is followed by the next one. */
function continued(state: KickoffState): KickoffState {
  return state.between === undefined ? state : nextRevision(state);
}

/** What SkipUp has told meanwhile counts again. */
function notTakenBack(state: KickoffState, policy: KickoffPolicy): KickoffState {
  const known = { ...state, takingBack: false };
  return state.meeting === undefined ? known : withMeeting(known, state.meeting, policy);
}

/** Makes the kickoff wait for a person, and tells them. */
function ask(state: KickoffState, needs: string[], policy: KickoffPolicy): KickoffState {
  return notify({ ...state, phase: 'needs_attention', needs }, policy);
}
