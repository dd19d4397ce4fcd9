import type { RouteOptions } from 'fastify';
import { sql } from 'kysely';
import pino from 'pino';
import { Registry } from 'prom-client';
import { onTestFinished } from 'vitest';
import { type AccessOptions, type ConsoleContext, consolePages, hashPassword } from '../../../console/index.ts';
import {
  addConsoleAccount,
  attachRequestId,
  beginMeetingRequest,
  beginStep,
  claimKickoff,
  type Database,
  failStep,
  finishStep,
  insertInbox,
  markKickoffStarted,
  recordMeetingEvent,
  recordPhase,
  recordResolution,
} from '../../../database/index.ts';
import { defaultAssemblyPolicy } from '../../../registry/index.ts';
import { createTriggerServer, listen } from '../../../triggers/index.ts';
import { answering } from './status-client.ts';

export const TEMPORAL_UI = 'http://temporal.example:8233/namespaces/default';

export interface Page {
  status: number;
  headers: Headers;
  text: string;
}

export interface TestConsoleOptions extends Partial<Omit<ConsoleContext, 'database' | 'access'>> {
  /** Who looks; an operator when left out. Nobody: nobody is signed in. */
  as?: 'operator' | 'viewer' | 'nobody';
  access?: Partial<AccessOptions>;
  /** Told of every route that the console registers. */
  onRoute?: (route: RouteOptions) => void;
}

export interface TestConsole {
  /** Asks for a page as the one who is signed in; redirects are followed unless `init` says otherwise. */
  (path: string, init?: RequestInit): Promise<Page>;
  /**
   * Sends a form as that page does, with the session's token; what it redirects to is not asked for.
   *
   * @param fields a `csrf` among them is sent instead of the right one
   */
  post(path: string, fields?: Record<string, string>, init?: RequestInit): Promise<Page>;
  /** The token that this session's forms carry. */
  csrf(): Promise<string>;
  /** Where it is served. */
  url: string;
  /** The session's cookie as a request sends it. */
  cookie: string;
}

/** Nobody has this one outside of tests. */
export const PASSWORD = 'correct horse battery staple';
/** As cheap as a hash can be. */
export const CHEAP_COST = { n: 2, r: 1, p: 1 };
/** By these names are the ones who look. */
export const ACCOUNTS = { operator: 'olive', viewer: 'vera' } as const;

/**
 * The console, served as `kickoff serve` does, on a free port, with somebody signed in by password; it ends with the test.
 */
export async function openConsole(
  database: Database,
  options: TestConsoleOptions = {},
): Promise<TestConsole & { close(): Promise<void> }> {
  const { as = 'operator', onRoute } = options;
  const context = contextOf(database, options);
  const app = await createTriggerServer({
    database,
    crms: {},
    skipup: { secrets: ['s'], tolerance: { pastSeconds: 7_200, futureSeconds: 300 } },
    isTemporalReachable: async () => undefined,
    relay: { wake: () => undefined },
    logger: silent,
    metrics: new Registry(),
    plugins: [
      async (server) => {
        if (onRoute !== undefined) server.addHook('onRoute', onRoute);
        await server.register(consolePages(context));
      },
    ],
  });
  onTestFinished(() => app.close());
  const url = await listen(app, { port: 0 });
  const cookie = as === 'nobody' ? '' : await signIn(database, url, as);
  return Object.assign(consoleAt(url, cookie), { close: () => app.close() });
}

const silent = pino({ level: 'silent' });

/** What the console stands on in tests, but for what is given. */
export function contextOf(
  database: Database,
  { as: _as, onRoute: _onRoute, access, ...options }: TestConsoleOptions,
): ConsoleContext {
  return {
    database,
    client: answering('silent'),
    access: {
      readOnly: false,
      sessionHours: 12,
      idleHours: 2,
      secureCookies: false,
      passwordCost: CHEAP_COST,
      ...access,
    },
    logger: silent,
    temporalUi: TEMPORAL_UI,
    crms: ['hubspot'],
    workstreams: [],
    assembly: new Map([['', defaultAssemblyPolicy]]),
    hasRecovery: false,
    relay: { wake: () => undefined },
    now: () => new Date(),
    ...options,
  };
}

/** The console as one browser has it. @param cookie what it sends */
export function consoleAt(url: string, cookie: string): TestConsole {
  const get = async (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    if (cookie !== '' && !headers.has('cookie')) headers.set('cookie', cookie);
    const response = await fetch(`${url}${path}`, { ...init, headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const csrf = async () => csrfIn((await get('/zone')).text) ?? csrfIn((await get('/')).text) ?? '';
  const post: TestConsole['post'] = async (path, fields = {}, init = {}) =>
    await get(path, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ csrf: fields.csrf ?? (await csrf()), ...fields }),
      ...init,
    });
  return Object.assign(get, { post, csrf, url, cookie });
}

/** The token that the first form of a page carries. */
export function csrfIn(text: string): string | undefined {
  return /name="csrf" value="([^"]+)"/.exec(text)?.[1];
}

/** What a response has the browser keep, as a request sends it. */
export function cookiesOf(headers: Headers): string {
  return headers
    .getSetCookie()
    .map((each) => each.split(';', 1)[0] ?? '')
    .filter((each) => !each.endsWith('='))
    .join('; ');
}

/** Signs in by password, as a browser does, with an account that is made for it. @returns the session's cookie */
export async function signIn({ db }: Database, url: string, role: 'operator' | 'viewer'): Promise<string> {
  const name = ACCOUNTS[role];
  await addConsoleAccount(db, { name, role, passwordHash: await hashPassword(PASSWORD, CHEAP_COST) });
  const page = await fetch(`${url}/sign-in`);
  const answer = await fetch(`${url}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookiesOf(page.headers) },
    body: new URLSearchParams({ csrf: csrfIn(await page.text()) ?? '', name, password: PASSWORD }),
  });
  if (answer.status !== 303) throw new Error(`the sign-in answered ${answer.status}`);
  return cookiesOf(answer.headers);
}

export async function seedKickoff(
  { db }: Database,
  dealId: string,
  more: { account?: string; name?: string; url?: string; workstream?: string } = {},
): Promise<string> {
  const { account = 'Acme Corp', name = `Deal ${dealId}`, workstream = '' } = more;
  const { row } = await claimKickoff(db, {
    workflowId: workstream === '' ? `kickoff:${dealId}` : `kickoff:${dealId}:${workstream}`,
    crm: 'hubspot',
    dealId,
    workstream,
    deal: {
      id: dealId,
      crm: 'hubspot',
      name,
      isWon: true,
      closedAt: '2026-02-10T08:55:00Z',
      url: more.url ?? `https://crm.example/deals/${encodeURIComponent(dealId)}`,
    },
    accountId: 'acme',
    accountName: account,
    origin: { kind: 'hubspot', reference: 'closed-won', receivedAt: '2026-02-10T09:00:00Z' },
  });
  return row.workflow_id;
}

/** A kickoff that is booked, with everything a page can show: events, steps, a failed one among them. */
export async function seedBooked(database: Database, dealId = '5012', person = 'Ada Lovelace'): Promise<string> {
  const { db } = database;
  await insertInbox(db, [
    {
      source: 'hubspot',
      dedupeKey: `t-${dealId}`,
      eventType: 'deal.propertyChange',
      subject: dealId,
      payload: { dealId },
    },
    {
      source: 'hubspot',
      dedupeKey: `i-${dealId}`,
      eventType: 'deal.propertyChange',
      subject: dealId,
      payload: { dealId },
      status: 'ignored',
      reason: 'property amount, not dealstage',
    },
  ]);
  const workflowId = await seedKickoff(database, dealId);
  // Two columns that round to a millisecond in different ways do not tell what came first within one.
  await sql`update inbox set received_at = received_at - interval '2 seconds' where subject = ${dealId}`.execute(db);
  await sql`update kickoffs set created_at = created_at - interval '1 second' where workflow_id = ${workflowId}`.execute(
    db,
  );
  await markKickoffStarted(db, workflowId);
  const key = { workflowId, revision: 1 };
  await recordResolution(db, {
    ...key,
    organizer: { email: 'cs@vendor.example', name: 'Cy Ess', timezone: 'America/New_York', from: 'registry (account)' },
    participants: [
      {
        email: 'ada@acme.example',
        name: person,
        timezone: 'Europe/London',
        side: 'customer',
        roles: ['champion', 'executive_sponsor'],
        attendance: 'required',
        from: 'CRM (Champion)',
      },
      { email: 'bob@acme.example', side: 'customer', roles: [], attendance: 'optional', from: 'CRM' },
    ],
    excluded: [{ email: 'old@acme.example', name: 'Otto Out', reason: 'opted out: left the company' }],
    gaps: [
      {
        code: 'missing_role',
        severity: 'warn',
        message: 'No billing contact: add one to the registry.',
        acceptable: true,
      },
    ],
    phase: 'requesting',
  });
  const idempotencyKey = `impl:${dealId}:kickoff:2026-02-10`;
  await beginMeetingRequest(db, {
    ...key,
    idempotencyKey,
    organizerEmail: 'cs@vendor.example',
    participantEmails: ['ada@acme.example', 'bob@acme.example'],
    timeframeStart: '2026-02-12T14:00:00Z',
    timeframeEnd: '2026-02-22T04:59:59Z',
    firstTriedAt: '2026-02-10T09:00:05Z',
  });
  const earlier = sql`update meeting_requests set created_at = created_at - interval '500 milliseconds'`;
  await sql`${earlier} where idempotency_key = ${idempotencyKey}`.execute(db);
  const requestId = `mr_${dealId}`;
  await insertInbox(db, [
    {
      source: 'skipup',
      dedupeKey: `b-${dealId}`,
      eventType: 'meeting_request.booked',
      subject: requestId,
      payload: { id: requestId },
    },
  ]);
  await attachRequestId(db, { idempotencyKey, requestId, status: 'active' });
  await recordMeetingEvent(db, { requestId, name: 'follow_up_sent', at: '2026-02-11T10:00:00Z' });
  await recordMeetingEvent(db, { requestId, name: 'booked', at: '2026-02-11T15:30:00Z', calendarEventId: 'evt_77' });
  await recordPhase(db, { ...key, phase: 'onboarding', needs: [], closesAt: '2099-02-23T05:00:00Z' });
  await seedStep(database, workflowId, 'status', {
    detail: 'CRM status: Kickoff Scheduled',
    url: 'https://crm.example/n/1',
  });
  await seedStep(database, workflowId, 'project', 'the CRM refused the task: no permission');
  return workflowId;
}

/** @param outcome what the step made; a text is why it failed */
export async function seedStep(
  { db }: Database,
  workflowId: string,
  stepId: string,
  outcome: { detail: string; url?: string } | string,
): Promise<void> {
  const key = { workflowId, revision: 1, list: 'on_booked', stepId, occurrence: '' };
  await beginStep(db, { ...key, kind: 'crm_task' });
  if (typeof outcome === 'string') await failStep(db, key, outcome);
  else await finishStep(db, key, { ...outcome, ids: {} });
}
