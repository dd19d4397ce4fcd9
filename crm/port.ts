import { z } from 'zod';
import { type CrmName, crmNameSchema } from './kinds.ts';

export { type CrmName, crmNameSchema } from './kinds.ts';

/**
 * A contact of the deal as the CRM knows it.
 *
 * `labels` are the CRM's own association labels ("Billing contact", "Champion"); the registry maps them to roles.
 */
export const crmContactSchema = z.object({
  id: z.string().optional(),
  email: z.string().optional(),
  name: z.string().optional(),
  labels: z.array(z.string()).default([]),
  isPrimary: z.boolean().default(false),
  /** IANA zone, already translated from the CRM's own spelling. */
  timezone: z.string().optional(),
  optedOut: z.boolean().default(false),
});
export type CrmContact = z.infer<typeof crmContactSchema>;

/** A deal, in the words every CRM shares. */
export const dealSchema = z.object({
  id: z.string().min(1).max(128),
  crm: crmNameSchema,
  name: z.string().min(1),
  account: z.object({ id: z.string().min(1), name: z.string().min(1) }),
  isWon: z.boolean(),
  stage: z.string().optional(),
  pipeline: z.string().optional(),
  amount: z.number().optional(),
  currency: z.string().optional(),
  /** ISO 8601 instant or date. */
  closedAt: z.string().optional(),
  owner: z.object({ email: z.string(), name: z.string().optional(), timezone: z.string().optional() }).optional(),
  url: z.string().optional(),
  /** Only for deals that arrive whole (generic trigger); otherwise `Crm.listStakeholders` is asked. */
  contacts: z.array(crmContactSchema).optional(),
  /** Deals that were merged into this one: a kickoff of one of them is this deal's kickoff. */
  mergedIds: z.array(z.string().min(1).max(128)).max(100).optional(),
});
export type Deal = z.infer<typeof dealSchema>;

/** One transition of one deal, taken out of a CRM's webhook. */
export interface DealSignal {
  dealId: string;
  /** The CRM that can read this deal, when it is not the one that sent the event (generic trigger). */
  crm?: CrmName;
  /** Identifies the transition, not the delivery: the same for every repeat of one event, new for the next change of stage. */
  transitionKey: string;
  /** ISO 8601 instant at which the CRM says it happened. */
  occurredAt: string;
  /** The CRM's own event type, e.g. `deal.propertyChange`. */
  eventType: string;
  /** Set when the event cannot mean a deal-close (another property, another object): recorded as ignored with this reason. */
  ignore?: string;
  /** The whole deal when the sender gave it. */
  deal?: Deal;
  workstream?: string;
  /** Deals that this event says were merged into this one. */
  mergedIds?: string[];
  /** The event closes no sale, whatever the deal's state (a merge, a deletion): it is told to kickoffs and starts none. */
  tellsOnly?: true;
}

/** What a receiver hands to `Crm.verify`: exactly what came over the wire. */
export interface InboundRequest {
  method: string;
  /** Path and query as received, e.g. `/triggers/hubspot?x=1`. */
  path: string;
  /** Lower-cased names. */
  headers: Record<string, string | string[] | undefined>;
  body: Uint8Array;
}

/** How a request was verified. It is kept and shown: it holds no secret, no token and no signature. */
export interface Verified {
  /** The scheme's name: `v3`, `t,v1`, `bearer`. */
  scheme: string;
  /** The instant that the sender signed it for, where the scheme says one and signs it. */
  signedAt?: Date;
  /** Which of the configured secrets or tokens it was, from 1; left out where there is never but one. */
  secret?: number;
}

/** A note, a task, a status or properties to be written to a deal. Every field is optional; all given ones are written. */
export interface CrmWrite {
  /** The value for the configured status property. */
  status?: string;
  properties?: Record<string, string>;
  note?: string;
  task?: { subject: string; body?: string; dueAt?: string };
  /** Names this write: adapters use it to find a note or task that an earlier, crashed attempt already made. */
  marker: string;
}

/** What a write made at the CRM, for display and for later steps. */
export interface CrmWriteResult {
  noteId?: string;
  taskId?: string;
  url?: string;
}

/** Which won deals are asked for, and which page of them. */
export interface WonDealsQuery {
  /** `closed`: by the deal's close date, for a backfill. `changed`: by the instant of its last change, for catching up. */
  by: 'closed' | 'changed';
  /** ISO 8601 instants: from `after` on, and before `before`. */
  after: string;
  before: string;
  /** The CRM's own ids of pipelines. Left out: all of them. A CRM without pipelines does not look at it. */
  pipelines?: readonly string[];
  /** At most so many deals in a page; the CRM's own limit may make it fewer. */
  limit: number;
  /** The page before's `next`. Short and opaque; it stays good for as long as the CRM keeps its deals. */
  cursor?: string;
}

/** A won deal as a list shows it: enough to see whether it is worth reading. */
export interface WonDeal {
  dealId: string;
  name?: string;
  pipeline?: string;
  /** ISO 8601 instant or date: the deal's close date, which people may set to any day. */
  closedAt?: string;
  /**
   * ISO 8601 instant at which it became won; names the transition, so an edit after closing leaves it alone. Always there
   * in a list by `changed`.
   */
  wonAt?: string;
  /** As in {@link Deal}. */
  mergedIds?: string[];
}

/** One page of won deals. No deal of the window is in none of the pages; one that changes meanwhile may be in two. */
export interface WonDealsPage {
  deals: WonDeal[];
  /** The next page's cursor; absent when this was the last one. A page may be empty and yet not be the last. */
  next?: string;
  /** How many deals there are from this page on, where the CRM says so. */
  remaining?: number;
}

/** Somebody who has filled in a form. */
export const leadSchema = z.object({
  /** The CRM's id; of a lead that no CRM knows, the first 16 hex digits of its address's SHA-256: an id is no personal data. */
  id: z.string().min(1).max(128),
  crm: crmNameSchema,
  /** Lower-cased. */
  email: z.string().min(3).max(320),
  name: z.string().optional(),
  company: z.string().optional(),
  jobTitle: z.string().optional(),
  /** IANA zone. */
  timezone: z.string().optional(),
  /** The assigned representative: organizes the meeting. */
  owner: z.object({ email: z.string(), name: z.string().optional(), timezone: z.string().optional() }).optional(),
  optedOut: z.boolean().default(false),
  url: z.string().optional(),
});
export type Lead = z.infer<typeof leadSchema>;

export const formSubmissionSchema = z.object({
  /** The form's own name: "Demo request". */
  name: z.string().max(255).default('a form'),
  /** ISO 8601 instant. */
  submittedAt: z.string(),
  page: z.string().max(2000).optional(),
  /** What was filled in, by the field's label; without the address. */
  answers: z.record(z.string().max(200), z.string().max(2000)).default({}),
});
export type FormSubmission = z.infer<typeof formSubmissionSchema>;

/** One submission of a form, or news of a booking, taken out of a webhook. */
export interface LeadSignal {
  event: 'form_submitted' | 'meeting_booked';
  /** Whose lead it is: by id where the sender knows it, else by address; one of the two is there. */
  lead: { id?: string; email?: string };
  /** The CRM that can read the lead, when it is not the one that sent the event. */
  crm?: CrmName;
  /** Identifies the submission (or booking), not the delivery. */
  submissionKey: string;
  /** ISO 8601 instant. */
  occurredAt: string;
  eventType: string;
  form?: FormSubmission;
  /** The whole lead when the sender gave it. */
  whole?: Lead;
  /** Where the meeting is, in words; only of a booking. */
  meeting?: string;
  /** Set when the event cannot mean a submission: recorded as ignored with this reason. */
  ignore?: string;
}

/** Which leads are asked for that have filled in a form. */
export interface FormLeadsQuery {
  /** ISO 8601 instants of the last submission: from `after` on, and before `before`. */
  after: string;
  before: string;
  limit: number;
  cursor?: string;
}

export interface FormLead {
  leadId: string;
  /** Where the list says it. */
  email?: string;
  name?: string;
  /** ISO 8601 instant of the last submission. */
  submittedAt: string;
  form?: string;
}

export interface FormLeadsPage {
  leads: FormLead[];
  next?: string;
  remaining?: number;
}

/** What lead recovery asks of a CRM. Every method throws {@link CrmError}. */
export interface CrmLeads {
  /** By id, else by address. Throws {@link CrmError} `not_found`. */
  readLead(which: { id?: string; email?: string }, signal?: AbortSignal): Promise<Lead>;
  /** A meeting of the lead that was made or takes place after `since` (ISO 8601): in words; undefined when it has none. */
  findMeeting(lead: Lead, since: string, signal?: AbortSignal): Promise<string | undefined>;
  /** As {@link Crm.writeBack}, to the lead. */
  writeBack(leadId: string, write: CrmWrite, signal?: AbortSignal): Promise<CrmWriteResult>;
  /** The lead's last submission as far as the CRM keeps it; undefined when it has filled in none. */
  lastSubmission?(leadId: string, signal?: AbortSignal): Promise<FormSubmission | undefined>;
  /** Leads by their last submission, a page at a time; who has a meeting is not left out. */
  listFormLeads?(query: FormLeadsQuery, signal?: AbortSignal): Promise<FormLeadsPage>;
}

/** Forms of which a CRM tells by webhooks of its own. They are verified by {@link Crm.verify}. */
export interface CrmForms {
  /** Whether a request says that it comes from this CRM: it is then judged by this CRM's signature, and by nothing else. */
  isFrom(request: InboundRequest): boolean;
  /** Splits a verified body into its submissions and bookings. Throws {@link TriggerRefused} with `malformed_body`. */
  normalise(body: Uint8Array): LeadSignal[];
}

/**
 * Everything Kickoff asks of a CRM. One folder per CRM implements it.
 *
 * Every method that talks to the CRM throws {@link CrmError}.
 */
export interface Crm {
  readonly name: CrmName;
  /** Only deals of these pipelines get a kickoff by themselves. Undefined: of every one. */
  readonly pipelines?: readonly string[] | undefined;
  /**
   * Checks that the request comes from this CRM. Throws {@link TriggerRefused}. `now` is injected for tests.
   * Returns how it was verified, to be kept with its events and shown.
   */
  verify(request: InboundRequest, now?: Date): Verified;
  /** Splits a verified body into its transitions. Throws {@link TriggerRefused} with `malformed_body`. */
  normalise(body: Uint8Array): DealSignal[];
  /** Reads the deal as it is now. Throws {@link CrmError} `not_found` when there is none. */
  readDeal(dealId: string, signal?: AbortSignal): Promise<Deal>;
  /** The deal's contacts with labels and time zones. */
  listStakeholders(deal: Deal, signal?: AbortSignal): Promise<CrmContact[]>;
  /** Writes status, properties, note and task. May be repeated with the same marker. */
  writeBack(dealId: string, write: CrmWrite, signal?: AbortSignal): Promise<CrmWriteResult>;
  /** The deals that are won now, a page at a time. Absent where there is no API to ask (the generic trigger). */
  listWonDeals?(query: WonDealsQuery, signal?: AbortSignal): Promise<WonDealsPage>;
  /** For lead recovery. */
  readonly leads?: CrmLeads | undefined;
  readonly forms?: CrmForms | undefined;
}

export type TriggerRefusedCode =
  | 'missing_signature'
  | 'malformed_signature'
  | 'no_match'
  | 'timestamp_too_old'
  | 'timestamp_in_future'
  | 'malformed_body'
  | 'configuration';

/** An inbound request that is not accepted; the receiver answers 401 (400 for `malformed_body`, 503 for `configuration`). */
export class TriggerRefused extends Error {
  override readonly name = 'TriggerRefused';
  readonly code: TriggerRefusedCode;
  constructor(code: TriggerRefusedCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type CrmErrorCode =
  | 'not_found'
  | 'unauthorized'
  | 'refused'
  | 'rate_limited'
  | 'unavailable'
  | 'malformed_answer'
  | 'configuration';

/** A call to a CRM that failed. `retryable` answers the first question anybody asks of it. */
export class CrmError extends Error {
  override readonly name = 'CrmError';
  readonly code: CrmErrorCode;
  readonly retryable: boolean;
  /** How long the CRM asked us to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  constructor(code: CrmErrorCode, message: string, options?: ErrorOptions & { retryAfterMs?: number }) {
    super(message, options);
    this.code = code;
    this.retryable = code === 'rate_limited' || code === 'unavailable';
    this.retryAfterMs = options?.retryAfterMs;
  }
}
