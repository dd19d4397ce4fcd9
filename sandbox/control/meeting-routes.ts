import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { emailSchema } from '../../skipup/schemas.ts';
import { meetingRequestView } from '../api/views.ts';
import { ApiError, ControlError } from '../errors.ts';
import { paramOf } from '../http/read.ts';
import { sandboxedOf } from '../http/sandboxed-of.ts';
import { MEETING_CHANGES } from '../meeting/payloads.ts';
import type { Sandboxed } from '../sandboxed.ts';
import type { MeetingRequestRecord } from '../state/schema.ts';
import { readBody } from './read.ts';

const forcedEventSchema = z.strictObject({
  event: z.enum(MEETING_CHANGES),
  /** For `cancelled`: whether the participants are told. */
  notify: z.boolean().default(false),
  /** For `organizer_changed`: an active member. */
  organizer_email: emailSchema.optional(),
  /** Send the webhook as if it had happened, and change nothing: for late, wrong and repeated events. */
  webhook_only: z.boolean().default(false),
  /** For `cancelled` with `webhook_only`. */
  was_booked: z.boolean().default(false),
});
type ForcedEvent = z.infer<typeof forcedEventSchema>;

/** A request with what only the sandbox knows: when the meeting is, and who has answered. */
export function meetingRequestDetails(request: MeetingRequestRecord) {
  return {
    ...meetingRequestView(request),
    slot: request.slot ?? null,
    calendar_event_id: request.calendarEventId ?? null,
    follow_ups: request.followUpRounds,
    participants: request.invitees.map(({ email, name, timezone, followUps, repliedAt }) => ({
      email,
      name,
      timezone,
      follow_ups: followUps,
      replied_at: repliedAt,
    })),
  };
}

/** `/meeting_requests/:id`: what lies behind a request, and events as SkipUp or a person there would cause them. */
export function meetingRoutes(control: FastifyInstance): void {
  const find = (request: FastifyRequest): MeetingRequestRecord => {
    const id = paramOf(request, 'id');
    const found = sandboxedOf(request).workspace.state.requests.get(id);
    if (found === undefined) throw new ControlError(404, `There is no meeting request ${id}.`);
    return found;
  };

  control.get('/meeting_requests/:id', async (request) => meetingRequestDetails(find(request)));
  control.get('/meeting_requests/:id/transcript', async (request) => {
    const found = find(request);
    return { id: found.id, status: found.status, slot: found.slot ?? null, lines: found.transcript.lines() };
  });

  control.post('/meeting_requests/:id/events', async (request) => {
    const sandboxed = sandboxedOf(request);
    const found = find(request);
    const forced = readBody(request, forcedEventSchema);
    if (forced.webhook_only) {
      const made = sandboxed.meetings.announceOnly(found, forced.event, forced.was_booked);
      return { ...meetingRequestDetails(found), deliveries: made.map(({ id }) => id) };
    }
    try {
      force(sandboxed, found, forced);
    } catch (error) {
      if (error instanceof ApiError) throw new ControlError(409, error.message);
      throw error;
    }
    return meetingRequestDetails(found);
  });
}

/** Makes an event happen, whoever would have caused it. @throws ControlError 400 or 409, ApiError 422 */
function force({ workspace, meetings }: Sandboxed, found: MeetingRequestRecord, forced: ForcedEvent): void {
  const { event, notify, organizer_email: organizer } = forced;
  switch (event) {
    case 'created':
      throw new ControlError(409, 'A request is created once; use webhook_only to send its webhook again.');
    case 'booked': {
      if (found.status === 'booked' || found.status === 'cancelled') throw ended(found);
      const now = workspace.now();
      meetings.book(found, meetings.conversation.findSlot(found, now), now);
      break;
    }
    case 'cancelled':
      if (found.status === 'cancelled') throw ended(found);
      meetings.end(found, notify);
      break;
    case 'paused':
      meetings.pause(found);
      break;
    case 'resumed':
      meetings.resume(found);
      break;
    case 'organizer_changed':
      if (organizer === undefined) throw new ControlError(400, 'organizer_email: the new organizer is needed');
      meetings.changeOrganizer(found, organizer);
      break;
    case 'follow_up_sent':
      if (found.status !== 'active')
        throw new ControlError(409, `Nobody is asked again: the request is ${found.status}.`);
      meetings.followUpSent(found);
      break;
  }
}

function ended(request: MeetingRequestRecord): ControlError {
  return new ControlError(409, `The request is ${request.status} already; use webhook_only to send an event anyway.`);
}
