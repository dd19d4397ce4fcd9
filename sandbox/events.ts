import { z } from 'zod';

const at = z.string();

/** Everything that happens in the sandbox, as the journal keeps it and `onEvent` tells it. `at` is the sandbox's own time, ISO 8601. */
export const sandboxEventSchema = z.discriminatedUnion('type', [
  /** A call that an outsider made to SkipUp's API, the CRM or Slack. */
  z.object({
    type: z.literal('api'),
    at,
    method: z.string(),
    path: z.string(),
    /** Null when the connection was dropped instead of an answer. */
    status: z.int().nullable(),
    /** The API key's name, never the key. */
    key: z.string().optional(),
    idempotencyKey: z.string().optional(),
    /** An earlier answer was given again. */
    replayed: z.boolean().optional(),
    faults: z.array(z.string()).optional(),
    body: z.unknown().optional(),
  }),
  /** One line of a scheduling conversation. */
  z.object({
    type: z.literal('conversation'),
    at,
    requestId: z.string(),
    from: z.string(),
    to: z.array(z.string()).optional(),
    text: z.string(),
  }),
  /** A meeting request has changed its status, organizer or context. */
  z.object({
    type: z.literal('meeting_request'),
    at,
    requestId: z.string(),
    change: z.string(),
    status: z.string(),
    /** When the meeting is, once booked; SkipUp itself never says it in an answer. */
    slot: z.object({ start: z.string(), end: z.string() }).optional(),
  }),
  /** One attempt to deliver a webhook. */
  z.object({
    type: z.literal('delivery'),
    at,
    deliveryId: z.string(),
    endpointId: z.string(),
    event: z.string(),
    requestId: z.string().optional(),
    url: z.string(),
    attempt: z.int(),
    outcome: z.enum(['success', 'failed', 'dropped']),
    responseCode: z.int().nullable(),
    error: z.string().optional(),
    faults: z.array(z.string()).optional(),
    nextAttemptAt: z.string().optional(),
    /** Somebody has had it sent again. */
    resent: z.boolean().optional(),
  }),
  z.object({ type: z.literal('endpoint_disabled'), at, endpointId: z.string(), url: z.string(), reason: z.string() }),
  /** Something was written to the CRM. */
  z.object({
    type: z.literal('crm'),
    at,
    action: z.enum(['properties', 'note', 'task', 'merge', 'deletion']),
    dealId: z.string().optional(),
    objectId: z.string(),
    text: z.string(),
    source: z.enum(['api', 'control']),
  }),
  /** One attempt of the CRM to tell its webhook URL about changed deals. */
  z.object({
    type: z.literal('crm_webhook'),
    at,
    noticeId: z.string(),
    url: z.string(),
    attempt: z.int(),
    events: z.int(),
    outcome: z.enum(['success', 'failed']),
    responseCode: z.int().nullable(),
    error: z.string().optional(),
  }),
  z.object({ type: z.literal('slack'), at, path: z.string(), text: z.string() }),
]);
export type SandboxEvent = z.infer<typeof sandboxEventSchema>;

/** An event with its place in the journal. */
export const journalEntrySchema = z.intersection(z.object({ seq: z.int() }), sandboxEventSchema);
export type JournalEntry = z.infer<typeof journalEntrySchema>;
