import type { Invitee, MeetingRequestRecord } from '../state/schema.ts';
import type { NewRequestTask, RequestTask } from '../time/agenda.ts';
import { iso } from '../time/instant.ts';
import type { Workspace } from '../workspace.ts';
import type { CalendarOwner, Span } from './calendar.ts';
import { atWork, freeSpans, GRID_MS } from './calendar.ts';
import { calendarOf, responsivenessOf } from './habits.ts';
import * as lines from './lines.ts';
import { firstCommonSlot } from './search.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** SkipUp takes up an accepted request a moment later. */
const OUTREACH_AFTER_MS = MINUTE_MS;
/** And looks at all the answers together a little after the last one. */
const SEARCH_AFTER_MS = 2 * MINUTE_MS;
/** Nobody is invited to a meeting that begins sooner. */
const NOTICE_MS = 2 * HOUR_MS;
/** How many of their free times people name in an answer. */
const OFFERED_SPANS = 3;

/** What a conversation leads to. */
export interface ConversationEffects {
  book(request: MeetingRequestRecord, slot: Span, at: number): void;
  followedUp(request: MeetingRequestRecord, at: number): void;
  /** Somebody has answered although the request was paused. */
  answeredWhilePaused(request: MeetingRequestRecord, at: number): void;
}

/**
 * The scheduling conversation of each meeting request: everybody is asked, answers when they are at work, is asked again
 * when silent; once all have answered, the first slot that suits everybody is booked.
 */
export class Conversation {
  readonly #workspace: Workspace;
  readonly #effects: ConversationEffects;

  constructor(workspace: Workspace, effects: ConversationEffects) {
    this.#workspace = workspace;
    this.#effects = effects;
  }

  begin(request: MeetingRequestRecord, at: number): void {
    this.#add(request, { kind: 'outreach', requestId: request.id, dueAt: at + OUTREACH_AFTER_MS });
  }

  /** Does what is due. A request that has ended or paused meanwhile is left alone. */
  run(task: RequestTask): void {
    const request = this.#workspace.state.requests.get(task.requestId);
    if (request === undefined) return;
    // Late by a restart or a fast clock, a line still carries the instant it was due at, which the seed decides.
    const at = Math.max(task.dueAt, Date.parse(request.updatedAt));
    if (request.status === 'paused' && task.kind === 'reply') this.#effects.answeredWhilePaused(request, at);
    if (request.status !== 'active') return;
    switch (task.kind) {
      case 'outreach':
        this.#outreach(request, at);
        break;
      case 'reply':
        this.#reply(request, task.email, at);
        break;
      case 'follow_up':
        this.#followUp(request, at);
        break;
      case 'search':
        this.#search(request, at);
        break;
    }
  }

  /** The request is paused: what was to come waits, with the time it had left. */
  suspend(request: MeetingRequestRecord, at: number): void {
    const answersGoOn = this.#workspace.state.settings.autoResumeOnReply;
    const waiting = this.#workspace.agenda.takeBack(request.id, ({ kind }) => !(answersGoOn && kind === 'reply'));
    for (const task of waiting) {
      if ('requestId' in task) request.suspended.push({ task, leftMs: Math.max(task.dueAt - at, 0) });
    }
    this.say(request, at, lines.ASSISTANT, undefined, 'The scheduling is paused.');
  }

  resume(request: MeetingRequestRecord, at: number): void {
    this.say(request, at, lines.ASSISTANT, undefined, 'The scheduling goes on.');
    const waiting = request.suspended.splice(0).sort((a, b) => a.leftMs - b.leftMs || a.task.seq - b.task.seq);
    for (const { task, leftMs } of waiting) {
      const dueAt = at + leftMs;
      const invitee = task.kind === 'reply' ? inviteeOf(request, task.email) : undefined;
      this.#add(request, { ...task, dueAt: invitee === undefined ? dueAt : this.#whenAtWork(request, invitee, dueAt) });
    }
  }

  /** The request has ended. */
  stop(request: MeetingRequestRecord): void {
    request.suspended = [];
    this.#workspace.agenda.takeBack(request.id);
  }

  /** Something that decides about the slot has changed: with all the answers there, the search is made again. */
  changed(request: MeetingRequestRecord, at: number, text: string): void {
    this.say(request, at, lines.ASSISTANT, undefined, text);
    if (request.invitees.some((invitee) => invitee.repliedAt === null)) return;
    this.#workspace.agenda.takeBack(request.id, ({ kind }) => kind === 'search');
    request.suspended = request.suspended.filter(({ task }) => task.kind !== 'search');
    this.#add(request, { kind: 'search', requestId: request.id, dueAt: at + SEARCH_AFTER_MS });
  }

  /** Adds a line to the transcript. */
  say(request: MeetingRequestRecord, at: number, from: string, to: string[] | undefined, text: string): void {
    const line = { at: iso(at), from, ...(to === undefined ? {} : { to }), text };
    request.transcript.push(line);
    this.#workspace.emit({ type: 'conversation', requestId: request.id, ...line });
  }

  /** The first slot that suits everybody and leaves them notice, as things stand. */
  findSlot(request: MeetingRequestRecord, now: number): Span | undefined {
    const { seed } = this.#workspace.state;
    const timeframe = spanOf(request.timeframe);
    const soonest = now + NOTICE_MS;
    return firstCommonSlot(seed, this.#calendars(request), timeframe, soonest, request.durationMinutes * MINUTE_MS);
  }

  /** Everybody is told about the slot. */
  invite(request: MeetingRequestRecord, slot: Span, at: number): void {
    const { timezone } = this.#organizerCalendar(request);
    this.say(request, at, lines.ASSISTANT, this.#everybody(request), lines.invitation(request, slot, timezone));
  }

  #outreach(request: MeetingRequestRecord, at: number): void {
    const organizer = this.#organizerName(request);
    if (request.includeIntroduction) {
      const all = request.invitees.map((invitee) => invitee.email);
      this.say(request, at, lines.ASSISTANT, all, lines.introduction(organizer));
    }
    for (const invitee of request.invitees) {
      this.say(request, at, lines.ASSISTANT, [invitee.email], lines.outreach(request, invitee.name, organizer));
      this.#expectReply(request, invitee, at);
    }
    this.#planFollowUp(request, at);
  }

  #reply(request: MeetingRequestRecord, email: string, at: number): void {
    const invitee = inviteeOf(request, email);
    if (invitee === undefined || invitee.repliedAt !== null) return;
    invitee.repliedAt = iso(at);
    const calendar = calendarOf(this.#workspace.state, email, invitee.timezone);
    const { start, end } = spanOf(request.timeframe);
    const enough = request.durationMinutes * MINUTE_MS;
    // People speak of full and half hours.
    const from = Math.ceil(Math.max(start, at) / GRID_MS) * GRID_MS;
    const spans = freeSpans(this.#workspace.state.seed, calendar, from, end)
      .filter((span) => span.end - span.start >= enough)
      .slice(0, OFFERED_SPANS);
    this.say(request, at, email, [lines.ASSISTANT], lines.reply(spans, invitee.timezone));
    if (request.invitees.some((other) => other.repliedAt === null)) return;
    this.#add(request, { kind: 'search', requestId: request.id, dueAt: at + SEARCH_AFTER_MS });
  }

  #followUp(request: MeetingRequestRecord, at: number): void {
    const silent = request.invitees.filter((invitee) => invitee.repliedAt === null);
    if (silent.length === 0) return;
    if (request.followUpRounds >= this.#workspace.state.settings.maxFollowUps) {
      const names = silent.map((invitee) => invitee.name);
      this.say(request, at, lines.ASSISTANT, [request.organizerEmail], lines.silence(names, request.followUpRounds));
      return;
    }
    request.followUpRounds += 1;
    for (const invitee of silent) {
      invitee.followUps += 1;
      const text = lines.followUp(invitee.name, invitee.followUps);
      this.say(request, at, lines.ASSISTANT, [invitee.email], text);
      this.#expectReply(request, invitee, at);
    }
    this.#effects.followedUp(request, at);
    this.#planFollowUp(request, at);
  }

  #search(request: MeetingRequestRecord, at: number): void {
    const slot = this.findSlot(request, at);
    if (slot === undefined) {
      this.say(request, at, lines.ASSISTANT, [request.organizerEmail], lines.noSlot(request));
      return;
    }
    this.#effects.book(request, slot, at);
  }

  /** Plans the answer to the message just sent, if this is the one that makes them answer. */
  #expectReply(request: MeetingRequestRecord, invitee: Invitee, at: number): void {
    const habits = responsivenessOf(this.#workspace.state, invitee.email, request.id);
    if (habits.never || habits.needsFollowUps !== invitee.followUps) return;
    const dueAt = this.#whenAtWork(request, invitee, at + habits.replyAfterMs);
    this.#add(request, { kind: 'reply', requestId: request.id, email: invitee.email, dueAt });
  }

  #whenAtWork(request: MeetingRequestRecord, invitee: Invitee, at: number): number {
    const { state } = this.#workspace;
    const { intoMorningMs } = responsivenessOf(state, invitee.email, request.id);
    return atWork(calendarOf(state, invitee.email, invitee.timezone), at, intoMorningMs);
  }

  #planFollowUp(request: MeetingRequestRecord, at: number): void {
    const { followUpAfterHours, maxFollowUps } = this.#workspace.state.settings;
    if (maxFollowUps === 0) return;
    this.#add(request, { kind: 'follow_up', requestId: request.id, dueAt: at + followUpAfterHours * HOUR_MS });
  }

  #calendars(request: MeetingRequestRecord): CalendarOwner[] {
    const organizer = this.#organizerCalendar(request);
    const others = request.invitees.filter((invitee) => invitee.email !== organizer.email);
    return [organizer, ...others.map(({ email, timezone }) => calendarOf(this.#workspace.state, email, timezone))];
  }

  #organizerCalendar(request: MeetingRequestRecord): CalendarOwner {
    const member = this.#workspace.state.members.get(request.organizerEmail);
    const timezone = request.organizerTimezone ?? member?.timezone;
    return calendarOf(this.#workspace.state, request.organizerEmail, timezone);
  }

  #organizerName(request: MeetingRequestRecord): string {
    const member = this.#workspace.state.members.get(request.organizerEmail);
    return request.organizerName ?? member?.name ?? request.organizerEmail;
  }

  #everybody(request: MeetingRequestRecord): string[] {
    return [...new Set([request.organizerEmail, ...request.invitees.map((invitee) => invitee.email)])];
  }

  #add(request: MeetingRequestRecord, task: NewRequestTask): void {
    if (request.status === 'paused') {
      const leftMs = Math.max(task.dueAt - this.#workspace.now(), 0);
      request.suspended.push({ task: { ...task, seq: 0 }, leftMs });
    } else {
      this.#workspace.agenda.add(task);
    }
  }
}

function inviteeOf(request: MeetingRequestRecord, email: string): Invitee | undefined {
  return request.invitees.find((invitee) => invitee.email === email);
}

function spanOf(timeframe: { start: string; end: string }): Span {
  return { start: Date.parse(timeframe.start), end: Date.parse(timeframe.end) };
}
