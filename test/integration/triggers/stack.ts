import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import type { FastifyPluginAsync } from 'fastify';
import pino from 'pino';
import { Registry } from 'prom-client';
import { onTestFinished } from 'vitest';
import { createCrms } from '../../../crm/index.ts';
import { type Database, type InboxRow, listInbox } from '../../../database/index.ts';
import { signWebhook } from '../../../skipup/index.ts';
import { createTriggerServer, listen, type TriggerEvent, type TriggerServerOptions } from '../../../triggers/index.ts';

export const SKIPUP_SECRET = 'skipup-secret';
export const HUBSPOT_SECRET = 'hubspot-secret';
export const DEAL_SECRET = 'deal-secret';
export const PUBLIC_URL = 'https://kickoff.example.com';
export const BOOKED = {
  event: 'meeting_request.booked',
  timestamp: '2026-11-20T16:00:00Z',
  id: 'mr_1',
  status: 'booked',
  calendar_event_id: 'evt_1',
};
export const STAGE_CHANGE = {
  eventId: 1,
  subscriptionId: 25,
  portalId: 33,
  appId: 7,
  occurredAt: 1_784_000_000_000,
  subscriptionType: 'deal.propertyChange',
  attemptNumber: 0,
  objectId: 1148,
  propertyName: 'dealstage',
  propertyValue: 'closedwon',
};

export interface Receivers {
  url: string;
  port: number;
  events: TriggerEvent[];
  /** How often the relay was woken. */
  wakes: () => number;
  metrics: Registry;
  /** Everything that was logged. */
  logged: () => string;
  inbox: () => Promise<InboxRow[]>;
}

/** The receivers on a free port of this machine; they end with the test. */
export async function receivers(
  database: Database,
  options: Partial<Pick<TriggerServerOptions, 'crms' | 'skipup' | 'forms' | 'isTemporalReachable' | 'limits'>> & {
    plugins?: FastifyPluginAsync[];
  } = {},
): Promise<Receivers> {
  const events: TriggerEvent[] = [];
  const lines: string[] = [];
  const metrics = new Registry();
  let wakes = 0;
  const app = await createTriggerServer({
    database,
    crms: createCrms({
      hubspot: { clientSecret: HUBSPOT_SECRET, publicUrl: PUBLIC_URL },
      generic: { secrets: [DEAL_SECRET], tokens: ['deal-token'] },
    }),
    skipup: { secrets: [SKIPUP_SECRET], tolerance: { pastSeconds: 7_200, futureSeconds: 300 } },
    isTemporalReachable: async () => undefined,
    relay: { wake: () => (wakes += 1) },
    logger: pino({ level: 'trace' }, { write: (line) => lines.push(line) }),
    metrics,
    onEvent: (event) => events.push(event),
    ...options,
  });
  onTestFinished(() => app.close());
  const url = await listen(app, { port: 0 });
  return {
    url,
    port: Number(new URL(url).port),
    events,
    wakes: () => wakes,
    metrics,
    logged: () => lines.join(''),
    inbox: async () => (await listInbox(database.db)).reverse(),
  };
}

export interface Answer {
  status: number;
  body: unknown;
  headers: Headers;
}

export async function send(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { method: 'POST', ...init });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
}

/** A SkipUp webhook, signed now unless told otherwise. */
export function skipupWebhook(event: unknown, at = new Date(), secret = SKIPUP_SECRET): RequestInit {
  const body = typeof event === 'string' ? event : JSON.stringify(event);
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'x-webhook-signature': signWebhook({ body, secret, timestamp: at }),
    },
  };
}

/** A HubSpot webhook with a v3 signature. */
export function hubspotWebhook(batch: unknown, at = Date.now(), secret = HUBSPOT_SECRET): RequestInit {
  const body = typeof batch === 'string' ? batch : JSON.stringify(batch);
  const signature = createHmac('sha256', secret)
    .update(`POST${PUBLIC_URL}/triggers/hubspot${body}${at}`)
    .digest('base64');
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'x-hubspot-signature-v3': signature,
      'x-hubspot-request-timestamp': String(at),
    },
  };
}

/** A deal event of our own form, signed. */
export function dealEvent(event: unknown): RequestInit {
  return skipupWebhook(event, new Date(), DEAL_SECRET);
}

/** Writes bytes to a socket and gives back everything that comes until the server closes it. */
export async function talk(port: number, bytes: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let received = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('close', () => resolve(received));
    socket.on('error', (error) => (received === '' ? reject(error) : resolve(received)));
  });
}
