import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureWebhooks, listWebhooks, testWebhooks } from '../../../cli/commands/webhooks.ts';
import { report } from '../../../cli/errors.ts';
import type { JsonDocument } from '../../../cli/output.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { SkipUpClient, WEBHOOK_EVENT_TYPES, type WebhookEndpoint } from '../../../skipup/index.ts';
import { endCommands, startCommand } from '../../harness/process.ts';

const SECRET = 'whsec_of_this_test';

interface Said {
  code: number | null;
  /** Why it failed. */
  message: string;
  lines: JsonDocument[];
}

describe('kickoff webhooks', () => {
  let sandbox: Sandbox;
  let client: SkipUpClient;
  let receiver: Server;
  let publicUrl: string;
  /** What SkipUp's deliveries are answered with. */
  let answer: number;

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      request.resume();
      response.writeHead(request.url === '/webhooks/skipup' ? answer : 404).end();
    });
    await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening));
    publicUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    receiver.closeAllConnections();
    await new Promise((closed) => receiver.close(closed));
  });
  beforeEach(async () => {
    answer = 204;
    sandbox = await startSandbox({ webhookSecret: SECRET });
    client = new SkipUpClient({ apiKey: sandbox.apiKey, baseUrl: sandbox.apiBaseUrl });
  });
  afterEach(async () => {
    await endCommands();
    await client.close();
    await sandbox.close();
  });

  const env = (secrets = SECRET) => ({
    SKIPUP_BASE_URL: sandbox.apiBaseUrl,
    SKIPUP_API_KEY: sandbox.apiKey,
    SKIPUP_WEBHOOK_SECRETS: secrets,
    PUBLIC_URL: publicUrl,
  });

  /** `kickoff webhooks <args>` in a process of its own. */
  async function started(args: string[]): Promise<Said> {
    const command = startCommand(['webhooks', ...args], { env: env() });
    const code = await command.exited;
    return { code, message: command.stderr().trim(), lines: command.lines };
  }

  /** The same command in this process: starting one takes a second. */
  async function kickoff([name, ...flags]: string[], secrets = SECRET): Promise<Said> {
    const lines: JsonDocument[] = [];
    const output = { json: true, interactive: false, emit: (line: JsonDocument) => void lines.push(line) };
    const context = { env: env(secrets), cwd: tmpdir(), output, signal: new AbortController().signal };
    const move = flags[0] === '--move' ? { move: flags[1] ?? '' } : {};
    try {
      if (name === 'ensure') await ensureWebhooks(context, { test: !flags.includes('--no-test'), ...move });
      else if (name === 'test') await testWebhooks(context, {});
      else await listWebhooks(context, {});
      return { code: 0, message: '', lines };
    } catch (error) {
      const { message, exitCode } = report(error);
      return { code: exitCode, message, lines };
    }
  }
  const endpoints = (): Promise<WebhookEndpoint[]> => client.webhookEndpoints.list().toArray({ limit: 100 });
  const url = () => `${publicUrl}/webhooks/skipup`;

  it('makes one endpoint for every event, sees a test delivery through, and makes no second one', async () => {
    const first = await started(['ensure']);
    expect(first).toMatchObject({
      code: 0,
      lines: [
        { action: 'created', url: url() },
        { type: 'test', ok: true },
      ],
    });
    const again = await started(['ensure']);
    expect(again).toMatchObject({ code: 0, lines: [{ action: 'unchanged' }, { type: 'test', ok: true }] });
    const known = await endpoints();
    expect(known).toHaveLength(1);
    expect(known[0]).toMatchObject({ url: url(), enabled: true, events: [...WEBHOOK_EVENT_TYPES] });
  });

  it('shows a new secret once and leaves the test for when the receivers have it', async () => {
    const { code, lines } = await kickoff(['ensure'], 'another_secret');
    expect(code).toBe(0);
    expect(lines).toMatchObject([{ action: 'created', secret: SECRET }, { command: 'kickoff webhooks test' }]);
    expect((await kickoff(['ensure'], 'another_secret')).lines[0]).not.toHaveProperty('secret');
  });

  it('mends an endpoint that is switched off or misses events, and says what it did', async () => {
    const made = await client.webhookEndpoints.create({ url: url(), events: ['meeting_request.booked'] });
    await client.webhookEndpoints.update(made.id, { enabled: false });
    const { code, lines } = await kickoff(['ensure', '--no-test']);
    expect(code).toBe(0);
    expect(lines).toMatchObject([{ action: 'updated', id: made.id }]);
    expect(lines[0]?.changes).toEqual([
      expect.stringContaining('meeting_request.cancelled'),
      'switched on (it was off: by a person)',
    ]);
    expect(await endpoints()).toMatchObject([{ id: made.id, enabled: true, events: [...WEBHOOK_EVENT_TYPES] }]);
  });

  it('leaves the endpoint of another installation alone unless it is named', async () => {
    const other = await client.webhookEndpoints.create({
      url: 'https://staging.example/webhooks/skipup',
      events: ['meeting_request.booked'],
      description: 'Kickoff',
    });
    await kickoff(['ensure']);
    expect(await endpoints()).toHaveLength(2);
    expect(await client.webhookEndpoints.get(other.id)).toMatchObject({
      url: 'https://staging.example/webhooks/skipup',
    });

    for (const { id } of (await endpoints()).filter((one) => one.id !== other.id))
      await client.webhookEndpoints.delete(id);
    const moved = await kickoff(['ensure', '--move', other.id]);
    expect(moved.lines[0]).toMatchObject({ action: 'updated', id: other.id });
    expect(await endpoints()).toMatchObject([{ id: other.id, url: url() }]);
  });

  it.each([
    [401, 'SKIPUP_WEBHOOK_SECRETS'],
    [404, 'PUBLIC_URL'],
  ])('says what to look at when the test delivery is answered %i', async (status, hint) => {
    await kickoff(['ensure', '--no-test']);
    answer = status;
    const { code, message } = await kickoff(['test']);
    expect(code).toBe(1);
    expect(message.split('\n')).toHaveLength(1);
    expect(message).toContain(`answered ${status}`);
    expect(message).toContain(hint);
  });

  it('says how to make the endpoint when there is none to test', async () => {
    const { code, message } = await started(['test']);
    expect(code).toBe(1);
    expect(message).toContain('kickoff webhooks ensure');
  });

  it('lists the endpoints with their state', async () => {
    const made = await client.webhookEndpoints.create({ url: url(), events: ['meeting_request.booked'] });
    await client.webhookEndpoints.update(made.id, { enabled: false });
    const { lines } = await started(['list']);
    expect(lines).toMatchObject([{ type: 'endpoint', id: made.id, enabled: false, own: true }]);
  });

  it('without PUBLIC_URL: one line that says so, exit code 2', async () => {
    const command = startCommand(['webhooks', 'ensure'], {
      env: { SKIPUP_API_KEY: sandbox.apiKey, PUBLIC_URL: undefined },
    });
    expect(await command.exited).toBe(2);
    expect(command.stderr()).toContain('PUBLIC_URL');
  });
});
