import { z } from 'zod';
import { apiScopeSchema, deliveryStatusSchema, meetingRequestStatusSchema } from '../../skipup/schemas.ts';
import { activeFaultSchema } from '../faults.ts';
import { habitsSchema } from '../fixtures/people.ts';
import { requestTaskSchema, taskSchema } from '../time/agenda.ts';
import { clockStateSchema } from '../time/clock.ts';
import { Collection } from './collection.ts';
import { journalSchema } from './journal.ts';
import { storedSettingsSchema } from './settings.ts';
import { transcriptSchema } from './transcript.ts';

/** A list on disk, a map in memory: ids from outside never index a plain object. */
function keyed<Item extends z.ZodType>(item: Item, keyOf: (value: z.output<Item>) => string) {
  return z.array(item).transform((values): Map<string, z.output<Item>> => Collection.of(values, keyOf));
}

/** The same for what there may be tens of thousands of. */
function collected<Item extends z.ZodType>(item: Item, keyOf: (value: z.output<Item>) => string) {
  return z.array(item).transform((values) => Collection.of(values, keyOf));
}

/** ISO 8601, whole seconds. */
const instant = z.string();
const spanSchema = z.object({ start: instant, end: instant });

export const apiKeySchema = z.object({
  id: z.string(),
  name: z.string(),
  key: z.string(),
  scopes: z.array(apiScopeSchema),
  /** When it called over the last minute, in ms of the sandbox's own time: what the rate limit counts. */
  calls: z.array(z.number()),
});
export type ApiKey = z.infer<typeof apiKeySchema>;

export const memberSchema = z.object({
  seq: z.int(),
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: z.string(),
  timezone: z.string().optional(),
  deactivatedAt: instant.nullable(),
  createdAt: instant,
});
export type Member = z.infer<typeof memberSchema>;

export const inviteeSchema = z.object({
  email: z.string(),
  name: z.string(),
  timezone: z.string(),
  followUps: z.int(),
  repliedAt: instant.nullable(),
});
export type Invitee = z.infer<typeof inviteeSchema>;

export const meetingRequestRecordSchema = z.object({
  seq: z.int(),
  id: z.string(),
  status: meetingRequestStatusSchema,
  organizerEmail: z.string(),
  organizerName: z.string().optional(),
  organizerTimezone: z.string().optional(),
  includeIntroduction: z.boolean(),
  campaignId: z.string().optional(),
  title: z.string().optional(),
  purpose: z.string().optional(),
  description: z.string().optional(),
  durationMinutes: z.int(),
  timeframe: spanSchema,
  createdAt: instant,
  updatedAt: instant,
  bookedAt: instant.optional(),
  cancelledAt: instant.optional(),
  pausedAt: instant.optional(),
  calendarEventId: z.string().optional(),
  /** When the meeting is. */
  slot: spanSchema.optional(),
  invitees: z.array(inviteeSchema),
  followUpRounds: z.int(),
  /** Tasks that wait for a resume, with the milliseconds they had left. */
  suspended: z.array(z.object({ task: requestTaskSchema, leftMs: z.number() })),
  transcript: transcriptSchema,
});
export type MeetingRequestRecord = z.infer<typeof meetingRequestRecordSchema>;

export const endpointSchema = z.object({
  seq: z.int(),
  id: z.string(),
  url: z.string(),
  description: z.string().nullable(),
  enabled: z.boolean(),
  events: z.array(z.string()),
  headers: z.array(z.object({ key: z.string(), value: z.string() })),
  secret: z.string(),
  disabledAt: instant.nullable(),
  disabledReason: z.string().nullable(),
  createdAt: instant,
  updatedAt: instant,
  /** When something failed, in ms: what the automatic disabling counts. */
  failures: z.array(z.number()),
});
export type Endpoint = z.infer<typeof endpointSchema>;

export const deliverySchema = z.object({
  seq: z.int(),
  id: z.string(),
  endpointId: z.string(),
  eventType: z.string(),
  status: deliveryStatusSchema,
  payload: z.record(z.string(), z.unknown()),
  responseCode: z.int().nullable(),
  attempts: z.int(),
  deliveredAt: instant.nullable(),
  lastAttemptedAt: instant.nullable(),
  createdAt: instant,
  /** The wall clock's second of the first attempt, for `signEachAttempt: false`. */
  firstSignedAt: z.int().nullable(),
});
export type Delivery = z.infer<typeof deliverySchema>;

export const idempotencySchema = z.object({
  keyId: z.string(),
  key: z.string(),
  bodyHash: z.string(),
  status: z.int(),
  answer: z.unknown(),
  expiresAt: z.number(),
});
export type IdempotentAnswer = z.infer<typeof idempotencySchema>;

/** Where the record of an idempotent answer is found. */
export function idempotencySlot(keyId: string, key: string): string {
  return `${keyId} ${key}`;
}

const propertiesSchema = z.record(z.string(), z.string());
const stamps = { createdAt: z.string(), updatedAt: z.string() };
export const crmObjectSchema = z.object({ id: z.string(), properties: propertiesSchema, ...stamps });
export type CrmObject = z.infer<typeof crmObjectSchema>;

export const crmDealSchema = crmObjectSchema.extend({
  contacts: z.array(z.object({ id: z.string(), labels: z.array(z.string()) })),
  companyId: z.string().nullable(),
  history: z.array(
    z.object({ at: instant, property: z.string(), from: z.string().nullable(), to: z.string(), source: z.string() }),
  ),
});
export type CrmDeal = z.infer<typeof crmDealSchema>;

export const engagementSchema = crmObjectSchema.extend({
  associations: z.array(z.object({ toId: z.string(), typeId: z.int() })),
});
export type Engagement = z.infer<typeof engagementSchema>;

export const ownerSchema = z.object({
  id: z.string(),
  email: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  ...stamps,
});
export type Owner = z.infer<typeof ownerSchema>;

/** A batch of events on its way to the CRM's webhook URL. */
export const crmNoticeSchema = z.object({
  id: z.string(),
  attempts: z.int(),
  events: z.array(z.record(z.string(), z.unknown())),
});
export type CrmNotice = z.infer<typeof crmNoticeSchema>;

export const crmSchema = z.object({
  accessToken: z.string(),
  clientSecret: z.string(),
  webhookUrl: z.string().nullable(),
  deals: collected(crmDealSchema, (deal) => deal.id),
  contacts: collected(crmObjectSchema, (contact) => contact.id),
  companies: collected(crmObjectSchema, (company) => company.id),
  owners: keyed(ownerSchema, (owner) => owner.id),
  notes: collected(engagementSchema, (note) => note.id),
  tasks: collected(engagementSchema, (task) => task.id),
  notices: keyed(crmNoticeSchema, (notice) => notice.id),
  /** Meetings of contacts, by whatever way they were booked. */
  meetings: keyed(crmObjectSchema.extend({ contactId: z.string() }), (meeting) => meeting.id).prefault([]),
  /** Deals that were merged away, and what came of them. */
  merged: keyed(z.object({ id: z.string(), into: z.string() }), (merged) => merged.id).prefault([]),
});

/** What only messages of Slack's Web API have. */
export const postedMessageSchema = z.object({
  channel: z.string(),
  ts: z.string(),
  thread_ts: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
});
export type PostedMessage = z.infer<typeof postedMessageSchema>;

export const slackMessageSchema = z.object({
  seq: z.int(),
  at: instant,
  path: z.string(),
  text: z.string(),
  payload: z.unknown(),
  posted: postedMessageSchema.optional(),
});
export type SlackMessage = z.infer<typeof slackMessageSchema>;

export const STATE_VERSION = 2;

/** All that one namespace knows. */
export const stateSchema = z.object({
  seed: z.string(),
  /** The last number of each kind of thing that gets an id or a place in an order. */
  counters: keyed(z.object({ kind: z.string(), last: z.int() }), (counter) => counter.kind),
  clock: clockStateSchema,
  settings: storedSettingsSchema,
  /** The key that `startSandbox` hands out. */
  mainKeyId: z.string(),
  /** The signing secret of every new endpoint, when one was asked for. */
  webhookSecret: z.string().nullable(),
  everybody: habitsSchema,
  people: keyed(z.object({ email: z.string(), habits: habitsSchema }), (person) => person.email),
  keys: keyed(apiKeySchema, (key) => key.id),
  members: keyed(memberSchema, (member) => member.email),
  requests: collected(meetingRequestRecordSchema, (request) => request.id),
  endpoints: keyed(endpointSchema, (endpoint) => endpoint.id),
  deliveries: collected(deliverySchema, (delivery) => delivery.id),
  idempotency: collected(idempotencySchema, (answer) => idempotencySlot(answer.keyId, answer.key)),
  tasks: z.array(taskSchema),
  faults: z.array(activeFaultSchema),
  crm: crmSchema,
  slack: z.array(slackMessageSchema),
  journal: journalSchema,
});
export type State = z.infer<typeof stateSchema>;

/** The next number of a kind, from 1. */
export function countIn(state: Pick<State, 'counters'>, kind: string): number {
  const counter = state.counters.get(kind) ?? { kind, last: 0 };
  counter.last += 1;
  state.counters.set(kind, counter);
  return counter.last;
}
