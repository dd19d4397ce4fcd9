import { type Migration, sql } from 'kysely';

const STATEMENTS = [
  // ---- inbox: everything that came in, before it is acknowledged
  sql`create table inbox (
    id bigint generated always as identity primary key,
    source text not null check (source in ('skipup', 'hubspot', 'deal')),
    dedupe_key text not null,
    event_type text not null,
    subject text,
    payload jsonb not null,
    received_at timestamptz not null default now(),
    status text not null default 'pending' check (status in ('pending', 'unmatched', 'delivered', 'ignored', 'dead')),
    reason text,
    attempts integer not null default 0,
    next_attempt_at timestamptz not null default now(),
    locked_until timestamptz,
    workflow_id text,
    delivered_at timestamptz,
    unique (source, dedupe_key)
  )`,
  // By id, the order of claiming: with one by time the planner would rather walk the primary key through all that is delivered.
  sql`create index inbox_pending on inbox (id) where status = 'pending'`,
  sql`create index inbox_unmatched on inbox (subject) where status = 'unmatched'`,
  sql`create index inbox_subject on inbox (subject) where subject is not null`,
  sql`create index inbox_workflow on inbox (workflow_id) where workflow_id is not null`,

  // ---- kickoffs: one row per deal and workstream, for ever.
  // created_at has milliseconds, as a JavaScript Date has: pages are cut at it.
  sql`create table kickoffs (
    workflow_id text primary key,
    crm text not null,
    deal_id text not null,
    workstream text not null default '',
    revision integer not null default 1 check (revision >= 1),
    deal jsonb not null,
    account_id text not null,
    account_name text not null,
    phase text not null check (phase in (
      'resolving', 'needs_attention', 'requesting', 'scheduling', 'paused', 'booked', 'onboarding',
      'done', 'cancelled', 'expired', 'failed'
    )),
    origin jsonb not null,
    organizer jsonb,
    participants jsonb not null,
    excluded jsonb not null,
    gaps jsonb not null,
    needs jsonb not null,
    started_at timestamptz,
    closes_at timestamptz,
    created_at timestamptz(3) not null default now(),
    updated_at timestamptz not null default now(),
    unique (crm, deal_id, workstream)
  )`,
  sql`create index kickoffs_newest on kickoffs (created_at desc, workflow_id desc)`,
  sql`create index kickoffs_by_phase on kickoffs (phase, created_at desc, workflow_id desc)`,
  sql`create index kickoffs_by_account on kickoffs (account_id)`,

  // ---- meeting requests: from SkipUp's id to the kickoff
  sql`create table meeting_requests (
    idempotency_key text primary key,
    workflow_id text not null references kickoffs (workflow_id),
    revision integer not null,
    request_id text unique,
    status text not null check (status <> ''),
    status_at timestamptz,
    organizer_email text,
    participant_emails jsonb not null,
    timeframe_start timestamptz not null,
    timeframe_end timestamptz not null,
    first_tried_at timestamptz not null,
    follow_ups integer not null default 0,
    follow_up_times jsonb not null,
    calendar_event_id text,
    was_booked boolean not null default false,
    booked_at timestamptz,
    cancelled_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  sql`create index meeting_requests_workflow on meeting_requests (workflow_id)`,

  // ---- steps: what each onboarding step made
  sql`create table steps (
    workflow_id text not null references kickoffs (workflow_id),
    revision integer not null,
    list text not null,
    step_id text not null,
    occurrence text not null default '',
    kind text not null,
    status text not null check (status in ('running', 'done', 'failed', 'skipped')),
    outcome jsonb,
    error text,
    attempts integer not null default 0,
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    primary key (workflow_id, revision, list, step_id, occurrence)
  )`,

  // ---- stakeholders: the registry. An empty deal_id counts for every deal of the account.
  sql`create table stakeholders (
    id bigint generated always as identity primary key,
    account_id text not null,
    deal_id text not null default '',
    email text not null check (email = lower(email)),
    name text,
    side text not null check (side in ('customer', 'vendor', 'partner')),
    roles jsonb not null,
    attendance jsonb not null,
    timezone text,
    timezone_source text check (timezone_source in ('person', 'crm', 'account')),
    active_from text,
    active_to text,
    opted_out boolean not null default false,
    opted_out_reason text,
    source text not null check (source in ('manual', 'import', 'crm')),
    source_ref text,
    verified_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (account_id, deal_id, email)
  )`,
];

export const initial: Migration = {
  async up(db) {
    for (const statement of STATEMENTS) await statement.execute(db);
  },
};
