import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { answerList, isList } from './soql.ts';

export type Row = Record<string, unknown>;

/** A Salesforce organization on a free port: what is in it can be changed while a test runs. */
export interface Organization {
  url: string;
  /** Everything asked, in order. */
  calls: OrganizationCall[];
  opportunities: Record<string, Row>;
  /** Rows of OpportunityContactRole. */
  roles: Row[];
  tasks: Row[];
  /** Rows of OpportunityHistory. */
  history: Row[];
  /** Fields that the connected user may not see. */
  hidden: Set<string>;
  /** The only tokens accepted; logging in adds one. */
  tokens: Set<string>;
  logins: number;
  hasCurrencies: boolean;
  pageSize: number;
  /** Answers in place of the organization when it returns true. */
  intercept: (call: OrganizationCall, response: ServerResponse) => boolean;
}

export interface OrganizationCall {
  method: string;
  /** Without the query. */
  path: string;
  soql: string;
  headers: IncomingHttpHeaders;
  text: string;
}

export const CLIENT = { clientId: '3MVG9.client', clientSecret: 'very-secret-value' };
export const DEAL_ID = '006Hs00001AbCdEIAV';
const API = /^\/services\/data\/v65\.0/;
const COLUMNS: Record<string, string[]> = {
  Opportunity: [
    ...['Id', 'Name', 'StageName', 'IsWon', 'IsClosed', 'Amount', 'CurrencyIsoCode', 'CloseDate', 'AccountId'],
    ...['Account.Name', 'OwnerId', 'Owner.Email', 'Owner.Name', 'Owner.TimeZoneSidKey', 'Owner.IsActive'],
  ],
  OpportunityContactRole: [
    ...['Id', 'ContactId', 'Role', 'IsPrimary', 'Contact.Name', 'Contact.Email', 'Contact.HasOptedOutOfEmail'],
  ],
  Task: ['Id', 'Subject', 'Description', 'Status', 'ActivityDate', 'WhatId', 'OwnerId'],
};

export async function organization(): Promise<Organization> {
  const org: Organization = {
    url: '',
    calls: [],
    opportunities: {
      [DEAL_ID]: {
        Id: DEAL_ID,
        Name: 'Acme rollout',
        StageName: 'Signed',
        IsWon: true,
        IsClosed: true,
        Amount: 12_500.5,
        CurrencyIsoCode: 'EUR',
        CloseDate: '2026-11-20',
        AccountId: '001Hs00001AbCdEIAV',
        Account: { Name: 'Acme' },
        OwnerId: '005Hs00001AbCdEIAV',
        Owner: { Email: 'Sam@Vendor.example', Name: 'Sam Lee', TimeZoneSidKey: 'America/Los_Angeles', IsActive: true },
      },
    },
    roles: [],
    tasks: [],
    history: [],
    hidden: new Set(),
    tokens: new Set(),
    logins: 0,
    hasCurrencies: true,
    pageSize: 2_000,
    intercept: () => false,
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const url = new URL(request.url ?? '/', 'http://localhost');
    const call = {
      method: request.method ?? '',
      path: url.pathname,
      soql: url.searchParams.get('q') ?? '',
      headers: request.headers,
      text: Buffer.concat(chunks).toString('utf8'),
    };
    org.calls.push(call);
    if (!org.intercept(call, response)) {
      answer(org, call, response);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  org.url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return org;
}

export function reply(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): true {
  response.writeHead(status, { 'content-type': 'application/json;charset=UTF-8', ...headers });
  response.end(body === undefined ? '' : JSON.stringify(body));
  return true;
}

function answer(org: Organization, call: OrganizationCall, response: ServerResponse): void {
  if (call.method === 'POST' && call.path === '/services/oauth2/token') {
    logIn(org, call, response);
  } else if (!org.tokens.has(call.headers.authorization?.replace('Bearer ', '') ?? '')) {
    reply(response, 401, [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }]);
  } else if (call.method === 'GET' && /\/query(\/|$)/.test(call.path)) {
    query(org, call, response);
  } else if (call.method === 'PATCH' && call.path.replace(API, '').startsWith('/sobjects/Opportunity/')) {
    const record = org.opportunities[call.path.split('/').at(-1) ?? ''];
    if (record === undefined) {
      reply(response, 404, [{ message: 'entity is deleted', errorCode: 'ENTITY_IS_DELETED' }]);
      return;
    }
    Object.assign(record, JSON.parse(call.text));
    response.writeHead(204).end();
  } else if (call.method === 'POST' && call.path.replace(API, '') === '/sobjects/Task') {
    const id = `00THs0000${String(org.tasks.length).padStart(6, '0')}`;
    org.tasks.push({ Id: id, ...JSON.parse(call.text) });
    reply(response, 201, { id, success: true, errors: [] });
  } else {
    reply(response, 404, [{ message: 'The requested resource does not exist', errorCode: 'NOT_FOUND' }]);
  }
}

function logIn(org: Organization, call: OrganizationCall, response: ServerResponse): void {
  const form = new URLSearchParams(call.text);
  if (form.get('grant_type') !== 'client_credentials') {
    reply(response, 400, { error: 'unsupported_grant_type', error_description: 'grant type not supported' });
  } else if (form.get('client_id') !== CLIENT.clientId || form.get('client_secret') !== CLIENT.clientSecret) {
    reply(response, 400, { error: 'invalid_client', error_description: 'invalid client credentials' });
  } else {
    org.logins += 1;
    const token = `00DHs!token-${org.logins}`;
    org.tokens.add(token);
    reply(response, 200, {
      access_token: token,
      signature: 'c2lnbmF0dXJl',
      scope: 'api',
      instance_url: org.url,
      id: 'https://login.salesforce.com/id/00DHs0000000001MAA/005Hs00001AbCdEIAV',
      token_type: 'Bearer',
      issued_at: '1795255200000',
    });
  }
}

function query(org: Organization, call: OrganizationCall, response: ServerResponse): void {
  const cursor = /\/query\/(.+)$/.exec(call.path)?.[1];
  if (cursor === undefined && isList(call.soql)) {
    answerList(org, call.soql, response);
    return;
  }
  const [soql, start] = cursor === undefined ? [call.soql, 0] : readCursor(cursor);
  const [, columns = '', object = ''] = /^SELECT (.+) FROM (\w+) WHERE /.exec(soql) ?? [];
  const allowed = (COLUMNS[object] ?? []).filter((column) => org.hasCurrencies || column !== 'CurrencyIsoCode');
  const asked = columns.split(', ');
  const unknown = asked.find((column) => !allowed.includes(column));
  if (unknown !== undefined) {
    const message = `\n${asked.join(', ')}\n^\nERROR at Row:1:Column:1\nNo such column '${unknown}' on entity '${object}'.`;
    reply(response, 400, [{ message, errorCode: 'INVALID_FIELD' }]);
    return;
  }
  const rows = rowsOf(org, object, soql);
  const records = rows.slice(start, start + org.pageSize).map((row) => only(row, asked));
  const next = start + org.pageSize;
  const done = next >= rows.length;
  const nextRecordsUrl = `/services/data/v65.0/query/${Buffer.from(soql).toString('hex')}-${next}`;
  reply(response, 200, { totalSize: rows.length, done, records, ...(done ? {} : { nextRecordsUrl }) });
}

function readCursor(cursor: string): [string, number] {
  const [soql = '', start = '0'] = cursor.split('-');
  return [Buffer.from(soql, 'hex').toString(), Number(start)];
}

function rowsOf(org: Organization, object: string, soql: string): Row[] {
  const id = /WHERE \w+ = '(\w{18})'/.exec(soql)?.[1] ?? '';
  if (object === 'Opportunity') {
    return [org.opportunities[id]].filter((row) => row !== undefined);
  }
  return object === 'Task' ? org.tasks.filter(({ WhatId }) => WhatId === id).toReversed() : org.roles;
}

/** Nothing that was not asked for, as Salesforce does. */
function only(row: Row, columns: string[]): Row {
  const names = new Set(columns.map((column) => column.split('.')[0]));
  return Object.fromEntries(Object.entries(row).filter(([name]) => names.has(name)));
}
