import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { RouteOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, endConsoleSessions } from '../../../database/index.ts';
import { openPglite } from '../../harness/pglite.ts';
import { openConsole, type Page, seedBooked, type TestConsole } from './console.ts';

/** Whoever is not signed in gets an answer of these that is neither the sign-in nor a refusal. */
const PUBLIC = [
  'GET /console/console.js',
  'GET /console/style.css',
  'GET /sign-in',
  'GET /sign-in/link/:token',
  'GET /sign-in/oidc',
  'GET /sign-in/oidc/callback',
  'GET /signed-out',
  'POST /sign-in',
  'POST /sign-in/link',
  'POST /sign-in/new-link',
  'POST /sign-out',
];
/** What is posted and changes nothing, but for how somebody sees the console: whoever is signed in may. */
const OF_EVERYBODY = ['POST /hand-overs', 'POST /sign-out', 'POST /start/deal', 'POST /zone'];
/** Pages of which the whole use is to change something. */
const OF_OPERATORS = /^GET \/(?:actions|bulk\/(?!runs)|registry\/import$)/;

interface Route {
  /** `POST /actions/kickoff.cancel` */
  name: string;
  method: string;
  /** With something in the place of its parameters. */
  path: string;
}

let database: Database;
let workflowId: string;
/** Whatever the console has asked of anything but its database. */
const asked: string[] = [];

beforeAll(async () => {
  database = await openPglite();
  workflowId = await seedBooked(database);
});
afterAll(() => database.close());

function nobody(name: string) {
  return async () => {
    asked.push(name);
    throw Object.assign(new Error('14 UNAVAILABLE'), { code: 14, details: 'UNAVAILABLE', metadata: {} });
  };
}

/** A console with every part of it, and all routes that it has. */
async function whole(
  more: Parameters<typeof openConsole>[1] = {},
): Promise<{ console: TestConsole & { close(): Promise<void> }; routes: Route[] }> {
  const found: Pick<RouteOptions, 'method' | 'url'>[] = [];
  const console = await openConsole(database, {
    client: new Client({
      connection: Connection.lazy({ address: '127.0.0.1:1', interceptors: [] }),
      interceptors: {
        workflow: [
          {
            start: nobody('start'),
            startUpdate: nobody('update'),
            startUpdateWithStart: nobody('update'),
            signal: nobody('signal'),
            terminate: nobody('terminate'),
            cancel: nobody('cancel'),
            query: async () => {
              throw Object.assign(new Error('14 UNAVAILABLE'), { code: 14, details: 'UNAVAILABLE', metadata: {} });
            },
          },
        ],
      },
    }),
    hasRecovery: true,
    workstreams: ['second'],
    takeUpLead: async () => {
      asked.push('lead');
      return { started: false, message: 'Not today.' };
    },
    relay: { wake: () => asked.push('relay') },
    sandbox: {
      url: 'http://sandbox.example',
      samples: { dealId: '1', leadId: '2' },
      changes: { subscribe: () => () => undefined, notify: () => undefined },
      call: async (method, path) => {
        if (method !== 'GET') asked.push(path);
        throw new Error('The sandbox is away.');
      },
    },
    onRoute: (route) => found.push(route),
    ...more,
    access: {
      publicUrl: 'http://console.example',
      showLink: () => undefined,
      oidc: {
        issuer: 'http://127.0.0.1:1',
        clientId: 'kickoff',
        clientSecret: 'x',
        redirectUri: 'http://console.example/sign-in/oidc/callback',
        scopes: ['openid'],
        label: 'Acme',
        roleClaim: 'groups',
        operators: ['ops'],
        viewers: [],
      },
      ...more.access,
    },
  });
  const routes = found.flatMap(({ method, url }) =>
    [method].flat().map((one) => ({ name: `${one} ${url}`, method: one, path: filledIn(url) })),
  );
  return { console, routes: routes.filter(({ method }) => method !== 'HEAD') };
}

function filledIn(url: string): string {
  return url.replace('*', 'x').replace(':token', 'a'.repeat(43)).replace(':id', '1');
}

/** All that must not change; what is written down about refusals does, and when somebody was last seen. */
async function everything(): Promise<string> {
  const tables = ['inbox', 'kickoffs', 'steps', 'stakeholders', 'accounts', 'opt_outs', 'console_accounts'] as const;
  const rows = await Promise.all(tables.map((table) => database.db.selectFrom(table).selectAll().execute()));
  return JSON.stringify(rows.map((of) => of.map((row) => JSON.stringify(row)).sort()));
}

/** Asks each of the routes; the answers by the route's name. */
async function answers(routes: readonly Route[], ask: (route: Route) => Promise<Page>): Promise<Map<string, Page>> {
  return new Map(await Promise.all(routes.map(async (route) => [route.name, await ask(route)] as const)));
}

/** What everybody is asked who posts: a form that is as it should be. */
function form(csrf: string): Record<string, string> {
  return { csrf, attempt: randomUUID(), on: workflowId, reason: 'because', id: 'project', email: 'ada@acme.example' };
}

function statuses(pages: ReadonlyMap<string, Page>): Record<string, number> {
  return Object.fromEntries([...pages].map(([name, { status }]) => [name, status]));
}

/** The same status for each of them. */
function each(pages: ReadonlyMap<string, Page>, status: number): Record<string, number> {
  return Object.fromEntries([...pages.keys()].map((name) => [name, status]));
}

describe('every route that the console has', () => {
  const posts = (routes: readonly Route[]) => routes.filter(({ method }) => method !== 'GET');
  const gets = (routes: readonly Route[]) =>
    routes.filter(({ method, name }) => method === 'GET' && name !== 'GET /live');

  it('is a page or a form, and public only where it says so here', async () => {
    const { routes } = await whole({ as: 'nobody' });
    expect(routes.length).toBeGreaterThan(80);
    expect(new Set(routes.map(({ method }) => method))).toEqual(new Set(['GET', 'POST']));
    const names = routes.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([...PUBLIC, ...OF_EVERYBODY]));
  });

  it('gives nothing to nobody: pages lead to the sign-in, forms are refused', async () => {
    const { console, routes } = await whole({ as: 'nobody' });
    const before = await everything();
    const behind = routes.filter(({ name }) => !PUBLIC.includes(name));
    const pages = await answers(gets(behind), ({ path }) => console(path, { redirect: 'manual' }));
    expect(statuses(pages)).toEqual(each(pages, 303));
    for (const [name, { headers, text }] of pages) {
      expect(headers.get('location'), name).toMatch(/^\/sign-in(?:\?to=%2F[^/\\]*)?$/);
      expect(text, name).toBe('');
    }
    expect((await console('/live?topics=overview')).status).toBe(401);
    const sent = await answers(posts(behind), ({ path }) => console.post(path, form('')));
    expect(statuses(sent)).toEqual(each(sent, 403));
    expect([await everything(), asked]).toEqual([before, []]);
  });

  it('lets a viewer look at every page, and change nothing by any form', async () => {
    const { console, routes } = await whole({ as: 'viewer' });
    const before = await everything();
    const csrf = await console.csrf();
    const own = routes.filter(({ name }) => !PUBLIC.includes(name));
    const pages = await answers(gets(own), ({ path }) => console(path, { redirect: 'manual' }));
    for (const [name, { status, text }] of pages) {
      if (OF_OPERATORS.test(name)) expect([name, status]).toEqual([name, 403]);
      else expect([200, 400, 404, 503], `${name}: ${status}`).toContain(status);
      expect(text, name).not.toMatch(/href="\/(?:actions|bulk\/kickoff)|action="\/(?:actions|bulk)/);
    }
    const sent = await answers(
      posts(own).filter(({ name }) => !OF_EVERYBODY.includes(name)),
      ({ path }) => console.post(path, form(csrf)),
    );
    expect(statuses(sent)).toEqual(each(sent, 403));
    for (const [name, { text }] of sent) expect(text, name).toContain('may look but not change');
    expect([await everything(), asked]).toEqual([before, []]);
  });

  it('changes nothing while the console is read-only, whoever asks', async () => {
    const { console, routes } = await whole({ access: { readOnly: true } });
    const before = await everything();
    const csrf = await console.csrf();
    const sent = await answers(
      posts(routes).filter(({ name }) => !PUBLIC.includes(name) && !OF_EVERYBODY.includes(name)),
      ({ path }) => console.post(path, form(csrf)),
    );
    expect(statuses(sent)).toEqual(each(sent, 403));
    for (const [name, { text }] of sent) expect(text, name).toContain('switched to read-only');
    expect([await everything(), asked]).toEqual([before, []]);
  });

  it('takes no form with another session’s token, from another site, or after the session', async () => {
    const { console, routes } = await whole();
    const foreign = await (await whole({ as: 'viewer' })).console.csrf();
    const csrf = await console.csrf();
    const before = await everything();
    const multipart = (token: string) => {
      const body = new FormData();
      for (const [name, value] of Object.entries(form(token))) body.set(name, value);
      return body;
    };
    const tries: [string, (route: Route) => Promise<Page>][] = [
      ['another session’s', ({ path }) => console.post(path, form(foreign))],
      ['another site', ({ path }) => console.post(path, form(csrf), { headers: { 'sec-fetch-site': 'cross-site' } })],
    ];
    for (const [what, ask] of tries) {
      const sent = await answers(posts(routes), ask);
      expect(statuses(sent), what).toEqual(each(sent, 403));
    }
    const files = await answers(posts(routes), ({ path }) => console.post(path, {}, { body: multipart(foreign) }));
    for (const [name, { status }] of files) expect([403, 415], `${name}: ${status}`).toContain(status);

    await endConsoleSessions(database.db, 'everybody');
    const ended = await answers(
      posts(routes).filter(({ name }) => !PUBLIC.includes(name)),
      ({ path }) => console.post(path, form(csrf)),
    );
    expect(statuses(ended)).toEqual(each(ended, 403));
    expect([await everything(), asked]).toEqual([before, []]);
  });

  it('answers hostile values in words, and shows them as text', async () => {
    const logged: object[] = [];
    const logger = { error: (fields: object) => logged.push(fields), warn: () => undefined, info: () => undefined };
    const { console, routes } = await whole({ logger });
    const csrf = await console.csrf();
    // Each field has each kind of value once or twice, and what a form is about is as hostile as the rest.
    const values = [`${HOSTILE}\0`, '__proto__', 'ada@x.example of %00', '/inbox?status=dead&q=日本\r\nx: y'];
    for (const turn of [0, 2]) {
      const fields = Object.fromEntries(
        FIELDS.map((name, index) => [name, values[(index + turn) % values.length] ?? '']),
      );
      const seen = await answers(gets(routes), ({ path }) =>
        console(`${path.replace(/\/x$/, `/${encodeURIComponent(fields.on ?? '')}`)}?${new URLSearchParams(fields)}`, {
          redirect: 'manual',
        }),
      );
      const sent = await answers(
        posts(routes).filter(({ name }) => name !== 'POST /sign-out'),
        ({ path }) => console.post(path, { ...fields, csrf, attempt: randomUUID() }),
      );
      for (const [name, { status, text }] of [...seen, ...sent]) {
        expect(status, `${name}, turn ${turn}`).not.toBe(500);
        expect(text, name).not.toMatch(/<script>|<img/);
      }
    }
    expect(logged).toEqual([]);
  });
});

const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`;
/** Whatever fields the console's forms and addresses have, and some that objects have. */
const FIELDS = [
  ...[
    'on',
    'reason',
    'id',
    'to',
    'zone',
    'name',
    'email',
    'people',
    'title',
    'by',
    'event',
    'kind',
    'times',
    'percent',
  ],
  ...['account_id', 'account_name', 'deal_id', 'roles', 'side', 'timezone', 'last_day', 'seen', 'content', 'format'],
  ...['q', 'who', 'target', 'action', 'account', 'deal', 'crm', 'workstream', 'lead', 'owner', 'dealId', 'whole'],
  ...['count', 'digest', 'organizer', 'answer', 'run', 'page', 'text', 'from', 'constructor', '__proto__'],
];
