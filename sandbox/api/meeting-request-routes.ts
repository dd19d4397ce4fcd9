import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ListMeetingRequestsQuery } from '../../skipup/schemas.ts';
import { idempotencyKeySchema } from '../../skipup/schemas.ts';
import { notFound } from '../errors.ts';
import { notesOf } from '../http/notes.ts';
import { headerOf, paramOf } from '../http/read.ts';
import { sandboxedOf } from '../http/sandboxed-of.ts';
import { operations } from '../openapi/index.ts';
import type { MeetingRequestRecord } from '../state/schema.ts';
import { Idempotency } from './idempotency.ts';
import { pageOf } from './page.ts';
import { check } from './read.ts';
import { nothingToFind, serve } from './serve.ts';
import { meetingRequestView } from './views.ts';

const DAY_MS = 86_400_000;

/** Which requests the list's filters let through. Both times are inclusive; a date means the whole day, UTC. */
function filterOf(query: ListMeetingRequestsQuery): (request: MeetingRequestRecord) => boolean {
  const { status, created_after: after, created_before: before } = query;
  const organizer = query.organizer_email?.toLowerCase();
  const participant = query.participant_email?.toLowerCase();
  const from = after === undefined ? undefined : Date.parse(after);
  const wholeDay = before?.length === 'YYYY-MM-DD'.length ? DAY_MS - 1 : 0;
  const to = before === undefined ? undefined : Date.parse(before) + wholeDay;
  return (request) => {
    if (status !== undefined && request.status !== status) return false;
    if (organizer !== undefined && request.organizerEmail !== organizer) return false;
    if (participant !== undefined && !request.invitees.some(({ email }) => email === participant)) return false;
    if (from === undefined && to === undefined) return true;
    const createdAt = Date.parse(request.createdAt);
    return (from === undefined || createdAt >= from) && (to === undefined || createdAt <= to);
  };
}

function requestOf(request: FastifyRequest): MeetingRequestRecord {
  const id = paramOf(request, 'id');
  const found = sandboxedOf(request).workspace.state.requests.get(id);
  if (found === undefined) throw notFound(`Meeting request ${id} not found.`);
  return found;
}

/** `/meeting_requests`: create, list, read, and what can be done to one. */
export function meetingRequestRoutes(api: FastifyInstance) {
  serve(api, operations.createMeetingRequest, nothingToFind, async ({ request, sandboxed, apiKey, body }) => {
    const { workspace, meetings, deliveries } = sandboxed;
    const idempotency = new Idempotency(workspace);
    const header = headerOf(request, 'idempotency-key');
    const key = header === undefined ? undefined : check(idempotencyKeySchema, header);
    if (key !== undefined) {
      notesOf(request).idempotencyKey = key;
      const known = idempotency.find(apiKey, key, body);
      if (known !== undefined) {
        notesOf(request).replayed = true;
        return known.answer;
      }
    }
    const { request: made, deliveries: created } = meetings.create(body);
    const answer = { data: meetingRequestView(made) };
    if (key !== undefined) idempotency.keep(apiKey, key, body, operations.createMeetingRequest.answer.status, answer);
    if (workspace.faults.deliverBeforeAnswer()) await deliveries.hasten(created);
    return answer;
  });

  serve(api, operations.listMeetingRequests, nothingToFind, ({ sandboxed, query }) => {
    const { requests } = sandboxed.workspace.state;
    const { page, meta } = pageOf('meeting_requests', requests.values(), query, filterOf(query));
    return { data: page.map(meetingRequestView), meta };
  });

  const viewOf = (found: MeetingRequestRecord) => ({ data: meetingRequestView(found) });
  serve(api, operations.getMeetingRequest, requestOf, ({ found }) => viewOf(found));
  serve(api, operations.cancelMeetingRequest, requestOf, ({ sandboxed, found, body }) => {
    sandboxed.meetings.cancel(found, body.notify ?? false);
    return viewOf(found);
  });
  serve(api, operations.pauseMeetingRequest, requestOf, ({ sandboxed, found }) => {
    sandboxed.meetings.pause(found);
    return viewOf(found);
  });
  serve(api, operations.resumeMeetingRequest, requestOf, ({ sandboxed, found }) => {
    sandboxed.meetings.resume(found);
    return viewOf(found);
  });
  serve(api, operations.changeMeetingRequestOrganizer, requestOf, ({ sandboxed, found, body }) => {
    sandboxed.meetings.changeOrganizer(found, body.new_organizer_email);
    return viewOf(found);
  });
  serve(api, operations.updateMeetingRequestContext, requestOf, ({ sandboxed, found, body }) => {
    sandboxed.meetings.updateContext(found, body);
    return viewOf(found);
  });
}
