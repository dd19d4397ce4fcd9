import type {
  ContextUpdate,
  CreateMeetingRequestBody as CreateMeetingRequest,
  MeetingParticipant,
} from '../../skipup/schemas.ts';
import type { Span } from '../conversation/calendar.ts';
import { Conversation } from '../conversation/conversation.ts';
import { habitsOf } from '../conversation/habits.ts';
import { ASSISTANT } from '../conversation/lines.ts';
import { invalid, refused } from '../errors.ts';
import { idFrom } from '../seed.ts';
import type { Delivery, Invitee, MeetingRequestRecord, Member } from '../state/schema.ts';
import { Transcript } from '../state/transcript.ts';
import { iso } from '../time/instant.ts';
import type { Workspace } from '../workspace.ts';
import type { MeetingAction } from './lifecycle.ts';
import { isAllowed, whyNot } from './lifecycle.ts';
import type { MeetingChange, WebhookPayload } from './payloads.ts';
import { meetingPayload } from './payloads.ts';

/** SkipUp's own defaults for what a request leaves out. */
const DEFAULT_DURATION_MINUTES = 45;
const DEFAULT_TIMEFRAME_MS = 28 * 86_400_000;

/** Sends a webhook to whoever has subscribed to it. */
export type Announce = (payload: WebhookPayload) => Delivery[];

/** The meeting requests and all that can happen to them. Every change goes through here, whoever makes it. */
export class MeetingRequests {
  readonly conversation: Conversation;
  readonly #workspace: Workspace;
  readonly #announce: Announce;

  constructor(workspace: Workspace, announce: Announce) {
    this.#workspace = workspace;
    this.#announce = announce;
    this.conversation = new Conversation(workspace, {
      book: (request, slot, at) => this.book(request, slot, at),
      followedUp: (request, at) => void this.#told(request, 'follow_up_sent', at),
      answeredWhilePaused: (request, at) => {
        if (workspace.state.settings.autoResumeOnReply) this.resume(request, at);
      },
    });
  }

  /** @throws ApiError 422 when the organizer is no active member */
  create(body: CreateMeetingRequest): { request: MeetingRequestRecord; deliveries: Delivery[] } {
    const organizer = this.#activeMember(body.organizer_email, 'organizer_email');
    const at = this.#workspace.now();
    const { id, seq } = this.#workspace.next('mr');
    const context = body.context ?? {};
    const request: MeetingRequestRecord = {
      seq,
      id,
      status: 'active',
      organizerEmail: organizer.email,
      ...(body.organizer_name === undefined ? {} : { organizerName: body.organizer_name }),
      ...(body.organizer_timezone === undefined ? {} : { organizerTimezone: body.organizer_timezone }),
      includeIntroduction: body.include_introduction ?? false,
      ...(body.campaign_id === undefined ? {} : { campaignId: body.campaign_id }),
      ...(context.title === undefined ? {} : { title: context.title }),
      ...(context.purpose === undefined ? {} : { purpose: context.purpose }),
      ...(context.description === undefined ? {} : { description: context.description }),
      durationMinutes: context.duration_minutes ?? DEFAULT_DURATION_MINUTES,
      timeframe: context.timeframe ?? { start: iso(at), end: iso(at + DEFAULT_TIMEFRAME_MS) },
      createdAt: iso(at),
      updatedAt: iso(at),
      invitees: this.#invitees(body, body.organizer_timezone ?? organizer.timezone),
      followUpRounds: 0,
      suspended: [],
      transcript: new Transcript(),
    };
    this.#workspace.state.requests.set(id, request);
    const deliveries = this.#told(request, 'created', at);
    this.conversation.begin(request, at);
    return { request, deliveries };
  }

  /** @throws ApiError 422 from booked or cancelled */
  cancel(request: MeetingRequestRecord, notify: boolean): void {
    this.#must('cancel', request);
    this.end(request, notify);
  }

  /** Cancels whatever the status is, as a person in SkipUp may cancel a meeting that is booked. */
  end(request: MeetingRequestRecord, notify: boolean): void {
    const at = this.#workspace.now();
    const wasBooked = request.status === 'booked';
    request.status = 'cancelled';
    request.cancelledAt = iso(at);
    delete request.pausedAt;
    this.conversation.stop(request);
    const to = notify ? request.invitees.map((invitee) => invitee.email) : undefined;
    const text = notify ? 'The meeting will not take place.' : 'The request is cancelled; nobody is told.';
    this.conversation.say(request, at, ASSISTANT, to, text);
    this.#told(request, 'cancelled', at, wasBooked);
  }

  /** @throws ApiError 422 unless active */
  pause(request: MeetingRequestRecord): void {
    this.#must('pause', request);
    const at = this.#workspace.now();
    this.conversation.suspend(request, at);
    request.status = 'paused';
    request.pausedAt = iso(at);
    this.#told(request, 'paused', at);
  }

  /** @throws ApiError 422 unless paused */
  resume(request: MeetingRequestRecord, at = this.#workspace.now()): void {
    this.#must('resume', request);
    request.status = 'active';
    delete request.pausedAt;
    this.conversation.resume(request, at);
    this.#told(request, 'resumed', at);
  }

  /** @throws ApiError 422 when the request has ended or the organizer is no active member */
  changeOrganizer(request: MeetingRequestRecord, email: string): void {
    this.#must('change_organizer', request);
    const organizer = this.#activeMember(email, 'new_organizer_email');
    const at = this.#workspace.now();
    request.organizerEmail = organizer.email;
    delete request.organizerName;
    delete request.organizerTimezone;
    this.#told(request, 'organizer_changed', at);
    this.conversation.changed(request, at, `${organizer.name} is the organizer now.`);
  }

  /** @throws ApiError 422 when the request has ended */
  updateContext(request: MeetingRequestRecord, context: ContextUpdate): void {
    this.#must('context', request);
    const at = this.#workspace.now();
    request.title = context.title ?? request.title;
    request.purpose = context.purpose ?? request.purpose;
    request.description = context.description ?? request.description;
    request.durationMinutes = context.duration_minutes ?? request.durationMinutes;
    request.timeframe = context.timeframe ?? request.timeframe;
    request.updatedAt = iso(at);
    this.#noted(request, 'context', at);
    const { durationMinutes, timeframe } = request;
    const text = `The context is changed: ${durationMinutes} minutes between ${timeframe.start} and ${timeframe.end}.`;
    this.conversation.changed(request, at, text);
  }

  /** Books the meeting; without a slot (forced, and none suits) the calendar stays empty. */
  book(request: MeetingRequestRecord, slot: Span | undefined, at: number): void {
    request.status = 'booked';
    request.bookedAt = iso(at);
    delete request.pausedAt;
    request.calendarEventId = idFrom('evt', this.#workspace.state.seed, request.id);
    this.conversation.stop(request);
    if (slot !== undefined) {
      request.slot = { start: iso(slot.start), end: iso(slot.end) };
      this.conversation.invite(request, slot, at);
    }
    this.#told(request, 'booked', at);
  }

  /** Tells a follow-up that SkipUp made by other means. */
  followUpSent(request: MeetingRequestRecord): void {
    this.#told(request, 'follow_up_sent', this.#workspace.now());
  }

  /** Sends an event's webhook as if it had happened, and changes nothing. */
  announceOnly(request: MeetingRequestRecord, change: MeetingChange, wasBooked: boolean): Delivery[] {
    return this.#announce(meetingPayload(request, change, this.#workspace.isoNow(), wasBooked));
  }

  /** @throws ApiError 422 */
  #must(action: MeetingAction, request: MeetingRequestRecord): void {
    if (!isAllowed(action, request.status)) throw refused(whyNot(action, request.status));
  }

  #told(request: MeetingRequestRecord, change: MeetingChange, at: number, wasBooked = false): Delivery[] {
    request.updatedAt = iso(at);
    this.#noted(request, change, at);
    return this.#announce(meetingPayload(request, change, iso(at), wasBooked));
  }

  #noted(request: MeetingRequestRecord, change: string, at: number): void {
    const { id, status, slot } = request;
    const settled = status === 'booked' && slot !== undefined ? { slot } : {};
    this.#workspace.emit({ type: 'meeting_request', at: iso(at), requestId: id, change, status, ...settled });
  }

  #activeMember(given: string, field: string): Member {
    const member = this.#workspace.state.members.get(given.toLowerCase());
    if (member === undefined || member.deactivatedAt !== null) {
      throw invalid(`${field}: ${given} is not an active member of this workspace`);
    }
    return member;
  }

  /** One invitee for each address; the organizer's zone stands in for a missing one. */
  #invitees(body: CreateMeetingRequest, organizerZone: string | undefined): Invitee[] {
    const given: MeetingParticipant[] =
      body.participants ?? (body.participant_emails ?? []).map((email) => ({ email }));
    const invitees = new Map<string, Invitee>();
    for (const participant of given) {
      const email = participant.email.toLowerCase();
      if (invitees.has(email)) continue;
      const habits = habitsOf(this.#workspace.state, email);
      const timezone = participant.timezone ?? habits.timezone ?? organizerZone ?? 'UTC';
      invitees.set(email, { email, name: participant.name ?? email, timezone, followUps: 0, repliedAt: null });
    }
    return [...invitees.values()];
  }
}
