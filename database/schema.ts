/**
 * The tables, as Kysely sees them. Their SQL is in `migrations/`.
 *
 * `inbox`: everything that came in, before it is acknowledged. `kickoffs`, `meeting_requests`, `steps`: the ledger and
 * read model. `stakeholders`, `accounts`: the registry; `stakeholder_changes`: who changed it when. `sweeps`: what the last
 * sweep found. `catch_ups`: how far each CRM has been looked through. `deal_merges`: which deals have become others.
 * `recoveries`: leads that are, or were, asked for a meeting. `opt_outs`: addresses that are never written to.
 * `skipup_members`: who may organize, as last heard of. `console_…`: who may sign in to the console, and who is; `audit_log`:
 * what was done there.
 */
import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from 'kysely';

type Timestamp = ColumnType<Date, Date | string, Date | string>;
type NullableTimestamp = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
type DefaultTimestamp = ColumnType<Date, Date | string | undefined, Date | string>;
type Json<T extends object> = JSONColumnType<T>;
type NullableJson = ColumnType<object | null, string | null | undefined, string | null>;

export type InboxStatus = 'pending' | 'unmatched' | 'delivered' | 'ignored' | 'dead';
/** `deal`, `form`: the generic triggers, and HubSpot's forms; each other CRM by its name. */
export type InboxSource = 'skipup' | 'hubspot' | 'salesforce' | 'pipedrive' | 'deal' | 'form';

export interface InboxTable {
  id: Generated<number>;
  source: InboxSource;
  /** Unique within the source: SHA-256 of a SkipUp body's canonical JSON; the transition of a CRM event. */
  dedupe_key: string;
  event_type: string;
  /** The meeting request's id (`mr_…`) or the deal's id. */
  subject: string | null;
  payload: Json<object>;
  received_at: DefaultTimestamp;
  status: Generated<InboxStatus>;
  /** Why it was ignored or is dead, in words. */
  reason: string | null;
  attempts: Generated<number>;
  next_attempt_at: DefaultTimestamp;
  /** A relay that claimed the row owns it until then. */
  locked_until: NullableTimestamp;
  workflow_id: string | null;
  delivered_at: NullableTimestamp;
  /** How its sender was known when it came; null: kept by a version that did not write it down. */
  verification: ColumnType<Verification | null, string | null | undefined, string | null>;
}

/** How a row came to be believed. Holds no secret, no token and no signature. */
export interface Verification {
  /**
   * Whose scheme: `skipup-t,v1`, `hubspot-v3`, `hubspot-v2`, `salesforce-token`, `pipedrive-basic`, `deal-signature`,
   * `deal-bearer`, `form-signature`, `form-bearer`. `sweep`, `catch-up`: nobody sent it; it was read with our own key.
   */
  by: string;
  /** ISO 8601 instant that the sender signed it for. */
  signedAt?: string;
  /** Which of the configured secrets (tokens) it was, from 1. */
  secret?: number;
}

export interface KickoffsTable {
  workflow_id: string;
  crm: string;
  deal_id: string;
  workstream: Generated<string>;
  revision: Generated<number>;
  deal: Json<object>;
  account_id: string;
  account_name: string;
  phase: string;
  origin: Json<object>;
  organizer: NullableJson;
  participants: Json<object[]>;
  excluded: Json<object[]>;
  gaps: Json<object[]>;
  needs: Json<string[]>;
  /** Null: claimed, the workflow not yet known to have started. */
  started_at: NullableTimestamp;
  closes_at: NullableTimestamp;
  /** Since when the deal is not won any more, or gone; null: it is won, as far as is known. */
  deal_lost_at: NullableTimestamp;
  created_at: DefaultTimestamp;
  updated_at: DefaultTimestamp;
  /** What the search box looks in, in small letters. */
  search: GeneratedAlways<string>;
}

export interface MeetingRequestsTable {
  idempotency_key: string;
  workflow_id: string;
  revision: number;
  /** Null until SkipUp has answered. */
  request_id: string | null;
  /** `requesting` until SkipUp has answered, then SkipUp's own: active, paused, booked, cancelled, or one we do not know. */
  status: string;
  /** When SkipUp says it was last paused or resumed: the later wins, whichever comes last. */
  status_at: NullableTimestamp;
  /** Null: it has changed, and whoever told so did not say to whom. */
  organizer_email: string | null;
  /** As of when that is known, in SkipUp's time; null: since the request was made. */
  organizer_at: NullableTimestamp;
  participant_emails: Json<string[]>;
  timeframe_start: Timestamp;
  timeframe_end: Timestamp;
  first_tried_at: Timestamp;
  follow_ups: Generated<number>;
  /** The instants of the follow-ups counted, ISO 8601: a webhook that comes twice counts once. */
  follow_up_times: Json<string[]>;
  calendar_event_id: string | null;
  was_booked: Generated<boolean>;
  booked_at: NullableTimestamp;
  cancelled_at: NullableTimestamp;
  created_at: DefaultTimestamp;
  updated_at: DefaultTimestamp;
}

export interface StepsTable {
  workflow_id: string;
  revision: number;
  step_id: string;
  /** Empty for a step that runs once per revision. */
  occurrence: Generated<string>;
  list: string;
  kind: string;
  status: 'running' | 'done' | 'failed' | 'skipped' | 'undone' | 'left';
  outcome: NullableJson;
  error: string | null;
  attempts: Generated<number>;
  started_at: DefaultTimestamp;
  finished_at: NullableTimestamp;
}

export interface StakeholdersTable {
  id: Generated<number>;
  account_id: string;
  /** Empty: counts for every deal of the account. */
  deal_id: Generated<string>;
  email: string;
  name: string | null;
  side: string;
  roles: Json<string[]>;
  attendance: Json<object>;
  timezone: string | null;
  timezone_source: string | null;
  /** ISO dates, kept as text: a day, not an instant. */
  active_from: string | null;
  active_to: string | null;
  opted_out: Generated<boolean>;
  opted_out_reason: string | null;
  /** Empty: counts for every workstream of the deal. */
  workstreams: ColumnType<string[], string | undefined, string>;
  source: string;
  source_ref: string | null;
  verified_at: NullableTimestamp;
  created_at: DefaultTimestamp;
  updated_at: DefaultTimestamp;
}

export interface AccountsTable {
  id: string;
  name: string | null;
  /** ISO 3166-1 alpha-2, or with a subdivision ISO 3166-2: `DE`, `US-CA`. */
  country: string | null;
  /** IANA zone. */
  timezone: string | null;
  updated_at: DefaultTimestamp;
}

export type StakeholderChangeKind = 'added' | 'changed' | 'ended' | 'opted_out' | 'opted_in';

export interface StakeholderChangesTable {
  id: Generated<number>;
  account_id: string;
  deal_id: Generated<string>;
  /** Empty: the account itself changed. */
  email: Generated<string>;
  change: StakeholderChangeKind;
  /** The fields that changed, as they were; null: there was nothing before. */
  before: NullableJson;
  /** The same fields, as they are since. */
  after: NullableJson;
  /** Who: a person, as the command line or the console knows them. */
  changed_by: string;
  /** By which way: `import people.csv`, `crm hubspot`. */
  source: string;
  changed_at: DefaultTimestamp;
}

export interface SweepsTable {
  /** Each part of the sweep has its own row. */
  part: string;
  swept_at: Timestamp;
  /** When the part last got through. */
  succeeded_at: NullableTimestamp;
  /** What it found when it last got through. */
  findings: Json<object>;
  /** Why it did not get through the last time, in words. */
  problem: string | null;
}

export interface CatchUpsTable {
  crm: string;
  /** When Kickoff first looked: deals won before are a backfill's. */
  since: Timestamp;
  /** Every change before this instant has been looked at. */
  checkpoint: Timestamp;
  /** The window that is being paged through ends here; null between two looks. */
  window_until: NullableTimestamp;
  /** Its next page; null: the first one. */
  cursor: string | null;
  looked_at: NullableTimestamp;
  /** What was found when a look last got through. */
  findings: Json<object>;
  /** Why the last look did not get through, in words. */
  problem: string | null;
}

export interface DealMergesTable {
  crm: string;
  merged_id: string;
  /** The deal that there is now. */
  deal_id: string;
  recorded_at: DefaultTimestamp;
}

export interface TurnsTable {
  /** Whose limit it is. */
  name: string;
  /** From when on the next call may be made. */
  next_at: Timestamp;
}

export interface RecoveriesTable {
  /** `lead:<lead>:recovery:<date>`, which is the idempotency key too. */
  workflow_id: string;
  crm: string;
  lead_id: string;
  /** From 1: how often the lead has been taken up. */
  attempt: number;
  lead: Json<object>;
  form: Json<object>;
  email: string;
  phase: string;
  origin: Json<object>;
  organizer: NullableJson;
  needs: Json<string[]>;
  reason: string | null;
  /** Null: claimed, the workflow not yet known to have started. */
  started_at: NullableTimestamp;
  closes_at: NullableTimestamp;
  ended_at: NullableTimestamp;
  created_at: DefaultTimestamp;
  updated_at: DefaultTimestamp;
  /** What the search box looks in, in small letters. */
  search: GeneratedAlways<string>;
}

export interface OptOutsTable {
  email: string;
  reason: string;
  recorded_by: string;
  recorded_at: DefaultTimestamp;
}

export interface SkipupMembersTable {
  email: string;
  is_active: boolean;
  checked_at: Timestamp;
}

export type ConsoleRole = 'viewer' | 'operator';

export interface ConsoleAccountsTable {
  name: string;
  password_hash: string;
  role: ConsoleRole;
  disabled_at: NullableTimestamp;
  created_at: DefaultTimestamp;
  changed_at: DefaultTimestamp;
}

export interface ConsoleSessionsTable {
  /** SHA-256 of the cookie's value, hex. */
  token_digest: string;
  /** What every form of this session carries. */
  csrf_token: string;
  /** Who, for ever: `account:ada`, `oidc:<issuer> <sub>`, `link:<name>`. */
  subject: string;
  name: string;
  role: ConsoleRole;
  created_at: DefaultTimestamp;
  seen_at: DefaultTimestamp;
  expires_at: Timestamp;
  ended_at: NullableTimestamp;
}

export interface ConsoleLinksTable {
  token_digest: string;
  name: string;
  role: ConsoleRole;
  expires_at: Timestamp;
  used_at: NullableTimestamp;
}

export interface ConsoleSignInsTable {
  state_digest: string;
  /** SHA-256 of a cookie's value: only the browser that began it may end it. */
  browser_digest: string;
  nonce: string;
  code_verifier: string;
  /** A path of the console. */
  return_to: string;
  expires_at: Timestamp;
}

export interface AuditLogTable {
  id: Generated<number>;
  /** One attempt to do something: its form's own id, so that a form sent twice is done once. */
  attempt: string;
  kind: 'asked' | 'answered';
  at: DefaultTimestamp;
  subject: string;
  name: string;
  role: string;
  /** `kickoff.cancel` */
  action: string;
  /** A workflow's id, an inbox row's number, an account of the registry. */
  target: string;
  /** Which bulk action it was part of. */
  bulk: string | null;
  reason: string | null;
  /** What was sent along, without secrets; null: nothing. */
  input: NullableJson;
  /** Only of `answered`. */
  outcome: 'done' | 'refused' | 'failed' | null;
  /** In words. */
  answer: string | null;
}

export interface Schema {
  inbox: InboxTable;
  kickoffs: KickoffsTable;
  meeting_requests: MeetingRequestsTable;
  steps: StepsTable;
  stakeholders: StakeholdersTable;
  accounts: AccountsTable;
  stakeholder_changes: StakeholderChangesTable;
  sweeps: SweepsTable;
  catch_ups: CatchUpsTable;
  deal_merges: DealMergesTable;
  turns: TurnsTable;
  recoveries: RecoveriesTable;
  opt_outs: OptOutsTable;
  skipup_members: SkipupMembersTable;
  console_accounts: ConsoleAccountsTable;
  console_sessions: ConsoleSessionsTable;
  console_links: ConsoleLinksTable;
  console_sign_ins: ConsoleSignInsTable;
  audit_log: AuditLogTable;
}
