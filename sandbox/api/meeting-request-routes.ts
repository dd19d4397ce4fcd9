import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ListMeetingRequestsQuery } from '../../skipup/schemas.ts';
import {
  cancelSchema,
  changeOrganizerSchema,
  contextSchema,
  createMeetingRequestSchema,
  idempotencyKeySchema,
  listMeetingRequestsQuerySchema,
} from '../../skipup/schemas.ts';
import { notFound } from '../errors.ts';
import { notesOf } from '../http/notes.ts';
import { headerOf, paramOf } from '../http/read.ts';
import type { Sandboxed } from '../sandboxed.ts';
import type { MeetingRequestRecord } from '../state/schema.ts';
import type { Gate } from './gate.ts';
import { Idempotency } from './idempotency.ts';
import { pageOf } from './page.ts';
import { check, nothingSchema, readBody, readJson, readQuery } from './read.ts';
import { meetingRequestView } from './views.ts';

const DAY_MS = 86_400_000;

/** Whether a request passes the list's filters. Both times are inclusive; a date means the whole day, UTC. */
function passes(request: MeetingRequestRecord, query: ListMeetingRequestsQuery): boolean {
  if (query.status !== undefined && request.status !== query.status) return false;
  if (query.organizer_email !== undefined && request.organizerEmail !== query.organizer_email.toLowerCase()) {
    return false;
  }
  const participant = query.participant_email?.toLowerCase();
  if (participant !== undefined && !request.invitees.some(({ email }) => email === participant)) return false;
  const createdAt = Date.parse(request.createdAt);
  if (query.created_after !== undefined && createdAt < Date.parse(query.created_after)) return false;
  if (query.created_before === undefined) return true;
  const wholeDay = query.created_before.length === 'YYYY-MM-DD'.length ? DAY_MS - 1 : 0;
  return createdAt <= Date.parse(query.created_before) + wholeDay;
}

/** `/meeting_requests`: create, list, read, and what can be done to one. */
export function meetingRequestRoutes(api: FastifyInstance, { workspace, meetings, deliveries }: Sandboxed, gate: Gate) {
  const idempotency = new Idempotency(workspace);

  const find = (request: FastifyRequest): MeetingRequestRecord => {
    const id = paramOf(request, 'id');
    const found = workspace.state.requests.get(id);
    if (found === undefined) throw notFound(`Meeting request ${id} not found.`);
    return found;
  };

  api.post('/meeting_requests', async (request, reply) => {
    const apiKey = gate.enter(request, 'meeting_requests.write');
    const header = headerOf(request, 'idempotency-key');
    const key = header === undefined ? undefined : check(idempotencyKeySchema, header);
    const given = readJson(request) ?? {};
    if (key !== undefined) {
      notesOf(request).idempotencyKey = key;
      const known = idempotency.find(apiKey, key, given);
      if (known !== undefined) {
        notesOf(request).replayed = true;
        return reply.code(known.status).send(known.answer);
      }
    }
    const { request: made, deliveries: created } = meetings.create(check(createMeetingRequestSchema, given));
    const answer = { data: meetingRequestView(made) };
    if (key !== undefined) idempotency.keep(apiKey, key, given, 202, answer);
    if (workspace.faults.deliverBeforeAnswer()) await deliveries.hasten(created);
    return reply.code(202).send(answer);
  });

  api.get('/meeting_requests', async (request) => {
    gate.enter(request, 'meeting_requests.read');
    const query = readQuery(request, listMeetingRequestsQuerySchema);
    const matching = [...workspace.state.requests.values()].filter((candidate) => passes(candidate, query));
    const { page, meta } = pageOf('meeting_requests', matching, query);
    return { data: page.map(meetingRequestView), meta };
  });

  api.get('/meeting_requests/:id', async (request) => {
    gate.enter(request, 'meeting_requests.read');
    readQuery(request, nothingSchema);
    return { data: meetingRequestView(find(request)) };
  });

  /** The calls that change one request: they differ in their body and in what they do. */
  const change = (name: string, act: (found: MeetingRequestRecord, request: FastifyRequest) => void) => {
    api.post(`/meeting_requests/:id/${name}`, async (request) => {
      gate.enter(request, 'meeting_requests.write');
      const found = find(request);
      act(found, request);
      return { data: meetingRequestView(found) };
    });
  };

  change('cancel', (found, request) => meetings.cancel(found, readBody(request, cancelSchema).notify ?? false));
  change('pause', (found, request) => {
    readBody(request, nothingSchema);
    meetings.pause(found);
  });
  change('resume', (found, request) => {
    readBody(request, nothingSchema);
    meetings.resume(found);
  });
  change('change_organizer', (found, request) =>
    meetings.changeOrganizer(found, readBody(request, changeOrganizerSchema).new_organizer_email),
  );
  change('context', (found, request) => meetings.updateContext(found, readBody(request, contextSchema)));
}
