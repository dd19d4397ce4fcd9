import { type Migration, sql } from 'kysely';

const STATEMENTS = [
  // Meeting requests and steps belong to a kickoff or to a lead's recovery.
  sql`alter table meeting_requests drop constraint meeting_requests_workflow_id_fkey`,
  sql`alter table steps drop constraint steps_workflow_id_fkey`,
  sql`alter table steps drop constraint steps_status_check`,
  sql`alter table steps add constraint steps_status_check
    check (status in ('running', 'done', 'failed', 'skipped', 'undone', 'left'))`,

  // ---- recoveries: one row per lead and day, for ever
  sql`create table recoveries (
    workflow_id text primary key,
    crm text not null,
    lead_id text not null,
    attempt integer not null check (attempt >= 1),
    lead jsonb not null,
    form jsonb not null,
    email text not null check (email = lower(email)),
    phase text not null check (phase in (
      'waiting', 'checking', 'needs_attention', 'requesting', 'scheduling', 'paused', 'booked', 'booked_elsewhere',
      'cancelled', 'expired', 'opted_out', 'failed'
    )),
    origin jsonb not null,
    organizer jsonb,
    needs jsonb not null,
    reason text,
    started_at timestamptz,
    closes_at timestamptz,
    ended_at timestamptz,
    created_at timestamptz(3) not null default now(),
    updated_at timestamptz not null default now(),
    unique (crm, lead_id, attempt)
  )`,
  // A lead is recovered by one at a time.
  sql`create unique index recoveries_open on recoveries (crm, lead_id) where ended_at is null`,
  // Also where one person is two leads.
  sql`create unique index recoveries_open_email on recoveries (email) where ended_at is null`,
  sql`create index recoveries_email on recoveries (email)`,
  sql`create index recoveries_newest on recoveries (created_at desc, workflow_id desc)`,

  // ---- addresses that are never written to, whoever they belong to
  sql`create table opt_outs (
    email text primary key check (email = lower(email)),
    reason text not null,
    recorded_by text not null,
    recorded_at timestamptz not null default now()
  )`,

  // ---- SkipUp's members, as last heard of: asking for each kickoff would cost half of the rate limit
  sql`create table skipup_members (
    email text primary key check (email = lower(email)),
    is_active boolean not null,
    checked_at timestamptz not null
  )`,

  // ---- stakeholders: for which workstreams a row counts; none named: for all
  sql`alter table stakeholders add column workstreams jsonb not null default '[]'
    check (jsonb_typeof(workstreams) = 'array')`,
  // Whom an address belongs to, in every account: to opt somebody out, and before anybody is written to.
  sql`create index stakeholders_email on stakeholders (email)`,
  // Most rows count for every deal.
  sql`create index stakeholder_changes_deal on stakeholder_changes (deal_id, id desc) where deal_id <> ''`,
];

export const pipelines: Migration = {
  async up(db) {
    for (const statement of STATEMENTS) await statement.execute(db);
  },
};
