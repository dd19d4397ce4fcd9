import { z } from 'zod';
import type { webhookEventSchemas } from '../../skipup/schemas.ts';

const second = z.iso.datetime({ precision: 0 });

/** The fields that every event of a meeting request begins with. */
function ofRequest<Name extends string>(event: Name) {
  return { event: z.literal(event), timestamp: second, id: z.string().regex(/^mr_[0-9A-Za-z]+$/) };
}

/** What the sandbox sends in each webhook, with every field it has. */
export const webhookPayloadSchemas = {
  'meeting_request.created': z.strictObject({
    ...ofRequest('meeting_request.created'),
    status: z.literal('active'),
    created_at: second,
  }),
  'meeting_request.booked': z.strictObject({
    ...ofRequest('meeting_request.booked'),
    calendar_event_id: z.string().optional(),
    status: z.literal('booked'),
    booked_at: second,
  }),
  'meeting_request.cancelled': z.strictObject({
    ...ofRequest('meeting_request.cancelled'),
    status: z.literal('cancelled'),
    cancelled_at: second,
    was_booked: z.boolean(),
  }),
  'meeting_request.paused': z.strictObject({
    ...ofRequest('meeting_request.paused'),
    status: z.literal('paused'),
    paused_at: second,
  }),
  'meeting_request.resumed': z.strictObject({
    ...ofRequest('meeting_request.resumed'),
    status: z.literal('active'),
    resumed_at: second,
  }),
  'meeting_request.organizer_changed': z.strictObject(ofRequest('meeting_request.organizer_changed')),
  'meeting_request.follow_up_sent': z.strictObject(ofRequest('meeting_request.follow_up_sent')),
  'member.deactivated': z.strictObject({
    event: z.literal('member.deactivated'),
    timestamp: second,
    id: z.string().regex(/^mem_[0-9A-Za-z]+$/),
    email: z.string(),
    deactivated_at: second,
  }),
  test: z.strictObject({ event: z.literal('test'), timestamp: second, message: z.string() }),
} satisfies Record<keyof typeof webhookEventSchemas, z.ZodType>;
export type WebhookName = keyof typeof webhookPayloadSchemas;

/** When each webhook is sent, and one as an example. */
export const WEBHOOKS: Readonly<Record<WebhookName, { summary: string; example: object }>> = {
  'meeting_request.created': {
    summary: 'A meeting request was accepted and the conversation has begun.',
    example: { status: 'active', created_at: '2026-02-10T14:00:00Z' },
  },
  'meeting_request.booked': {
    summary: 'A time is found and the invitations are out. It does not say that everybody has accepted.',
    example: {
      calendar_event_id: 'evt_01V6M2Q9XK4T7B3ZC8RD5YFHNP',
      status: 'booked',
      booked_at: '2026-02-11T16:00:00Z',
    },
  },
  'meeting_request.cancelled': {
    summary: 'A request was cancelled. `was_booked` says whether there had been a meeting to cancel.',
    example: { status: 'cancelled', cancelled_at: '2026-02-12T10:00:00Z', was_booked: false },
  },
  'meeting_request.paused': {
    summary: 'The conversation was paused.',
    example: { status: 'paused', paused_at: '2026-02-12T09:00:00Z' },
  },
  'meeting_request.resumed': {
    summary: 'A paused conversation goes on: by a call, or by itself when a participant has replied.',
    example: { status: 'active', resumed_at: '2026-02-13T11:00:00Z' },
  },
  'meeting_request.organizer_changed': {
    summary: 'Somebody else is the organizer now. Who, only the request itself says.',
    example: {},
  },
  'meeting_request.follow_up_sent': {
    summary: 'SkipUp has written again to participants who had not answered.',
    example: {},
  },
  'member.deactivated': {
    summary: 'A member of the workspace was deactivated and can organize nothing any more.',
    example: {
      id: 'mem_01H7Q2M4ZT9XB6KC3RDV5YFWNP',
      email: 'morgan.diaz@yourcompany.example',
      deactivated_at: '2026-02-14T08:30:00Z',
    },
  },
  test: {
    summary: 'Sent by the test call, whatever the endpoint has subscribed to.',
    example: { message: 'Test webhook delivery' },
  },
};
