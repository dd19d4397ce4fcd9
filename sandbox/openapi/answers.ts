/**
 * What the sandbox answers, field by field. The client's schemas are tolerant because SkipUp may change; the sandbox knows
 * exactly what it gives, so these name every field, say which are always there, and allow no other.
 */
import { z } from 'zod';
import type {
  meetingRequestSchema,
  pageMetaSchema,
  webhookDeliverySchema,
  webhookEndpointSchema,
  webhookTestSchema,
  workspaceMemberSchema,
} from '../../skipup/schemas.ts';
import {
  DURATION_MINUTES_MAX,
  deliveryStatusSchema,
  instantSchema,
  meetingRequestStatusSchema,
  PAGE_LIMIT_MAX,
  PARTICIPANTS_MAX,
  webhookEventTypeSchema,
} from '../../skipup/schemas.ts';
import { webhookPayloadSchemas } from './webhook-payloads.ts';

/** Every field that the client reads in an answer: one that the sandbox forgets does not compile. */
type FieldsOf<Tolerant extends z.ZodObject> = Record<keyof Tolerant['shape'], z.ZodType>;

/** The sandbox's own times are whole seconds in UTC. */
const secondSchema = z.iso.datetime({ precision: 0 });
const secondOrNullSchema = secondSchema.nullable();
/** Kept in lower case, which can be longer than what was given: a capital İ becomes two characters. */
const keptEmailSchema = z.string().regex(/^[^@\s]+@[^@\s]+$/);
const idWith = (prefix: string) => z.string().regex(new RegExp(`^${prefix}_[0-9A-Za-z]+$`));

const timeframeAnswerSchema = z.strictObject({ start: instantSchema, end: instantSchema });

export const meetingRequestAnswerSchema = z.strictObject({
  id: idWith('mr'),
  status: meetingRequestStatusSchema,
  organizer_email: keptEmailSchema,
  participant_emails: z.array(keptEmailSchema).min(1).max(PARTICIPANTS_MAX),
  title: z.string().optional(),
  purpose: z.string().optional(),
  description: z.string().optional(),
  include_introduction: z.boolean(),
  duration_minutes: z.int().min(1).max(DURATION_MINUTES_MAX),
  timeframe: timeframeAnswerSchema,
  campaign_id: z.string().optional(),
  created_at: secondSchema,
  updated_at: secondSchema,
  booked_at: secondSchema.optional(),
  cancelled_at: secondSchema.optional(),
  paused_at: secondSchema.optional(),
} satisfies FieldsOf<typeof meetingRequestSchema> & Record<'campaign_id', z.ZodType>);

export const memberAnswerSchema = z.strictObject({
  id: idWith('mem'),
  email: keptEmailSchema,
  name: z.string(),
  role: z.string(),
  deactivated_at: secondOrNullSchema,
  created_at: secondSchema,
} satisfies FieldsOf<typeof workspaceMemberSchema>);

const { secret: secretField, ...endpointFields } = {
  id: idWith('we'),
  url: z.url({ protocol: /^https?$/ }),
  description: z.string().nullable(),
  enabled: z.boolean(),
  events: z.array(webhookEventTypeSchema).min(1),
  disabled_at: secondOrNullSchema,
  disabled_reason: z.enum(['too_many_failures']).nullable(),
  created_at: secondSchema,
  updated_at: secondSchema,
  secret: z.string().min(8),
} satisfies FieldsOf<typeof webhookEndpointSchema>;
export const endpointAnswerSchema = z.strictObject(endpointFields);
/** The one answer that shows the signing secret. */
export const newEndpointAnswerSchema = z.strictObject({ ...endpointFields, secret: secretField });

export const webhookTestAnswerSchema = z.strictObject({
  delivery_id: idWith('wd'),
  status: z.literal('queued'),
} satisfies FieldsOf<typeof webhookTestSchema>);

export const deliveryAnswerSchema = z.strictObject({
  id: idWith('wd'),
  event_type: z.string(),
  status: deliveryStatusSchema,
  payload: z.union(Object.values(webhookPayloadSchemas)),
  response_code: z.int().min(100).max(999).nullable(),
  attempts: z.int().min(0),
  delivered_at: secondOrNullSchema,
  last_attempted_at: secondOrNullSchema,
  created_at: secondSchema,
} satisfies FieldsOf<typeof webhookDeliverySchema>);

export const pageMetaAnswerSchema = z.strictObject({
  limit: z.int().min(1).max(PAGE_LIMIT_MAX),
  has_more: z.boolean(),
  next_cursor: z.string().min(1).optional(),
} satisfies FieldsOf<typeof pageMetaSchema>);

/** `{data: …}` around one object. */
export function oneOf<T extends z.ZodType>(item: T) {
  return z.strictObject({ data: item });
}

/** `{data: […], meta: {…}}` around a page of a list. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({ data: z.array(item).max(PAGE_LIMIT_MAX), meta: pageMetaAnswerSchema });
}
