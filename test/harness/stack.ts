import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { request } from 'undici';
import { vi } from 'vitest';
import { exampleFile } from '../../cli/example-files.ts';
import type { LiveEvent } from '../../cli/live-event.ts';
import { type Stack, startStack } from '../../cli/stack.ts';
import { Teardown } from '../../cli/teardown.ts';
import { createLogger } from '../../config/index.ts';
import { type KickoffStatus, kickoffWorkflowId, type Phase, status } from '../../workflows/messages.ts';
import { copyPglite } from './pglite.ts';
import { newNamespace } from './temporal.ts';

export interface TestStack extends Stack {
  events: LiveEvent[];
  /** Calls the sandbox's control; answers with the parsed body. */
  control<T = unknown>(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T>;
  stop(): Promise<void>;
}

export interface TestStackOptions {
  temporalAddress: string;
  /** A PostgreSQL database; PGlite when left out. */
  databaseUrl?: string;
  configFile?: string;
  /** Where the Temporal UI is; the configuration then says so, and results carry links. */
  temporalUiUrl?: string;
  /** Variables of the environment besides those that the stack needs. */
  env?: Record<string, string>;
  /** How many times as fast as the wall's the clock runs; 1 when left out. */
  scale?: number;
}

/** The whole stack in this process, in a namespace and a database of its own. */
export async function startTestStack(options: TestStackOptions): Promise<TestStack> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kickoff-test-'));
  const teardown = new Teardown();
  teardown.defer('its folder', () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 }));
  const events: LiveEvent[] = [];
  const { scale } = options;
  try {
    if (options.databaseUrl === undefined) await copyPglite(join(dataDir, 'database'));
    const stack = await startStack({
      env: {
        ...options.env,
        TEMPORAL_ADDRESS: options.temporalAddress,
        TEMPORAL_NAMESPACE: await newNamespace(options.temporalAddress),
        DATABASE_URL: options.databaseUrl,
      },
      cwd: dataDir,
      dataDir,
      configFile: configFileOf(options, dataDir),
      ports: { serve: 0, sandbox: 0, temporal: 0, temporalUi: 0 },
      ...(scale === undefined ? {} : { clock: () => ({ anchor: new Date().toISOString(), scale }) }),
      seed: 'test',
      logger: createLogger({ level: 'silent' }),
      progress: { stage: async (_name, run) => await run(() => undefined) },
      teardown,
      signal: new AbortController().signal,
      onEvent: (event) => events.push(event),
    });
    const control: TestStack['control'] = async (method, path, body) => {
      const answer = await request(`${stack.sandbox.url}/_sandbox${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const text = await answer.body.text();
      if (answer.statusCode >= 300) throw new Error(`${method} /_sandbox${path}: ${answer.statusCode} ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    };
    return { ...stack, events, control, stop: () => teardown.run() };
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

function configFileOf({ configFile, temporalUiUrl }: TestStackOptions, folder: string): string {
  const given = configFile ?? exampleFile('kickoff.config.yaml');
  if (temporalUiUrl === undefined) return given;
  const file = join(folder, 'kickoff.config.yaml');
  writeFileSync(file, `${readFileSync(given, 'utf8')}\ntemporalUiUrl: ${temporalUiUrl}\n`);
  return file;
}

/** A deal of its own for one test, on Acme's account, not yet won. */
export async function newDeal(stack: TestStack, changes: object = {}): Promise<string> {
  const id = String(6_000_000_000 + Math.floor(Math.random() * 1_000_000_000));
  const { acmeDeal } = await import('../../sandbox/index.ts');
  const { id: _acme, ...deal } = acmeDeal;
  await stack.control('PUT', `/crm/deals/${id}`, { ...deal, ...changes });
  return id;
}

/** Makes the deal won without the CRM telling anybody. */
export async function winQuietly(stack: TestStack, dealId: string): Promise<void> {
  await stack.control('POST', `/crm/deals/${dealId}/close`, { notify: false });
}

/** Puts the deal at a stage without the CRM telling anybody. */
export async function moveQuietly(stack: TestStack, dealId: string, dealStage: string): Promise<void> {
  await stack.control('POST', `/crm/deals/${dealId}/close`, { stage: dealStage, notify: false });
}

/** Posts HubSpot's event for a deal's stage (or another property), signed as HubSpot signs; others may come in the same batch. */
export async function sendHubSpotEvent(
  stack: TestStack,
  dealId: string,
  event: { eventId?: number; occurredAt?: number; attemptNumber?: number; propertyName?: string } = {},
  beside: readonly object[] = [],
): Promise<number> {
  const body = JSON.stringify([
    ...beside,
    {
      eventId: event.eventId ?? 1,
      subscriptionId: 12,
      portalId: 62_515,
      appId: 54_321,
      occurredAt: event.occurredAt ?? 1_770_000_000_000,
      subscriptionType: 'deal.propertyChange',
      attemptNumber: event.attemptNumber ?? 0,
      objectId: Number(dealId),
      propertyName: event.propertyName ?? 'dealstage',
      propertyValue: 'closedwon',
      changeSource: 'CRM_UI',
    },
  ]);
  const url = `${stack.serveUrl}/triggers/hubspot`;
  const timestamp = String(Date.now());
  const signature = createHmac('sha256', stack.secrets.hubspotClientSecret)
    .update(`POST${url}${body}${timestamp}`)
    .digest('base64');
  return await post(url, body, {
    'x-hubspot-signature-v3': signature,
    'x-hubspot-request-timestamp': timestamp,
  });
}

/** Posts a SkipUp webhook, signed as SkipUp signs. */
export async function sendSkipUpEvent(stack: TestStack, payload: object): Promise<number> {
  const body = JSON.stringify(payload);
  const timestamp = Math.floor(Date.now() / 1000);
  const digest = createHmac('sha256', stack.secrets.skipupWebhook).update(`${timestamp}.${body}`).digest('hex');
  return await post(`${stack.serveUrl}/webhooks/skipup`, body, {
    'x-webhook-signature': `t=${timestamp},v1=${digest}`,
  });
}

async function post(url: string, body: string, headers: Record<string, string>): Promise<number> {
  const answer = await request(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  await answer.body.dump();
  return answer.statusCode;
}

export function kickoffOf(stack: TestStack, dealId: string): WorkflowHandle {
  return stack.services.temporal.client.workflow.getHandle(kickoffWorkflowId(dealId));
}

export async function statusOf(stack: TestStack, dealId: string): Promise<KickoffStatus> {
  return await kickoffOf(stack, dealId).query(status);
}

/** Waits until the deal's kickoff is in the phase, and gives its status. */
export async function inPhase(stack: TestStack, dealId: string, phase: Phase): Promise<KickoffStatus> {
  return await vi.waitFor(
    async () => {
      const known = await statusOf(stack, dealId);
      if (known.phase !== phase) throw new Error(`deal ${dealId} is ${known.phase}, not yet ${phase}`);
      return known;
    },
    { timeout: 20_000, interval: 50 },
  );
}

/** Every meeting request that SkipUp has for a deal's kickoff, by the deal's name in the title or the key in the ledger. */
export async function requestsOf(
  stack: TestStack,
  dealId: string,
): Promise<{ key: string; id: string | null; status: string }[]> {
  const rows = await stack.services.database.db
    .selectFrom('meeting_requests')
    .select(['idempotency_key as key', 'request_id as id', 'status'])
    .where('workflow_id', '=', kickoffWorkflowId(dealId))
    .orderBy('created_at')
    .execute();
  return rows;
}

/** How many meeting requests SkipUp itself has; counts what a doubled POST would have made. */
export async function countAtSkipUp(stack: TestStack): Promise<number> {
  let count = 0;
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ limit: '100', ...(cursor === undefined ? {} : { cursor }) });
    const answer = await request(`${stack.sandbox.apiBaseUrl}/meeting_requests?${query}`, {
      headers: { authorization: `Bearer ${stack.secrets.skipupApiKey}` },
    });
    const page = (await answer.body.json()) as { data: unknown[]; meta: { next_cursor?: string } };
    count += page.data.length;
    cursor = page.meta.next_cursor;
  } while (cursor !== undefined);
  return count;
}
