/**
 * SkipUp's API in zod, both ways: strict for what is sent, tolerant for what comes back. An answer needs an id (and a
 * meeting request its status); every other field may be absent, null or of an unexpected kind (it then reads as
 * `undefined`), and fields that are not listed here are kept.
 */
import { z } from 'zod';

/* ---------------------------------------------------------------- limits */

/** SkipUp's limits for the texts of a meeting request, in characters. */
export const TITLE_MAX = 255;
export const PURPOSE_MAX = 500;
export const DESCRIPTION_MAX = 5000;
/** Not documented; a larger list is nearly always a mistake of the caller. */
export const PARTICIPANTS_MAX = 50;
/** A day. Not documented; it catches hours sent as seconds. */
export const DURATION_MINUTES_MAX = 1440;
export const PAGE_LIMIT_DEFAULT = 25;
export const PAGE_LIMIT_MAX = 100;
/** How long SkipUp remembers an idempotency key. */
export const IDEMPOTENCY_TTL_HOURS = 24;
/** How long an idempotency key may be; not documented, the usual width of such a column. */
export const IDEMPOTENCY_KEY_MAX = 255;

/** SkipUp's rate limit, per key. */
export const REQUESTS_PER_MINUTE = 120;

/** What an API key may be allowed to do. */
export const API_SCOPES = [
  'meeting_requests.read',
  'meeting_requests.write',
  'members.read',
  'members.write',
  'webhooks.read',
  'webhooks.write',
] as const;
export const apiScopeSchema = z.enum(API_SCOPES);
export type ApiScope = z.infer<typeof apiScopeSchema>;

/* ----------------------------------------------------------------- parts */

/**
 * An address as mail servers take it: letters of any script, one `@`, a dotted domain; no spaces, brackets, commas or
 * control characters, so that nothing can slip a second recipient in.
 */
export const emailSchema = z
  .string()
  .max(254, 'An e-mail address has at most 254 characters')
  .regex(/^[^\s\p{Cc}\p{Cs}@<>()[\]\\,;:"]{1,64}@(?:[\p{L}\p{N}\p{M}_-]{1,63}\.)+[\p{L}\p{N}\p{M}-]{2,63}$/u, {
    message: 'Not an e-mail address',
  });

/** Asking Intl takes tens of microseconds and much memory, and the same few zones come again and again. */
const ZONES_REMEMBERED = 1000;
const knownZones = new Set<string>();

/** Whether the runtime's own time zone database knows the name. Offsets such as `+02:00` are no zones: they know no summer time. */
export function isTimeZone(name: string): boolean {
  if (knownZones.has(name)) return true;
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]{1,63}$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    if (knownZones.size < ZONES_REMEMBERED) knownZones.add(name);
    return true;
  } catch {
    // RangeError is how Intl says that it does not know the zone.
    return false;
  }
}

export const timeZoneSchema = z.string().refine(isTimeZone, {
  message: 'Not an IANA time zone (one reads like America/New_York)',
});

/** An instant in ISO 8601 with `Z` or an offset. */
export const instantSchema = z.iso.datetime({
  offset: true,
  message: 'Not an ISO 8601 instant with a zone (one reads like 2026-02-12T00:00:00Z)',
});

/** From and to, both inclusive: send `end` as the last second of the last wanted day. */
export const timeframeSchema = z
  .strictObject({ start: instantSchema, end: instantSchema })
  .refine(({ start, end }) => Date.parse(start) < Date.parse(end), {
    message: 'The timeframe must end after it starts',
    path: ['end'],
  });
export type Timeframe = z.infer<typeof timeframeSchema>;

/** The `Idempotency-Key` header: printable ASCII, no space at either end (HTTP would trim it into another key). */
export const idempotencyKeySchema = z
  .string()
  .min(1, 'An idempotency key is needed: without it a repeated call makes a second meeting request')
  .max(IDEMPOTENCY_KEY_MAX, `An idempotency key has at most ${IDEMPOTENCY_KEY_MAX} characters`)
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, {
    message: 'An idempotency key holds printable ASCII only, with no space at its ends',
  });

/** An id of SkipUp's (`mr_…`, `we_…`), opaque: only what could break out of a URL path is refused. */
export const resourceIdSchema = z
  .string()
  .min(1, 'An id is needed')
  .max(255, 'An id has at most 255 characters')
  .refine((id) => !/[\s\p{Cc}\p{Cs}/\\?#]/u.test(id) && id !== '.' && id !== '..', {
    message: 'An id holds no spaces, slashes, question marks or hashes',
  });

/** Text for people: no NUL and no half of a surrogate pair, which databases refuse long after the call was accepted. */
function textUpTo(max: number) {
  return (
    z
      .string()
      .regex(/^[^\0\p{Cs}]*$/u, 'Text with a NUL or half of a surrogate pair')
      // Characters, as databases and JSON Schema count them: one outside the basic plane is two in a JavaScript string.
      .refine((text) => text.length <= max || (text.length <= 2 * max && [...text].length <= max), {
        message: `At most ${max} characters`,
      })
      .meta({ maxLength: max })
  );
}

/** In a query string numbers are text; a caller writes them as numbers. */
const pageLimitSchema = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,9}$/, 'Not a whole number')
      .transform(Number),
  ])
  .pipe(z.int().min(1).max(PAGE_LIMIT_MAX));

/** How many pages a minute a list asks for at most. A part of a minute's page makes no sense. */
export const pagesPerMinuteSchema = z.number().min(1, 'pagesPerMinute must be 1 or more');

/** A filter by time: an instant, or a whole day. */
const timeFilterSchema = z.union([instantSchema, z.iso.date()]);
const cursorSchema = z.string().min(1).max(2048);

/** An answer's optional field: absent, null or of another kind than expected all read as nothing. */
function tolerated<T extends z.ZodType>(schema: T) {
  return schema.nullish().catch(undefined);
}

/* ---------------------------------------------- meeting requests: sent */

export const MEETING_REQUEST_STATUSES = ['active', 'paused', 'booked', 'cancelled'] as const;
/** The statuses SkipUp documents. */
export const meetingRequestStatusSchema = z.enum(MEETING_REQUEST_STATUSES);
export type MeetingRequestStatus = z.infer<typeof meetingRequestStatusSchema>;

export const participantSchema = z.strictObject({
  email: emailSchema,
  name: textUpTo(255).min(1).optional(),
  timezone: timeZoneSchema.optional(),
});
export type MeetingParticipant = z.infer<typeof participantSchema>;

const contextShape = {
  title: textUpTo(TITLE_MAX).min(1).optional(),
  purpose: textUpTo(PURPOSE_MAX).optional(),
  description: textUpTo(DESCRIPTION_MAX).optional(),
  duration_minutes: z.int().min(1).max(DURATION_MINUTES_MAX).optional(),
  timeframe: timeframeSchema.optional(),
};

/** The `context` object inside the body of create. Send duration and timeframe always: SkipUp's own defaults differ. */
export const nestedContextSchema = z.strictObject(contextShape);
export type NestedContext = z.infer<typeof nestedContextSchema>;

/** The body of `POST /meeting_requests/:id/context`: the same fields, flat, and at least one of them. */
export const contextSchema = z
  .strictObject(contextShape)
  .refine((context) => Object.values(context).some((value) => value !== undefined), {
    message: 'At least one field of the context is needed',
  });
export type ContextUpdate = z.infer<typeof contextSchema>;

/** The body of `POST /meeting_requests`. */
export const createMeetingRequestSchema = z
  .strictObject({
    organizer_email: emailSchema,
    organizer_name: textUpTo(255).min(1).optional(),
    organizer_timezone: timeZoneSchema.optional(),
    participants: z.array(participantSchema).min(1).max(PARTICIPANTS_MAX).optional(),
    participant_emails: z.array(emailSchema).min(1).max(PARTICIPANTS_MAX).optional(),
    include_introduction: z.boolean().optional(),
    campaign_id: z.string().min(1).max(255).optional(),
    context: nestedContextSchema.optional(),
  })
  .refine((body) => (body.participants === undefined) !== (body.participant_emails === undefined), {
    message: 'Exactly one of participants and participant_emails is needed',
    path: ['participants'],
  });
/** The body as a server reads it: that it names its participants in one way is checked, and not in the type. */
export type CreateMeetingRequestBody = z.infer<typeof createMeetingRequestSchema>;
/** The body as a caller writes it: either `participants` or `participant_emails`. */
export type CreateMeetingRequest = Omit<CreateMeetingRequestBody, 'participants' | 'participant_emails'> &
  (
    | { participants: MeetingParticipant[]; participant_emails?: undefined }
    | { participant_emails: string[]; participants?: undefined }
  );

/** The body of cancel; `notify` (default false) tells the participants. */
export const cancelSchema = z.strictObject({ notify: z.boolean().optional() });
export type CancelMeetingRequest = z.infer<typeof cancelSchema>;

/** The body of change_organizer; the new one must be an active member of the workspace. */
export const changeOrganizerSchema = z.strictObject({ new_organizer_email: emailSchema });
export type ChangeOrganizer = z.infer<typeof changeOrganizerSchema>;

/** The query of `GET /meeting_requests`; both times are inclusive. */
export const listMeetingRequestsQuerySchema = z.strictObject({
  status: meetingRequestStatusSchema.optional(),
  organizer_email: emailSchema.optional(),
  participant_email: emailSchema.optional(),
  created_after: timeFilterSchema.optional(),
  created_before: timeFilterSchema.optional(),
  limit: pageLimitSchema.optional(),
  cursor: cursorSchema.optional(),
});
export type ListMeetingRequestsQuery = z.infer<typeof listMeetingRequestsQuerySchema>;

/* ------------------------------------------ meeting requests: answered */

/** A meeting request as SkipUp answers it. `status` is any text: a new one must not break a running kickoff. */
export const meetingRequestSchema = z.looseObject({
  id: z.string().min(1),
  status: z.string().min(1),
  organizer_email: tolerated(z.string()),
  participant_emails: tolerated(z.array(z.string())),
  title: tolerated(z.string()),
  purpose: tolerated(z.string()),
  description: tolerated(z.string()),
  include_introduction: tolerated(z.boolean()),
  duration_minutes: tolerated(z.number()),
  timeframe: tolerated(z.looseObject({ start: tolerated(z.string()), end: tolerated(z.string()) })),
  created_at: tolerated(z.string()),
  updated_at: tolerated(z.string()),
  booked_at: tolerated(z.string()),
  cancelled_at: tolerated(z.string()),
  paused_at: tolerated(z.string()),
});
export type MeetingRequest = z.infer<typeof meetingRequestSchema>;

/** What stands beside `data` in a list. */
export const pageMetaSchema = z.looseObject({
  limit: tolerated(z.number()),
  has_more: tolerated(z.boolean()),
  next_cursor: tolerated(z.string()),
});
export type PageMeta = z.infer<typeof pageMetaSchema>;

/** `{data: …}` around one object. */
export function envelopeOf<T extends z.ZodType>(item: T) {
  return z.looseObject({ data: item });
}

/** `{data: […], meta: {…}}` around a list; a list without `meta` is a last page. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.looseObject({ data: z.array(item), meta: pageMetaSchema.optional() });
}

/* ------------------------------------------------------------- members */

/** The query of `GET /workspace_members`, which lists active members only. */
export const listMembersQuerySchema = z.strictObject({
  email: emailSchema.optional(),
  role: z.string().min(1).max(64).optional(),
  limit: pageLimitSchema.optional(),
  cursor: cursorSchema.optional(),
});
export type ListMembersQuery = z.infer<typeof listMembersQuerySchema>;

export const workspaceMemberSchema = z.looseObject({
  id: z.string().min(1),
  email: tolerated(z.string()),
  name: tolerated(z.string()),
  role: tolerated(z.string()),
  deactivated_at: tolerated(z.string()),
  created_at: tolerated(z.string()),
});
export type WorkspaceMember = z.infer<typeof workspaceMemberSchema>;

/* -------------------------------------------------- webhook endpoints */

/** The events one can subscribe to. `test` comes unasked, from the test call. */
export const WEBHOOK_EVENT_TYPES = [
  'meeting_request.created',
  'meeting_request.booked',
  'meeting_request.cancelled',
  'meeting_request.paused',
  'meeting_request.resumed',
  'meeting_request.organizer_changed',
  'meeting_request.follow_up_sent',
  'member.deactivated',
] as const;
export const webhookEventTypeSchema = z.enum(WEBHOOK_EVENT_TYPES);
export type WebhookEventType = z.infer<typeof webhookEventTypeSchema>;
export const WEBHOOK_TEST_EVENT = 'test';

/** SkipUp itself takes HTTPS alone; plain HTTP is let through for sandboxes on the same machine or network. */
const endpointUrlSchema = z.url({ protocol: /^https?$/, message: 'Not an http(s) URL' }).max(2048);

const endpointHeaderSchema = z.strictObject({
  key: z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,255}$/, 'Not a header name'),
  value: z
    .string()
    .max(4096)
    .regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'Not a header value'),
});

const endpointEventsSchema = z.array(webhookEventTypeSchema).min(1).max(64);

export const createWebhookEndpointSchema = z.strictObject({
  url: endpointUrlSchema,
  events: endpointEventsSchema,
  description: textUpTo(DESCRIPTION_MAX).optional(),
  headers: z.array(endpointHeaderSchema).max(50).optional(),
});
export type CreateWebhookEndpoint = z.infer<typeof createWebhookEndpointSchema>;

/** `enabled: true` also brings an endpoint back that SkipUp has switched off. */
export const updateWebhookEndpointSchema = z
  .strictObject({
    url: endpointUrlSchema.optional(),
    events: endpointEventsSchema.optional(),
    description: textUpTo(DESCRIPTION_MAX).optional(),
    enabled: z.boolean().optional(),
  })
  .refine((body) => Object.values(body).some((value) => value !== undefined), {
    message: 'At least one field to change is needed',
  });
export type UpdateWebhookEndpoint = z.infer<typeof updateWebhookEndpointSchema>;

export const listWebhookEndpointsQuerySchema = z.strictObject({
  limit: pageLimitSchema.optional(),
  cursor: cursorSchema.optional(),
});
export type ListWebhookEndpointsQuery = z.infer<typeof listWebhookEndpointsQuerySchema>;

/** `secret` is the sandbox's: it shows the signing secret once, in the answer to create. */
export const webhookEndpointSchema = z.looseObject({
  id: z.string().min(1),
  url: tolerated(z.string()),
  description: tolerated(z.string()),
  enabled: tolerated(z.boolean()),
  events: tolerated(z.array(z.string())),
  disabled_at: tolerated(z.string()),
  disabled_reason: tolerated(z.string()),
  created_at: tolerated(z.string()),
  updated_at: tolerated(z.string()),
  secret: tolerated(z.string()),
});
export type WebhookEndpoint = z.infer<typeof webhookEndpointSchema>;

/** What the test call answers: the delivery is queued. */
export const webhookTestSchema = z.looseObject({
  delivery_id: tolerated(z.string()),
  status: tolerated(z.string()),
});
export type WebhookTest = z.infer<typeof webhookTestSchema>;

export const DELIVERY_STATUSES = ['pending', 'success', 'failed'] as const;
export const deliveryStatusSchema = z.enum(DELIVERY_STATUSES);
export type DeliveryStatus = z.infer<typeof deliveryStatusSchema>;

/** The query of `GET /webhook_endpoints/:id/deliveries`. */
export const listDeliveriesQuerySchema = z.strictObject({
  status: deliveryStatusSchema.optional(),
  event_type: z.string().min(1).max(128).optional(),
  limit: pageLimitSchema.optional(),
  cursor: cursorSchema.optional(),
});
export type ListDeliveriesQuery = z.infer<typeof listDeliveriesQuerySchema>;

export const webhookDeliverySchema = z.looseObject({
  id: z.string().min(1),
  event_type: tolerated(z.string()),
  status: tolerated(z.string()),
  payload: tolerated(z.record(z.string(), z.unknown())),
  response_code: tolerated(z.number()),
  attempts: tolerated(z.number()),
  delivered_at: tolerated(z.string()),
  last_attempted_at: tolerated(z.string()),
  created_at: tolerated(z.string()),
});
export type WebhookDelivery = z.infer<typeof webhookDeliverySchema>;

/* ------------------------------------------------------ webhook events */

/**
 * Any event, as `verifyWebhook` returns it: the name, the time, and whatever SkipUp sent beside them. Types that are
 * not known yet come through the same way.
 */
export const webhookEventSchema = z.looseObject({
  event: z.string().min(1),
  timestamp: z.string().min(1),
  id: tolerated(z.string()),
  status: tolerated(z.string()),
  created_at: tolerated(z.string()),
  calendar_event_id: tolerated(z.string()),
  booked_at: tolerated(z.string()),
  cancelled_at: tolerated(z.string()),
  was_booked: tolerated(z.boolean()),
  paused_at: tolerated(z.string()),
  resumed_at: tolerated(z.string()),
  message: tolerated(z.string()),
});
export type WebhookEvent = z.infer<typeof webhookEventSchema>;

const requestEvent = { timestamp: z.string().min(1), id: z.string().min(1), status: z.string().optional() };

/**
 * Each event as it is documented, by name. `organizer_changed`, `follow_up_sent` and `member.deactivated` have no full
 * sample: only name and time are sure.
 */
export const webhookEventSchemas = {
  'meeting_request.created': z.looseObject({
    event: z.literal('meeting_request.created'),
    ...requestEvent,
    created_at: z.string().optional(),
  }),
  'meeting_request.booked': z.looseObject({
    event: z.literal('meeting_request.booked'),
    ...requestEvent,
    calendar_event_id: z.string().nullish(),
    booked_at: z.string().optional(),
  }),
  'meeting_request.cancelled': z.looseObject({
    event: z.literal('meeting_request.cancelled'),
    ...requestEvent,
    cancelled_at: z.string().optional(),
    was_booked: z.boolean().optional(),
  }),
  'meeting_request.paused': z.looseObject({
    event: z.literal('meeting_request.paused'),
    ...requestEvent,
    paused_at: z.string().optional(),
  }),
  'meeting_request.resumed': z.looseObject({
    event: z.literal('meeting_request.resumed'),
    ...requestEvent,
    resumed_at: z.string().optional(),
  }),
  'meeting_request.organizer_changed': z.looseObject({
    event: z.literal('meeting_request.organizer_changed'),
    timestamp: z.string().min(1),
    id: z.string().optional(),
  }),
  'meeting_request.follow_up_sent': z.looseObject({
    event: z.literal('meeting_request.follow_up_sent'),
    timestamp: z.string().min(1),
    id: z.string().optional(),
  }),
  'member.deactivated': z.looseObject({
    event: z.literal('member.deactivated'),
    timestamp: z.string().min(1),
    id: z.string().optional(),
  }),
  test: z.looseObject({
    event: z.literal('test'),
    timestamp: z.string().min(1),
    message: z.string().optional(),
  }),
} as const;
export type WebhookPayloads = {
  [Name in keyof typeof webhookEventSchemas]: z.infer<(typeof webhookEventSchemas)[Name]>;
};

/* -------------------------------------------------------------- errors */

/** The error types SkipUp names. The status decides what a client does; the type is for people. */
export const ERROR_TYPES = [
  'unauthorized',
  'authentication_error',
  'forbidden',
  'not_found',
  'validation_error',
  'invalid_request',
  'rate_limited',
] as const;
export type ErrorType = (typeof ERROR_TYPES)[number];

/** `{"error": {"type", "message"}}`, or a plain string in its place. */
export const errorBodySchema = z.looseObject({
  error: z.union([
    z.string(),
    z.looseObject({
      type: tolerated(z.string()),
      message: tolerated(z.string()),
    }),
  ]),
});
export type ErrorBody = z.infer<typeof errorBodySchema>;
