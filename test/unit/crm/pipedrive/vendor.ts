import type { ServerResponse } from 'node:http';
import { type Call, json, type Loopback, loopback } from '../loopback.ts';

export const TOKEN = 'pd-token-0123456789abcdef';
export const STATUS_KEY = 'dcf558aac1ae4e8c4f849ba5e668430d8df9be12';
export const CHOICE_KEY = '0123456789abcdef0123456789abcdef01234567';

type Row = Record<string, unknown>;

/** A company's records, in the shapes of Pipedrive's API reference. */
export interface Company {
  deals: Record<string, Row>;
  users: Record<string, Row>;
  organizations: Record<string, Row>;
  persons: Record<string, Row>;
  participants: Row[];
  notes: Row[];
  activities: Row[];
  dealFields: Row[];
  personLabels: Row[];
  /** Items on one page, whatever limit is asked for. */
  pageSize: number;
  /** Calls that are taken before 429. */
  callsLeft: number;
  /** Cursors that were given and are good, with the id that they stand behind. */
  cursors: Map<string, number>;
  /** What the company's webhooks told, oldest first. */
  events: Row[];
}

export interface Vendor extends Loopback {
  company: Company;
}

/** Pipedrive on a loopback socket: its paths, its header, its envelopes, both of its ways of paging, its webhooks' events. */
export async function vendor(change: (company: Company) => void = () => undefined): Promise<Vendor> {
  const company = acme();
  change(company);
  const server = await loopback(answerFrom(company));
  return { ...server, company };
}

export function answerFrom(company: Company): (call: Call, response: ServerResponse) => void {
  return (call, response) => {
    const url = new URL(call.path, 'http://vendor');
    const limits = { 'x-ratelimit-limit': '20', 'x-ratelimit-remaining': '19', 'x-ratelimit-reset': '2' };
    const fail = (status: number, error: string, more: Row = {}) =>
      json(
        response,
        status,
        { success: false, error, error_info: 'Please check developers.pipedrive.com', ...more },
        limits,
      );
    const give = (data: unknown, more: Row = {}, status = 200) =>
      json(response, status, { success: true, data, ...more }, limits);
    if (call.headers['x-api-token'] !== TOKEN) {
      return fail(401, 'unauthorized access', { errorCode: 401 });
    }
    if (url.searchParams.has('api_token')) {
      return fail(400, 'the token belongs into the header');
    }
    const [, version, kind, id, part] = url.pathname.replace(/^\/api/, '').split('/');
    const route = [call.method, version, kind, id === undefined ? undefined : ':id', part].filter(Boolean).join(' ');
    const one = (row: Row | undefined, what: string) =>
      row === undefined ? fail(404, `${what} not found`) : give(row);
    const numbered = (rows: Row[]) => {
      const start = Number(url.searchParams.get('start') ?? 0);
      const next = start + company.pageSize;
      const page = rows.slice(start, next);
      const isMore = next < rows.length;
      const pagination = { start, limit: company.pageSize, more_items_in_collection: isMore };
      const more = isMore ? { ...pagination, next_start: next } : pagination;
      return give(page.length === 0 ? null : page, { additional_data: { pagination: more } });
    };
    if (company.callsLeft <= 0) {
      // A burst: 2 seconds of a token's calls; the daily budget's 429 leaves the window's calls as they are.
      const spent = { ...limits, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '2' };
      return json(response, 429, { success: false, error: 'request over limit', errorCode: 429 }, spent);
    }
    company.callsLeft -= 1;
    const cursored = (rows: Row[]) => {
      const start = Number((url.searchParams.get('cursor') ?? 'at-0').slice(3));
      const next = start + company.pageSize;
      const next_cursor = next < rows.length ? `at-${next}` : null;
      return give(rows.slice(start, next), { additional_data: { next_cursor } });
    };
    const newestFirst = (rows: Row[]) =>
      rows.filter(({ deal_id }) => String(deal_id) === url.searchParams.get('deal_id')).reverse();
    const body: Row = Object(call.json);
    switch (route) {
      case 'GET v2 deals':
        return listDeals(company, false, url.searchParams, give, fail);
      case 'GET v2 deals :id':
        if (id === 'archived') {
          return listDeals(company, true, url.searchParams, give, fail);
        }
        return one(company.deals[id ?? ''], 'Deal');
      case 'PATCH v2 deals :id':
        return patchDeal(company, id ?? '', body, give, fail);
      case 'GET v2 organizations :id':
        return one(company.organizations[id ?? ''], 'Organization');
      case 'GET v1 users :id':
        return one(company.users[id ?? ''], 'User');
      case 'GET v2 persons :id':
        return one(company.persons[id ?? ''], 'Person');
      case 'GET v1 deals :id participants':
        return numbered(company.participants);
      case 'GET v2 dealFields':
        return cursored(company.dealFields);
      case 'GET v2 personFields :id':
        return give({
          field_name: 'Labels',
          field_code: 'label_ids',
          field_type: 'set',
          options: company.personLabels,
        });
      case 'GET v1 notes':
        return numbered(newestFirst(company.notes));
      case 'GET v2 activities':
        return cursored(newestFirst(company.activities));
      case 'POST v1 notes':
        return typeof body.deal_id === 'number'
          ? give(add(company, 'note', company.notes, body), {}, 201)
          : fail(400, 'deal_id must be a number');
      case 'POST v2 activities':
        return typeof body.deal_id === 'number'
          ? give(add(company, 'activity', company.activities, body), {}, 201)
          : fail(400, 'Validation failed: deal_id: Expected number', { code: 'ERR_SCHEMA_VALIDATION_FAILED' });
      default:
        return fail(404, `unknown method ${route}`);
    }
  };
}

type Give = (data: unknown, more?: Row, status?: number) => void;
type Fail = (status: number, error: string, more?: Row) => void;

const LIST_PARAMETERS = new Set(
  'filter_id ids owner_id person_id org_id pipeline_id stage_id status updated_since updated_until sort_by sort_direction include_fields custom_fields limit cursor'.split(
    ' ',
  ),
);
/** RFC 3339, as the reference has it; with fractions of a second it was seen to answer 400. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const LIST_FORMS: Record<string, RegExp> = {
  pipeline_id: /^\d+$/,
  status: /^(?:(?:open|won|lost|deleted)(?:,|$))+$/,
  updated_since: MOMENT,
  updated_until: MOMENT,
  sort_by: /^(?:id|update_time|add_time)$/,
  sort_direction: /^(?:asc|desc)$/,
  limit: /^(?:[1-9]\d?|[1-4]\d\d|500)$/,
};

/** GET /deals and /deals/archived: unknown or wrong parameters are refused, and the cursor holds the last id. */
function listDeals(company: Company, archived: boolean, parameters: URLSearchParams, give: Give, fail: Fail) {
  const refused = (what: string) => fail(400, `Validation failed: ${what}`, { code: 'ERR_SCHEMA_VALIDATION_FAILED' });
  for (const [name, value] of parameters) {
    if (!LIST_PARAMETERS.has(name) || LIST_FORMS[name]?.test(value) === false) {
      return refused(`${name}: Parameter '${name}' is not allowed or invalid: ${value}`);
    }
  }
  const cursor = parameters.get('cursor');
  const behind = cursor === null ? 0 : company.cursors.get(cursor);
  if (behind === undefined) {
    return refused('cursor: invalid cursor');
  }
  const since = Date.parse(parameters.get('updated_since') ?? '1970-01-01T00:00:00Z');
  const until = Date.parse(parameters.get('updated_until') ?? '9999-01-01T00:00:00Z');
  const pipeline = parameters.get('pipeline_id');
  const statuses = parameters.get('status')?.split(',') ?? ['open', 'won', 'lost'];
  const found = Object.values(company.deals)
    .filter((deal) => (deal.is_archived === true) === archived && statuses.includes(String(deal.status)))
    .filter((deal) => pipeline === null || String(deal.pipeline_id) === pipeline)
    .filter((deal) => Number(deal.id) > behind)
    .filter((deal) => {
      const updated = Date.parse(String(deal.update_time));
      return updated >= since && updated < until;
    })
    .sort((left, right) => Number(left.id) - Number(right.id));
  const page = found.slice(0, Number(parameters.get('limit') ?? 100));
  const last = page.at(-1);
  if (page.length === found.length || last === undefined) {
    return give(page, { additional_data: { next_cursor: null } });
  }
  const made = { field: 'id', fieldValue: last.id, sortDirection: 'asc', id: last.id };
  const next = Buffer.from(JSON.stringify(made)).toString('base64');
  company.cursors.set(next, Number(last.id));
  return give(page, { additional_data: { next_cursor: next } });
}

function patchDeal(company: Company, id: string, body: Row, give: Give, fail: Fail) {
  const deal = company.deals[id];
  if (deal === undefined) {
    return fail(404, 'Deal not found');
  }
  if (deal.is_deleted === true) {
    return fail(410, 'Deal is deleted');
  }
  const custom: Row = Object(body.custom_fields);
  const choice = custom[CHOICE_KEY];
  if (choice !== undefined && typeof choice !== 'number') {
    return fail(400, `Validation failed: custom_fields: ${CHOICE_KEY}: Expected number, received string`, {
      code: 'ERR_SCHEMA_VALIDATION_FAILED',
    });
  }
  const before: Row = Object(deal.custom_fields);
  const previous = { ...pick(deal, Object.keys(body)), custom_fields: pick(before, Object.keys(custom)) };
  Object.assign(deal, body, { custom_fields: { ...before, ...custom } });
  company.events.push(event('change', 'deal', id, { ...deal }, previous));
  return give(deal);
}

function pick(row: Row, keys: string[]): Row {
  return Object.fromEntries(keys.map((key) => [key, row[key] ?? null]));
}

function add(company: Company, entity: string, rows: Row[], body: Row): Row {
  const row = { id: 9_000 + rows.length, ...body };
  rows.push(row);
  company.events.push(event('create', entity, String(row.id), row, null));
  return row;
}

/** A webhook of version 2, as its guide shows it. */
export function event(action: string, entity: string, entityId: string, data: Row | null, previous: Row | null): Row {
  return {
    meta: {
      action,
      entity,
      company_id: '12882925',
      correlation_id: '5f1f7d60-0000-4000-8000-000000000001',
      entity_id: entityId,
      id: 'c8b3a1de-0000-4000-8000-000000000001',
      is_bulk_edit: false,
      timestamp: '2026-02-08T15:00:01.000Z',
      type: 'general',
      user_id: '18487521',
      version: '2.0',
      webhook_id: '99',
      webhook_owner_id: '18487521',
      change_source: 'api',
      attempt: 1,
      host: 'acme.pipedrive.com',
      permitted_user_ids: ['18487521'],
    },
    data,
    previous,
  };
}

const person = (id: number, name: string, more: Row = {}): Row => ({
  id,
  active_flag: true,
  name,
  email: [],
  label_ids: [],
  ...more,
});
const participant = (id: number, of: Row | null): Row => ({
  id,
  active_flag: true,
  person_id: { value: id },
  person: of,
});

/** The deal of the examples: Acme Corp, won, with five participants of whom one is gone. */
export function acme(): Company {
  return {
    deals: {
      '1148': {
        id: 1148,
        title: 'Acme Corp – 12 months',
        creator_user_id: 77,
        owner_id: 77,
        person_id: 3,
        org_id: 501,
        pipeline_id: 1,
        stage_id: 5,
        value: 48000.5,
        currency: 'USD',
        status: 'won',
        is_deleted: false,
        won_time: '2026-02-08T15:00:00Z',
        close_time: '2026-02-08T15:00:00Z',
        custom_fields: {},
      },
    },
    users: {
      '77': {
        id: 77,
        name: 'Jordan Lee',
        email: 'Jordan@Vendor.example',
        timezone_name: 'Europe/Tallinn',
        active_flag: true,
      },
    },
    organizations: { '501': { id: 501, name: 'Acme Corp', owner_id: 77, is_deleted: false } },
    persons: {
      '3': {
        id: 3,
        name: 'Pat Doe',
        emails: [
          { value: 'pat@home.example', primary: false, label: 'home' },
          { value: 'Pat@Acme.example', primary: true, label: 'work' },
        ],
        label_ids: [7],
        is_deleted: false,
      },
    },
    participants: [
      participant(
        1,
        person(1, 'Jamie Chen', {
          email: [
            { value: '', primary: false },
            { value: 'Jamie@Acme.example', primary: true, label: 'work' },
          ],
          label_ids: [7, 8, 99],
          marketing_status: 'no_consent',
        }),
      ),
      participant(
        2,
        person(2, 'Robin', { email: [{ value: 'robin@acme.example' }], marketing_status: 'unsubscribed' }),
      ),
      participant(4, null),
      { ...participant(8, person(8, 'Taken off the deal')), active_flag: false },
      participant(5, person(5, 'Left the company', { active_flag: false })),
      participant(6, person(6, 'No Mail', { marketing_status: 'subscribed' })),
    ],
    notes: [],
    activities: [],
    dealFields: [
      { field_name: 'Title', field_code: 'title', field_type: 'varchar', is_custom_field: false },
      { field_name: 'Probability', field_code: 'probability', field_type: 'int', is_custom_field: false },
      { field_name: 'Kickoff status', field_code: STATUS_KEY, field_type: 'varchar', is_custom_field: true },
      {
        field_name: 'Kickoff phase',
        field_code: CHOICE_KEY,
        field_type: 'enum',
        is_custom_field: true,
        options: [
          { id: 31, label: 'Scheduling' },
          { id: 32, label: 'Booked' },
        ],
      },
    ],
    personLabels: [
      { id: 7, label: 'Champion', color: 'green' },
      { id: 8, label: 'Billing contact', color: null },
    ],
    pageSize: 2,
    callsLeft: Number.POSITIVE_INFINITY,
    cursors: new Map(),
    events: [],
  };
}
