import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { request } from 'undici';
import { type SweepDependencies, sweepActivities } from '../../../activities/sweep/index.ts';
import {
  attachRequestId,
  beginMeetingRequest,
  claimKickoff,
  type Database,
  type InboxRow,
  listInbox,
  markDelivered,
  recordMeetingEvent,
} from '../../../database/index.ts';
import { startSandbox } from '../../../sandbox/index.ts';
import { SkipUpClient, WEBHOOK_EVENT_TYPES } from '../../../skipup/index.ts';
import { meetingEventOf } from '../../../workflows/meeting/from-webhook.ts';
import type { SweptDeliveries, SweptRequests } from '../../../workflows/messages.ts';
import { openPglite } from '../../harness/pglite.ts';

export interface WebhookReceiver {
  url: string;
  /** What it answers; 200 at first. */
  answers: { status: number };
  bodies: string[];
}

/** The sweep's activities over a real SkipUp (the sandbox) and a real database, without workflows. */
export interface Sweeping {
  database: Database;
  client: SkipUpClient;
  receiver: WebhookReceiver;
  control<T = unknown>(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T>;
  /** Makes a meeting request at SkipUp and in the ledger, as a kickoff does. */
  newRequest(options?: { organizer?: string }): Promise<{ id: string; workflowId: string }>;
  /** Something happens to a request. */
  happens(id: string, event: string, more?: object): Promise<void>;
  /** Makes the endpoint that delivers to the receiver. */
  subscribe(): Promise<{ id: string }>;
  sweepRequests(options?: AttemptOptions): Promise<SweptRequests>;
  sweepDeliveries(options?: AttemptOptions): Promise<SweptDeliveries>;
  inbox(): Promise<InboxRow[]>;
  /** Calls to SkipUp since the last look: `GET /meeting_requests` and so on. */
  calls(): string[];
  /** What has been logged as a warning since the last look. */
  warnings(): string[];
  close(): Promise<void>;
}

export interface AttemptOptions
  extends Partial<Pick<SweepDependencies, 'now' | 'fallbackOrganizer' | 'publicUrl' | 'lookAfterMs'>> {
  /** How far an earlier attempt had got. */
  heartbeatDetails?: unknown;
  /** Told of every heartbeat. */
  onHeartbeat?: (details: unknown, cancel: () => void) => void;
}

export const ORGANIZER = 'jordan.lee@yourcompany.example';
export const OTHER_ORGANIZER = 'sam@yourcompany.example';

export async function startSweeping(): Promise<Sweeping> {
  const database = await openPglite();
  const sandbox = await startSandbox({
    seed: 'sweep',
    clock: { frozenAt: new Date().toISOString() },
    settings: { rateLimitPerMinute: 0 },
    fixture: {
      everybody: { neverReplies: true },
      members: [
        { email: ORGANIZER, name: 'Jordan Lee' },
        { email: OTHER_ORGANIZER, name: 'Sam Kim' },
      ],
    },
  });
  const made: string[] = [];
  const warnings: string[] = [];
  const client = new SkipUpClient({
    apiKey: sandbox.apiKey,
    baseUrl: sandbox.apiBaseUrl,
    retry: { maxAttempts: 1 },
    onRequest: ({ method, route }) => made.push(`${method} ${route}`),
  });
  const { receiver, stop } = await startReceiver();
  let count = 0;

  const control: Sweeping['control'] = async (method, path, body) => {
    const answer = await request(`${sandbox.url}/_sandbox${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} /_sandbox${path}: ${answer.statusCode} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };

  const attempt = async <T>(
    options: AttemptOptions,
    run: (of: ReturnType<typeof sweepActivities>) => () => Promise<T>,
  ) => {
    const { heartbeatDetails, onHeartbeat, ...dependencies } = options;
    const logger = new DefaultLogger('WARN', ({ message, meta }) =>
      warnings.push(JSON.stringify({ message, ...meta })),
    );
    const environment = new MockActivityEnvironment({ heartbeatDetails }, { logger });
    if (onHeartbeat) environment.on('heartbeat', (details) => onHeartbeat(details, () => environment.cancel()));
    const activities = sweepActivities({
      client,
      database,
      publicUrl: receiver.url,
      sweepRequestsPerMinute: 100_000,
      ...dependencies,
    });
    return await environment.run<[], T, () => Promise<T>>(run(activities));
  };

  return {
    database,
    client,
    receiver,
    control,
    async newRequest({ organizer = ORGANIZER } = {}) {
      count += 1;
      const workflowId = `kickoff:${count}`;
      const key = `impl:${count}:kickoff:2026-11-20`;
      await claimKickoff(database.db, {
        workflowId,
        crm: 'hubspot',
        dealId: `${count}`,
        workstream: '',
        deal: {},
        accountId: `a${count}`,
        accountName: 'Acme Corp',
        origin: {},
      });
      const now = new Date().toISOString();
      const participants = [{ email: `jamie.${count}@acme-corp.example` }];
      await beginMeetingRequest(database.db, {
        idempotencyKey: key,
        workflowId,
        revision: 1,
        organizerEmail: organizer,
        participantEmails: participants.map(({ email }) => email),
        timeframeStart: now,
        timeframeEnd: now,
        firstTriedAt: now,
      });
      const { id, status } = await client.meetingRequests.create(
        { organizer_email: organizer, participants, context: { title: `Kickoff ${count}` } },
        { idempotencyKey: key },
      );
      await attachRequestId(database.db, { idempotencyKey: key, requestId: id, status });
      return { id, workflowId };
    },
    happens: async (id, event, more = {}) => {
      await control('POST', `/meeting_requests/${id}/events`, { event, ...more });
    },
    subscribe: async () =>
      await client.webhookEndpoints.create({
        url: `${receiver.url}/webhooks/skipup`,
        events: [...WEBHOOK_EVENT_TYPES],
      }),
    sweepRequests: (options = {}) => attempt(options, (activities) => activities.sweepRequests),
    sweepDeliveries: (options = {}) => attempt(options, (activities) => activities.sweepDeliveries),
    inbox: async () => (await listInbox(database.db, { limit: 1000 })).reverse(),
    calls: () => made.splice(0),
    warnings: () => warnings.splice(0),
    async close() {
      await client.close();
      await sandbox.close();
      await stop();
      await database.close();
    },
  };
}

async function startReceiver(): Promise<{ receiver: WebhookReceiver; stop: () => Promise<void> }> {
  const receiver: WebhookReceiver = { url: '', answers: { status: 200 }, bodies: [] };
  const server = createServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      if (receiver.answers.status === 200) receiver.bodies.push(Buffer.concat(chunks).toString('utf8'));
      answer.writeHead(receiver.answers.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
  receiver.url = `http://127.0.0.1:${address.port}`;
  const stop = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { receiver, stop };
}

/** Brings the ledger up to a row of the inbox, as the relay does, and settles the row. */
export async function applyRow({ database }: Sweeping, row: InboxRow): Promise<void> {
  const event = meetingEventOf(row.payload, row.dedupe_key);
  if (event !== undefined) await recordMeetingEvent(database.db, event);
  await markDelivered(database.db, row.id, 'kickoff:test');
}
