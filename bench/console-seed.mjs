/**
 * Kickoffs as two years leave them behind, for a benchmark: with deals, people, requests, steps and inbox rows, made by the
 * database itself out of numbers, so that every run has the same.
 */
import { sql } from 'kysely';

const CHUNK = 5_000;
const DAYS = 730;

/** Words that are searched for, and how many kickoffs have them. */
export const SEARCHES = {
  account: 'hypatia 777 gmbh',
  person: 'fiona.kurz.77@',
  name: 'Fiona Kurz',
  commonWord: 'gmbh',
  oldWord: 'vintage',
  noHit: 'zzyzx',
  noHitOfCommonParts: '3.berger',
  twoLetters: 'hy',
  twoLettersNoHit: 'qx',
};

const list = (words) => `(array[${words.map((word) => `'${word}'`).join(', ')}])`;
const FIRST = ['Ada', 'Grace', 'Fiona', 'Alan', 'Edsger', 'Barbara', 'Katherine', 'Dennis', 'Mary', 'Tim', 'Rózsa'];
const LAST = [
  'Berger',
  'Kurz',
  'Okafor',
  'Ng',
  'Silva',
  'Ito',
  'Novak',
  'Haddad',
  'Larsen',
  'Moreau',
  'Kowalski',
  'O’Neil',
  'Young',
];
const COMPANY = [
  'Northwind',
  'Hypatia',
  'Blue Yonder',
  'Contoso',
  'Fabrikam',
  'Quantum',
  'Lindgren',
  'Tailspin',
  'Meridian',
];
const KIND = ['GmbH', 'Inc', 'Ltd', 'SA', 'AB'];

/** n: the kickoff's number, 1 the oldest. */
const first = (n) => `${list(FIRST)}[1 + (${n}) % ${FIRST.length}]`;
const last = (n) => `${list(LAST)}[1 + (${n}) % ${LAST.length}]`;
const person = (n, host) =>
  `jsonb_build_object('name', ${first(n)} || ' ' || ${last(n)}, 'email', lower(${first(n)} || '.' || ${last(n)}) || '.' || (${n}) % 5000 || '@${host}.example',
    'side', 'customer', 'timezone', 'Europe/Berlin', 'roles', jsonb_build_array('champion', 'project_lead'), 'attendance', 'required', 'from', 'registry (account)')`;

/** In which order: it says how many of a thousand are so, the newest being on their way. */
const PHASE = `case
  when n > total - total / 100 then ${list(['resolving', 'requesting', 'scheduling', 'scheduling', 'scheduling', 'booked', 'onboarding'])}[1 + n % 7]
  when n % 1000 < 2 then 'needs_attention'
  when n % 1000 < 7 then 'paused'
  when n % 1000 < 30 then 'scheduling'
  when n % 1000 < 90 then 'cancelled'
  when n % 1000 < 130 then 'expired'
  when n % 1000 < 135 then 'failed'
  else 'done' end`;

const BEGUN = `date_trunc('milliseconds', now() - (total - n) * interval '${DAYS} days' / total - interval '1 minute')`;

const KICKOFFS = `insert into kickoffs
  (workflow_id, crm, deal_id, deal, account_id, account_name, phase, origin, organizer, participants, excluded, gaps, needs, started_at, closes_at, created_at, updated_at)
select 'kickoff:' || deal, 'hubspot', deal,
  jsonb_build_object('id', deal, 'crm', 'hubspot', 'name', account || ' onboarding ' || n % 4 + 2024, 'isWon', true, 'stage', 'closedwon', 'amount', n, 'currency', 'EUR',
    'url', 'https://crm.example/deals/' || deal, 'account', jsonb_build_object('id', 'a-' || n % 20000, 'name', account),
    'closedAt', to_char((begun - interval '3 minutes') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
  'a-' || n % 20000, account, phase, jsonb_build_object('kind', 'hubspot', 'reference', 'e-' || n),
  jsonb_build_object('name', ${first('n % 40')} || ' ' || ${last('n % 40 + 3')}, 'email', 'cs' || n % 40 || '@vendor.example', 'timezone', 'Europe/Berlin', 'from', 'registry'),
  jsonb_build_array(${person('n', 'client')}, ${person('n * 7 + 1', 'client')}, ${person('n * 3 + 2', 'client')}, ${person('n % 40', 'vendor')}),
  jsonb_build_array(jsonb_build_object('name', ${first('n + 5')} || ' ' || ${last('n * 2')}, 'email', 'left' || n % 900 || '@client.example', 'reason', 'opted out: left the company')),
  jsonb_build_array(jsonb_build_object('code', 'missing_role', 'severity', 'warn', 'message', 'No billing contact: add one to the registry.', 'acceptable', true)),
  case when phase = 'needs_attention' then jsonb_build_array('Nobody of ' || account || ' may be invited: add a champion to the registry, or go on without.') else '[]' end,
  begun, begun + interval '20 days', begun, begun + (n % 20000) * interval '1 minute'
from (select *, ${PHASE} as phase, ${BEGUN} as begun, (40000000 + n * 7)::text as deal,
    ${list(COMPANY)}[1 + n % ${COMPANY.length}] || case when n < total / 5 and n % 5 = 0 then ' Vintage ' else ' ' end || n % 1000 || ' ' || ${list(KIND)}[1 + n % ${KIND.length}] as account
  from (select n, __TOTAL__ as total from generate_series(__FROM__, __TO__) as n) as numbers) as made`;

const REQUESTS = `insert into meeting_requests
  (idempotency_key, workflow_id, revision, request_id, status, organizer_email, participant_emails, timeframe_start, timeframe_end, first_tried_at, follow_up_times, was_booked, booked_at, created_at, updated_at)
select 'impl:' || deal_id || ':kickoff:' || created_at::date, workflow_id, 1, 'mr_' || md5(deal_id),
  case when phase in ('done', 'booked', 'onboarding') then 'booked' else 'active' end, organizer ->> 'email', '[]', created_at, created_at + interval '20 days',
  created_at + (amount % 200) * interval '1 minute', '[]', phase in ('done', 'booked', 'onboarding'),
  case when phase in ('done', 'booked', 'onboarding') then created_at + (1 + amount % 300) * interval '1 hour' end, created_at, updated_at
from (select *, (deal ->> 'amount')::int as amount from kickoffs) as k
where amount between __FROM__ and __TO__ and phase not in ('resolving', 'needs_attention', 'failed')`;

const STEPS = `insert into steps (workflow_id, revision, list, step_id, kind, status, error, attempts, started_at, finished_at)
select workflow_id, 1, 'on_booked', step, 'crm_task', case when failed then 'failed' else 'done' end,
  case when failed then 'the CRM refused the task: no permission' end, 1, updated_at, updated_at
from (select workflow_id, updated_at, step, step = 'project' and amount % 200 = 3 as failed
  from (select *, (deal ->> 'amount')::int as amount from kickoffs) as k, unnest(array['status', 'note', 'project']) as step
  where amount between __FROM__ and __TO__ and phase in ('done', 'onboarding')) as s`;

const INBOX = `insert into inbox (source, dedupe_key, event_type, subject, payload, received_at, status, workflow_id, delivered_at)
select case when nth = 1 then 'hubspot' else 'skipup' end, 'd-' || amount || '-' || nth,
  case nth when 1 then 'deal.propertyChange' when 2 then 'meeting_request.created' else 'meeting_request.booked' end,
  case when nth = 1 then deal_id else 'mr_' || md5(deal_id) end, jsonb_build_object('dealId', deal_id, 'nth', nth), created_at + nth * interval '1 minute',
  case when amount % 1000 = 999 and nth = 1 then 'ignored' when amount % 20000 = 19998 and nth = 3 then 'dead' else 'delivered' end, workflow_id, created_at
from (select *, (deal ->> 'amount')::int as amount from kickoffs) as k, generate_series(1, 3) as nth
where amount between __FROM__ and __TO__`;

/**
 * @param db an open Kysely with all tables
 * @param count how many kickoffs
 * @param onProgress told of how many are there, after each few thousand
 */
export async function seedKickoffs(db, count, onProgress) {
  // The later tables are filled out of the first one, a range of numbers at a time: by an index that goes again.
  await sql`create index bench_numbers on kickoffs (((deal ->> 'amount')::int))`.execute(db);
  for (let from = 1; from <= count; from += CHUNK) {
    const to = Math.min(count, from + CHUNK - 1);
    for (const statement of [KICKOFFS, REQUESTS, STEPS, INBOX]) {
      const numbers = { __TOTAL__: count, __FROM__: from, __TO__: to };
      await sql.raw(statement.replace(/__[A-Z]+__/g, (name) => String(numbers[name]))).execute(db);
    }
    onProgress(to);
  }
  await sql`drop index bench_numbers`.execute(db);
}
