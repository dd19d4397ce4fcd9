import {
  cancelSchema,
  changeOrganizerSchema,
  contextSchema,
  createMeetingRequestSchema,
  IDEMPOTENCY_TTL_HOURS,
  listMeetingRequestsQuerySchema,
} from '../../skipup/schemas.ts';
import { meetingRequestAnswerSchema, oneOf, pageOf } from './answers.ts';
import { nothingSchema, operation } from './operation.ts';
import * as samples from './samples.ts';

const tag = 'Meeting requests';
const read = { tag, scope: 'meeting_requests.read' } as const;
const write = { tag, scope: 'meeting_requests.write' } as const;
const requestSchema = oneOf(meetingRequestAnswerSchema);
const changed = (description: string, fields: object) => ({
  status: 200 as const,
  description,
  schema: requestSchema,
  example: { data: { ...samples.requestAnswer, updated_at: '2026-02-11T09:30:00Z', ...fields } },
});

const FROM_LIVE = 'Possible while the request is `active` or `paused`, else 422 `invalid_request`.';

export const meetingRequestOperations = {
  createMeetingRequest: operation({
    id: 'createMeetingRequest',
    method: 'POST',
    path: '/meeting_requests',
    ...write,
    summary: 'Ask for a meeting',
    description:
      'Accepts a request; the conversation with the participants begins afterwards. The organizer must be an active ' +
      'member of the workspace. Name the participants either with `participants` or with `participant_emails`, never ' +
      'with both.\n\n' +
      'With an `Idempotency-Key` the call can be repeated without making a second request: the same key and body get ' +
      `the first answer again, for ${IDEMPOTENCY_TTL_HOURS} hours and per API key. The same key with another body is ` +
      'refused with 422 `invalid_request` (the setting `idempotencyConflict` can say otherwise). A refusal is not kept.\n\n' +
      'Left out, the duration is 45 minutes and the timeframe the next four weeks; send both, and as `timeframe.end` ' +
      'the last second of the last day you want.',
    query: nothingSchema,
    body: createMeetingRequestSchema,
    bodyIs: 'required',
    idempotent: true,
    answer: {
      status: 202,
      description: 'Accepted. Keep the id: webhooks and all further calls go by it.',
      schema: requestSchema,
      example: { data: samples.requestAnswer },
    },
    samples: [
      {
        summary: 'A kickoff with four people in three time zones',
        body: samples.kickoffBody,
        idempotencyKey: samples.KICKOFF_KEY,
      },
      { summary: 'A lead to be won back', body: samples.recoveryBody, idempotencyKey: samples.RECOVERY_KEY },
    ],
    follows: [
      { to: 'getMeetingRequest', description: 'How it goes.' },
      { to: 'cancelMeetingRequest', description: 'Call it off.' },
      { to: 'pauseMeetingRequest', description: 'Let it rest.' },
      { to: 'resumeMeetingRequest', description: 'Let it go on.' },
      { to: 'changeMeetingRequestOrganizer', description: 'Hand it over.' },
      { to: 'updateMeetingRequestContext', description: 'Tell SkipUp what has changed.' },
    ],
  }),

  listMeetingRequests: operation({
    id: 'listMeetingRequests',
    method: 'GET',
    path: '/meeting_requests',
    ...read,
    summary: 'List meeting requests',
    description:
      'Newest first, in pages. All filters that are given must hold. Both times are inclusive; a date stands for its ' +
      'whole day in UTC. While `meta.has_more` is true, `meta.next_cursor` leads to the next page.',
    query: listMeetingRequestsQuerySchema,
    body: nothingSchema,
    bodyIs: 'none',
    answer: {
      status: 200,
      description: 'One page.',
      schema: pageOf(meetingRequestAnswerSchema),
      example: { data: [samples.requestAnswer], meta: samples.lastPage },
    },
    samples: [
      {
        summary: 'What one organizer has running',
        query: { organizer_email: samples.ORGANIZER, status: 'active', created_after: '2026-02-01' },
      },
    ],
  }),

  getMeetingRequest: operation({
    id: 'getMeetingRequest',
    method: 'GET',
    path: '/meeting_requests/{id}',
    ...read,
    summary: 'Read a meeting request',
    description: 'The request as it stands. No field says when the meeting is: SkipUp has none.',
    query: nothingSchema,
    body: nothingSchema,
    bodyIs: 'none',
    answer: changed('The request.', { status: 'booked', booked_at: '2026-02-11T09:30:00Z' }),
    samples: [{ summary: 'One request' }],
  }),

  cancelMeetingRequest: operation({
    id: 'cancelMeetingRequest',
    method: 'POST',
    path: '/meeting_requests/{id}/cancel',
    ...write,
    summary: 'Cancel a meeting request',
    description: `Ends the conversation for good. ${FROM_LIVE} Participants are told only with \`notify\`.`,
    query: nothingSchema,
    body: cancelSchema,
    bodyIs: 'optional',
    answer: changed('Cancelled.', { status: 'cancelled', cancelled_at: '2026-02-11T09:30:00Z' }),
    samples: [{ summary: 'And tell the participants', body: { notify: true } }],
  }),

  pauseMeetingRequest: operation({
    id: 'pauseMeetingRequest',
    method: 'POST',
    path: '/meeting_requests/{id}/pause',
    ...write,
    summary: 'Pause a meeting request',
    description: 'SkipUp stops writing until the request is resumed. Possible while it is `active`.',
    query: nothingSchema,
    body: nothingSchema,
    bodyIs: 'optional',
    answer: changed('Paused.', { status: 'paused', paused_at: '2026-02-11T09:30:00Z' }),
    samples: [{ summary: 'Without a body' }],
  }),

  resumeMeetingRequest: operation({
    id: 'resumeMeetingRequest',
    method: 'POST',
    path: '/meeting_requests/{id}/resume',
    ...write,
    summary: 'Resume a meeting request',
    description:
      'The conversation goes on where it stood. Possible while the request is `paused`. With the setting ' +
      '`autoResumeOnReply` a participant’s reply does the same.',
    query: nothingSchema,
    body: nothingSchema,
    bodyIs: 'optional',
    answer: changed('Active again.', {}),
    samples: [{ summary: 'Without a body' }],
  }),

  changeMeetingRequestOrganizer: operation({
    id: 'changeMeetingRequestOrganizer',
    method: 'POST',
    path: '/meeting_requests/{id}/change_organizer',
    ...write,
    summary: 'Change the organizer',
    description: `The new organizer must be an active member, and times are sought in their calendar. ${FROM_LIVE}`,
    query: nothingSchema,
    body: changeOrganizerSchema,
    bodyIs: 'required',
    answer: changed('Handed over.', { organizer_email: samples.SUCCESSOR }),
    samples: [{ summary: 'A hand-over', body: { new_organizer_email: samples.SUCCESSOR } }],
  }),

  updateMeetingRequestContext: operation({
    id: 'updateMeetingRequestContext',
    method: 'POST',
    path: '/meeting_requests/{id}/context',
    ...write,
    summary: 'Update the context',
    description:
      'The same fields that create nests under `context`, here without the nesting, and at least one of them. What is ' +
      `left out stays. ${FROM_LIVE}`,
    query: nothingSchema,
    body: contextSchema,
    bodyIs: 'required',
    answer: changed('Taken in.', { duration_minutes: 90 }),
    samples: [
      {
        summary: 'A longer meeting, and the reason',
        body: { purpose: 'Start the implementation; the data migration is part of it now', duration_minutes: 90 },
      },
    ],
  }),
};
