import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { followSkipUpEndpoint } from '../../../cli/skipup-endpoint.ts';
import { type Database, migrate, openDatabase } from '../../../database/index.ts';
import { ACME_DEAL_ID, type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { SkipUpClient } from '../../../skipup/index.ts';
import { connect, type DevServer, freePort, startDevServer, type TemporalClient } from '../../../temporal/index.ts';
import { type KickoffStatus, kickoffWorkflowId, status } from '../../../workflows/messages.ts';
import { type PostgresCluster, sharedOrOwnPostgres } from '../../harness/postgres.ts';
import { endCommands, type RunningCommand, startCommand } from '../../harness/process.ts';
import { realParts } from '../../harness/real-parts.ts';
import { temporalConfigFor } from '../../harness/temporal.ts';

const { temporalBinary = '', missing } = realParts();
const lacking = missing.temporal ?? missing.postgres;
const SECRETS = {
  apiKey: 'sk_sandbox_faults',
  webhook: 'whsec-faults-0123456789',
  hubspot: 'hubspot-secret',
  token: 'hubspot-token',
};

/** As in production: PostgreSQL, Temporal, one process that serves, several that work. Only SkipUp and the CRM are the sandbox's. */
describe.skipIf(lacking !== undefined)(`processes that die ${lacking ?? ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'kickoff-faults-'));
  let cluster: PostgresCluster;
  let databaseUrl: string;
  let database: Database;
  let temporalPort: number;
  let temporal: DevServer;
  let client: TemporalClient;
  let sandbox: Sandbox;
  let servePort: number;
  let env: Record<string, string>;
  let serve: RunningCommand;

  const startTemporal = () =>
    startDevServer({ binary: temporalBinary, dataFile: join(folder, 'temporal.db'), port: temporalPort });

  beforeAll(async () => {
    cluster = await sharedOrOwnPostgres();
    databaseUrl = await cluster.newDatabase();
    database = await openDatabase({ url: databaseUrl });
    await migrate(database);
    [temporalPort, servePort] = [await freePort('127.0.0.1'), await freePort('127.0.0.1')];
    temporal = await startTemporal();
    client = await connect(temporalConfigFor(temporal.address, 'default'));
    sandbox = await startSandbox({
      seed: 'faults',
      apiKey: SECRETS.apiKey,
      webhookSecret: SECRETS.webhook,
      hubspot: {
        clientSecret: SECRETS.hubspot,
        accessToken: SECRETS.token,
        webhookUrl: `http://127.0.0.1:${servePort}/triggers/hubspot`,
      },
    });
    writeFileSync(
      join(folder, 'kickoff.config.yaml'),
      JSON.stringify({
        crm: { hubspot: { baseUrl: sandbox.hubspotBaseUrl } },
        kickoff: {
          steps: {
            on_requested: [{ id: 'scheduling', kind: 'crm_status', status: 'Scheduling in Progress' }],
            on_booked: [{ id: 'scheduled', kind: 'crm_status', status: 'Kickoff Scheduled', onFailure: 'wait' }],
          },
        },
      }),
    );
    env = {
      TEMPORAL_ADDRESS: temporal.address,
      DATABASE_URL: databaseUrl,
      SKIPUP_BASE_URL: sandbox.apiBaseUrl,
      SKIPUP_API_KEY: SECRETS.apiKey,
      SKIPUP_WEBHOOK_SECRETS: SECRETS.webhook,
      HUBSPOT_CLIENT_SECRET: SECRETS.hubspot,
      HUBSPOT_ACCESS_TOKEN: SECRETS.token,
      PUBLIC_URL: `http://127.0.0.1:${servePort}`,
      PORT: String(servePort),
    };
    serve = startCommand(['serve'], { cwd: folder, env });
    await serve.line('ready');
    const skipup = new SkipUpClient({ apiKey: SECRETS.apiKey, baseUrl: sandbox.apiBaseUrl });
    await followSkipUpEndpoint(skipup, `http://127.0.0.1:${servePort}/webhooks/skipup`);
    await skipup.close();
  });

  afterEach(async () => {
    await control('DELETE', '/faults');
  });

  afterAll(async () => {
    await endCommands();
    await sandbox?.close();
    await client?.close();
    await temporal?.stop();
    await database?.close();
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  async function control(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<unknown> {
    const answer = await request(`${sandbox.url}/_sandbox${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.body.text();
    expect(answer.statusCode, text).toBeLessThan(300);
    return text === '' ? undefined : JSON.parse(text);
  }

  async function worker(): Promise<RunningCommand> {
    const started = startCommand(['worker'], { cwd: folder, env });
    await started.line('ready');
    return started;
  }

  const inPhase = (dealId: string, phase: string, timeout = 40_000): Promise<KickoffStatus> =>
    vi.waitFor(
      async () => {
        const known = await client.client.workflow.getHandle(kickoffWorkflowId(dealId)).query(status);
        expect(known.phase).toBe(phase);
        return known;
      },
      { timeout, interval: 200 },
    );

  async function newDeal(id: string): Promise<string> {
    const { acmeDeal } = await import('../../../sandbox/index.ts');
    const { id: _acme, ...deal } = acmeDeal;
    await control('PUT', `/crm/deals/${id}`, deal);
    return id;
  }

  it('a worker that is killed in the middle of its call leaves one request, and another worker finishes', async () => {
    const first = await worker();
    // SkipUp accepts, and holds back its answer until the worker is dead.
    await control('POST', '/faults', {
      fault: 'delay',
      method: 'POST',
      path: '/meeting_requests',
      delayMs: 4_000,
      next: 1,
    });
    await control('POST', `/crm/deals/${ACME_DEAL_ID}/close`, {});
    await vi.waitFor(
      async () => {
        const rows = await database.db.selectFrom('meeting_requests').selectAll().execute();
        expect(rows).toHaveLength(1);
      },
      { timeout: 20_000, interval: 20 },
    );
    await first.end('SIGKILL');
    const second = await worker();
    const { request: made } = await inPhase(ACME_DEAL_ID, 'scheduling', 60_000);
    await control('POST', `/meeting_requests/${made?.id}/events`, { event: 'booked' });
    await inPhase(ACME_DEAL_ID, 'done');
    const { length } = await everyRequest();
    expect(length).toBe(1);
    await second.end('SIGTERM');
    expect(await second.exited).toBe(0);
  }, 150_000);

  it('while Temporal is down webhooks are acknowledged and kept, and when it is back the kickoff runs', async () => {
    const dealId = await newDeal('5099999999');
    const working = await worker();
    await client.close();
    await temporal.stop();
    const readiness = await request(`http://127.0.0.1:${servePort}/readyz`);
    expect(readiness.statusCode).toBe(503);
    expect(JSON.stringify(await readiness.body.json())).toMatch(/temporal/i);
    await control('POST', `/crm/deals/${dealId}/close`, {});
    await vi.waitFor(
      async () => {
        const row = await database.db
          .selectFrom('inbox')
          .selectAll()
          .where('subject', '=', dealId)
          .executeTakeFirstOrThrow();
        expect(row.status).toBe('pending');
        expect(row.attempts).toBeGreaterThan(0);
      },
      { timeout: 20_000, interval: 100 },
    );
    temporal = await startTemporal();
    client = await connect(temporalConfigFor(temporal.address, 'default'));
    await inPhase(dealId, 'scheduling', 90_000);
    await working.end('SIGTERM');
  }, 180_000);

  it('every webhook is lost: the sweep, asked for by hand, brings the kickoff to its end', async () => {
    const dealId = await newDeal('5088888888');
    const working = await worker();
    const schedule = await command('schedules', 'list');
    expect(schedule).toMatchObject({
      code: 0,
      lines: [
        { id: 'kickoff-sweep', everyMinutes: 5, isPaused: false },
        { id: 'kickoff-catch-up', everyMinutes: 15, isPaused: false },
      ],
    });

    await control('POST', '/faults', { fault: 'webhook_drop' });
    await control('POST', `/crm/deals/${dealId}/close`, {});
    const { request: made } = await inPhase(dealId, 'scheduling');
    await control('POST', `/meeting_requests/${made?.id}/events`, { event: 'booked' });
    const swept = await command('sweep');
    expect(swept.code, swept.message).toBe(0);
    expect(swept.lines[0]).toMatchObject({
      requests: {
        takenIn: 1,
        noticed: [{ workflowId: kickoffWorkflowId(dealId), event: 'booked', requestId: made?.id }],
      },
      problems: [],
    });
    await inPhase(dealId, 'done');

    const again = await command('sweep');
    expect(again.lines[0]).toMatchObject({ requests: { takenIn: 0, noticed: [] } });
    const doctor = await command('doctor');
    expect(doctor.lines).toContainEqual(expect.objectContaining({ name: 'sweep', ok: true }));
    expect(doctor.lines).toContainEqual(expect.objectContaining({ name: 'Schedules', ok: true }));
    expect(doctor.code, JSON.stringify(doctor.lines)).toBe(0);

    const { organizer } = await inPhase(dealId, 'done');
    await control('POST', `/members/${organizer?.email}/deactivate`);
    await command('sweep');
    const { lines } = await command('doctor');
    expect(lines).toContainEqual(
      expect.objectContaining({
        name: 'organizers',
        ok: false,
        detail: expect.stringContaining(organizer?.email ?? '?'),
      }),
    );
    await working.end('SIGTERM');
  }, 120_000);

  async function command(...args: string[]) {
    const started = startCommand(args, { cwd: folder, env });
    const code = await started.exited;
    return { code, message: started.stderr(), lines: started.lines };
  }

  async function everyRequest(): Promise<unknown[]> {
    const answer = await request(`${sandbox.apiBaseUrl}/meeting_requests?limit=100`, {
      headers: { authorization: `Bearer ${SECRETS.apiKey}` },
    });
    const { data } = (await answer.body.json()) as { data: unknown[] };
    return data;
  }
});
