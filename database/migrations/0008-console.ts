import { type Migration, sql } from 'kysely';

/**
 * What a person types into the search box, in one text a row: so that one index answers for ids, accounts, names and
 * addresses alike. A request's id is looked up in its own table. Every word has a space before it, the first one too; what
 * JSON escapes and the brackets around it are spaces, here and in what is searched for (see `search.ts`).
 */
const KICKOFF_TEXT = `lower(translate(
    ' ' || deal_id || ' ' || account_name || ' ' || account_id || ' ' || coalesce(deal ->> 'name', '') || ' '
    || coalesce(organizer ->> 'name', '') || ' ' || coalesce(organizer ->> 'email', '') || ' '
    || jsonb_path_query_array(participants, '$[*].name')::text || ' '
    || jsonb_path_query_array(participants, '$[*].email')::text || ' '
    || jsonb_path_query_array(excluded, '$[*].name')::text || ' '
    || jsonb_path_query_array(excluded, '$[*].email')::text,
    '"\\[]', '    '
  ))`;
const LEAD_TEXT = `lower(translate(
    ' ' || lead_id || ' ' || email || ' ' || coalesce(lead ->> 'name', '') || ' ' || coalesce(lead ->> 'company', ''),
    '"\\[]', '    '
  ))`;

const STATEMENTS = [
  // ---- search: any part of a word, so by its groups of three letters
  sql`create extension if not exists pg_trgm`,
  sql.raw(`alter table kickoffs add column search text generated always as (${KICKOFF_TEXT}) stored`),
  sql`create index kickoffs_search on kickoffs using gin (search gin_trgm_ops)`,
  sql.raw(`alter table recoveries add column search text generated always as (${LEAD_TEXT}) stored`),
  sql`create index recoveries_search on recoveries using gin (search gin_trgm_ops)`,

  // ---- filters of the list, and what the overview begins with
  sql`create index kickoffs_by_workstream on kickoffs (workstream, created_at desc, workflow_id desc) where workstream <> ''`,
  sql`create index kickoffs_asking on kickoffs (updated_at, workflow_id) where (phase = 'needs_attention'
    or needs <> '[]'::jsonb and phase not in ('cancelled', 'expired', 'failed'))`,
  sql`create index recoveries_asking on recoveries (updated_at, workflow_id) where phase = 'needs_attention'`,
  sql`create index inbox_by_source on inbox (source, id desc)`,

  // ---- what has changed lately: pages that are open ask for it every second
  sql`create index kickoffs_changed on kickoffs (updated_at desc)`,
  sql`create index recoveries_changed on recoveries (updated_at desc)`,
  sql`create index recoveries_by_phase on recoveries (phase, created_at desc, workflow_id desc)`,
  sql`create index meeting_requests_changed on meeting_requests (updated_at desc)`,
  sql`create index steps_changed on steps ((coalesce(finished_at, started_at)) desc)`,
  sql`create index steps_failed on steps (finished_at desc) where status = 'failed'`,
  sql`create index inbox_by_status on inbox (status, id desc)`,
  sql`create index inbox_by_event on inbox (event_type, id desc)`,
  sql`create index inbox_received on inbox (received_at)`,

  // ---- inbox: how a row was verified when it came
  sql`alter table inbox add column verification jsonb`,

  // ---- who may sign in, and who is signed in. Tokens are kept as their SHA-256 alone.
  sql`create table console_accounts (
    name text primary key check (name = lower(name) and name <> ''),
    password_hash text not null,
    role text not null check (role in ('viewer', 'operator')),
    disabled_at timestamptz,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now()
  )`,
  sql`create table console_sessions (
    token_digest text primary key,
    csrf_token text not null,
    subject text not null,
    name text not null,
    role text not null check (role in ('viewer', 'operator')),
    created_at timestamptz not null default now(),
    seen_at timestamptz not null default now(),
    expires_at timestamptz not null,
    ended_at timestamptz
  )`,
  sql`create index console_sessions_subject on console_sessions (subject)`,
  sql`create table console_links (
    token_digest text primary key,
    name text not null,
    role text not null check (role in ('viewer', 'operator')),
    expires_at timestamptz not null,
    used_at timestamptz
  )`,
  // A sign-in at an identity provider that has begun and not come back.
  sql`create table console_sign_ins (
    state_digest text primary key,
    browser_digest text not null,
    nonce text not null,
    code_verifier text not null,
    return_to text not null,
    expires_at timestamptz not null
  )`,

  // ---- who did what: two rows for each attempt, before it is made and after; never changed
  sql`create table audit_log (
    id bigint generated always as identity primary key,
    attempt text not null,
    kind text not null check (kind in ('asked', 'answered')),
    at timestamptz not null default now(),
    subject text not null,
    name text not null,
    role text not null,
    action text not null,
    target text not null,
    bulk text,
    reason text,
    input jsonb,
    outcome text check (outcome in ('done', 'refused', 'failed')),
    answer text,
    unique (attempt, kind),
    check ((kind = 'answered') = (outcome is not null))
  )`,
  sql`create index audit_log_target on audit_log (target, id desc)`,
  sql`create index audit_log_subject on audit_log (subject, id desc)`,
  sql`create index audit_log_bulk on audit_log (bulk, id) where bulk is not null`,
  sql`create function audit_log_is_append_only() returns trigger language plpgsql as $$
  begin
    raise exception 'the audit log is only added to';
  end $$`,
  sql`create trigger audit_log_append_only before update or delete or truncate on audit_log
    for each statement execute function audit_log_is_append_only()`,
];

export const consoleTables: Migration = {
  async up(db) {
    for (const statement of STATEMENTS) await statement.execute(db);
  },
};
