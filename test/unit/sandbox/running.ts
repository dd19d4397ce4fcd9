import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect } from 'vitest';
import { z } from 'zod';
import type { Sandbox, SandboxEvent, SandboxOptions } from '../../../sandbox/index.ts';
import { startSandbox } from '../../../sandbox/index.ts';
import type { SeenAnswer } from '../../harness/contract.ts';
import { answerBreach, webhookBreach } from '../../harness/contract.ts';

/** A Tuesday, 9:00 in New York. */
export const TUESDAY = '2026-02-10T14:00:00Z';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  expect(breaches.splice(0)).toEqual([]);
});

/** Webhooks that were not as the contract says. */
const breaches: string[] = [];

/** Something to be ended with the test. */
export function endWithTest(end: () => Promise<unknown>): void {
  ends.push(end);
}

const rowSchema = z.looseObject({ id: z.string().catch(''), status: z.string().catch('') });
const looseSchema = z.looseObject({}).catch({});
const answerSchema = z.looseObject({
  data: rowSchema.catch({ id: '', status: '' }),
  list: z.array(rowSchema).catch([]),
  error: z.object({ type: z.string(), message: z.string() }).catch({ type: '', message: '' }),
  meta: z.looseObject({ next_cursor: z.string().optional(), has_more: z.boolean() }).catch({ has_more: false }),
});

/** An answer, and the parts that SkipUp's answers have; empty where there is none. */
export interface Answer extends z.infer<typeof answerSchema> {
  status: number;
  text: string;
  body: Record<string, unknown>;
}

export interface CallOptions {
  body?: unknown;
  /** Sent as it is. */
  raw?: string;
  key?: string | null;
  headers?: Record<string, string>;
  /** An injected fault has changed the answer: it is not held to the contract. */
  struck?: boolean;
}

export interface Running extends Sandbox {
  events: SandboxEvent[];
  /** Calls SkipUp's API: `GET /meeting_requests`. Fails when the answer breaks the contract, unless it was `struck`. */
  api(route: string, options?: CallOptions): Promise<Answer>;
  /** Calls `/_sandbox`. */
  control(route: string, body?: unknown): Promise<Answer>;
  advance(by: string): Promise<void>;
  /** Calls the CRM. */
  crm(route: string, body?: unknown, token?: string): Promise<Answer>;
}

async function call(
  base: string,
  route: string,
  headers: Record<string, string>,
  raw: string | undefined,
  inspect?: (seen: SeenAnswer) => void,
): Promise<Answer> {
  const [method = 'GET', path = '/'] = route.split(' ');
  const type = raw === undefined ? {} : { 'content-type': 'application/json' };
  const sent = raw === undefined ? {} : { body: raw };
  const answer = await fetch(`${base}${path}`, { method, headers: { ...type, ...headers }, ...sent });
  const text = await answer.text();
  inspect?.({
    method,
    path: answer.url.slice(new URL(answer.url).origin.length),
    status: answer.status,
    headers: answer.headers,
    text,
  });
  const isJson = answer.headers.get('content-type')?.includes('json') === true && text !== '';
  const body = looseSchema.parse(isJson ? JSON.parse(text) : {});
  const { data, list, error, meta } = answerSchema.parse({ ...body, list: body.data });
  return { status: answer.status, text, body, data, list, error, meta };
}

/** @throws Error when the answer is not as the sandbox's OpenAPI document says */
function holdToContract(seen: SeenAnswer): void {
  const breach = answerBreach(seen);
  if (breach !== undefined) throw new Error(breach);
}

const asText = (body: unknown) => (body === undefined ? undefined : JSON.stringify(body));

/** A sandbox that stands still on a Tuesday morning, unless the options say otherwise; it ends with the test. */
export async function running(options: SandboxOptions = {}): Promise<Running> {
  const events: SandboxEvent[] = [];
  const sandbox = await startSandbox({
    clock: { frozenAt: TUESDAY },
    seed: 'test',
    onEvent: (event) => events.push(event),
    ...options,
  });
  endWithTest(() => sandbox.close());
  const control: Running['control'] = (route, body) => call(`${sandbox.url}/_sandbox`, route, {}, asText(body));
  return {
    ...sandbox,
    events,
    control,
    api: (route, { body, raw, key = sandbox.apiKey, headers = {}, struck = false } = {}) => {
      const bearer: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };
      const inspect = struck ? undefined : holdToContract;
      return call(sandbox.apiBaseUrl, route, { ...bearer, ...headers }, raw ?? asText(body), inspect);
    },
    advance: async (by) => {
      const { status, text } = await control('POST /clock', { advance: by });
      if (status !== 200) throw new Error(text);
    },
    crm: (route, body, token = sandbox.hubspot.accessToken) =>
      call(`${sandbox.hubspotBaseUrl}/crm`, route, { authorization: `Bearer ${token}` }, asText(body)),
  };
}

export interface Received {
  path: string;
  headers: Record<string, string | string[] | undefined>;
  raw: string;
}

export interface Receiver {
  url: string;
  received: Received[];
  /** What the next deliveries are answered with; the last one stays. `hang` never answers. */
  answers: (number | 'hang')[];
  /** Called with every delivery, before it is answered. */
  onDelivery?: (delivery: Received) => Promise<void> | void;
}

/** Somebody who receives webhooks. */
export async function receiver(...answers: (number | 'hang')[]): Promise<Receiver> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const delivery = { path: request.url ?? '', headers: request.headers, raw: Buffer.concat(chunks).toString('utf8') };
    self.received.push(delivery);
    // What a receiver throws nobody hears: the test hears it at its end.
    const breach = 'x-webhook-event' in delivery.headers ? webhookBreach(delivery) : undefined;
    if (breach !== undefined) breaches.push(breach);
    await self.onDelivery?.(delivery);
    const answer = self.answers.length > 1 ? self.answers.shift() : self.answers[0];
    if (answer !== 'hang') response.writeHead(answer ?? 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const self: Receiver = { url: `http://127.0.0.1:${port}`, received: [], answers };
  endWithTest(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return self;
}

export const ALL_EVENTS = [
  'meeting_request.created',
  'meeting_request.booked',
  'meeting_request.cancelled',
  'meeting_request.paused',
  'meeting_request.resumed',
  'meeting_request.organizer_changed',
  'meeting_request.follow_up_sent',
  'member.deactivated',
];

/** Subscribes to everything; returns the endpoint, secret included. */
export async function subscribe(sandbox: Running, url: string, extra: object = {}) {
  const { data, status, text } = await sandbox.api('POST /webhook_endpoints', {
    body: { url, events: ALL_EVENTS, ...extra },
  });
  if (status !== 201) throw new Error(text);
  return { id: data.id, secret: z.string().parse(data.secret) };
}

/** The request of SkipUp's own kickoff guide: four people in three zones, an hour, ten days. */
export function acmeRequest(changes: object = {}) {
  return {
    organizer_email: 'jordan.lee@yourcompany.example',
    organizer_name: 'Jordan Lee',
    organizer_timezone: 'America/New_York',
    participants: [
      { email: 'jamie.chen@acme-corp.example', name: 'Jamie Chen', timezone: 'America/New_York' },
      { email: 'pat.kumar@acme-corp.example', name: 'Pat Kumar', timezone: 'America/Chicago' },
      { email: 'alex.ross@acme-corp.example', name: 'Alex Ross', timezone: 'America/Los_Angeles' },
      { email: 'taylor.kim@acme-corp.example', name: 'Taylor Kim', timezone: 'America/Chicago' },
    ],
    include_introduction: true,
    context: {
      title: 'Implementation kickoff: Acme Corp + YourCompany',
      purpose: 'Kick off the Q1 implementation with all stakeholders',
      description: 'Acme Corp signed a 12-month enterprise contract.',
      duration_minutes: 60,
      timeframe: { start: '2026-02-12T00:00:00Z', end: '2026-02-21T00:00:00Z' },
    },
    ...changes,
  };
}

/** Creates a request and returns it. */
export async function created(sandbox: Running, changes: object = {}, headers: Record<string, string> = {}) {
  const { status, data, text } = await sandbox.api('POST /meeting_requests', { body: acmeRequest(changes), headers });
  if (status !== 202) throw new Error(text);
  return data;
}

/** Another API key, with all scopes or these. */
export async function newKey(sandbox: Running, scopes?: string[]): Promise<string> {
  const { body } = await sandbox.control('POST /keys', scopes === undefined ? {} : { scopes });
  return z.string().parse(body.key);
}

/** Makes SkipUp tell an event, as if it or a person there had caused it. */
export async function force(sandbox: Running, id: string, event: string, more: object = {}): Promise<Answer> {
  return await sandbox.control(`POST /meeting_requests/${id}/events`, { event, ...more });
}
