import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { connect } from '../../../temporal/index.ts';
import { kickoffWorkflowId, type Phase, status } from '../../../workflows/messages.ts';
import { copyPglite } from '../../harness/pglite.ts';
import { endCommands, isListening, type Line, type RunningCommand, startCommand } from '../../harness/process.ts';
import { realParts } from '../../harness/real-parts.ts';
import { temporalConfigFor } from '../../harness/temporal.ts';

const { temporalBinary, missing } = realParts();
const FREE_PORTS = ['--port', '0', '--sandbox-port', '0', '--temporal-port', '0', '--temporal-ui-port', '0'];
const DEAL = '5012345678';

interface Ready extends Line {
  serve: string;
  console: string;
  sandbox: string;
  temporal: string;
  secrets: { hubspotClientSecret: string; skipupWebhook: string };
}

describe.skipIf(temporalBinary === undefined)(`kickoff dev ${missing.temporal ?? ''}`, () => {
  const folders: string[] = [];
  afterEach(async () => {
    await endCommands();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  function newFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'kickoff-dev-'));
    folders.push(folder);
    return folder;
  }

  async function up(cwd: string): Promise<{ dev: RunningCommand; ready: Ready }> {
    const dev = startCommand(['dev', ...FREE_PORTS], { cwd });
    return { dev, ready: (await dev.line('ready')) as Ready };
  }

  async function phase(cwd: string): Promise<unknown> {
    const status = startCommand(['status', '--deal', DEAL], { cwd });
    await status.exited;
    return status.lines.find((line) => line.type === 'status')?.phase ?? status.stderr();
  }

  it('takes HubSpot’s signed event, and a kickoff in the middle of its wait goes on after a restart', async () => {
    const cwd = newFolder();
    const first = await up(cwd);
    const page = await request(first.ready.console);
    expect(first.ready.console).toContain(`${first.ready.serve}/sign-in/link/`);
    expect(await page.body.text()).toContain(', operator, and can be used once.');
    await control(first.ready, 'POST', `/crm/deals/${DEAL}/close`, { notify: false });
    expect(await sendDealClose(first.ready)).toBeLessThan(300);
    await first.dev.line('requested');
    await inPhase(first.ready, 'scheduling');
    expect(await phase(cwd)).toBe('scheduling');
    expect(await first.dev.end('SIGINT')).toBe(0);
    expect(await isListening(first.ready.temporal)).toBe(false);

    const second = await up(cwd);
    await inPhase(second.ready, 'scheduling');
    // Days of SkipUp’s conversation at once.
    await control(second.ready, 'POST', '/clock', { advance: '5d' });
    const booked = await second.dev.line('step');
    expect(booked).toMatchObject({ workflowId: `kickoff:${DEAL}` });
    await inPhase(second.ready, 'done');
    expect(await phase(cwd)).toBe('done');
    const deal = await control(second.ready, 'GET', `/crm/deals/${DEAL}`);
    expect(deal).toMatchObject({ properties: { kickoff_status: 'Kickoff Scheduled' } });
    expect(await second.dev.end('SIGTERM')).toBe(0);
  }, 120_000);

  it('says in one line that a port is in use, and ends with 1', async () => {
    const [one, two] = [newFolder(), newFolder()];
    for (const folder of [one, two]) await copyPglite(join(folder, '.kickoff', 'database'));
    const { ready } = await up(one);
    const port = new URL(ready.serve).port;
    const other = startCommand(['dev', ...FREE_PORTS.slice(2), '--port', port], { cwd: two });
    expect(await other.exited).toBe(1);
    expect(other.stderr().trim()).toMatch(/^Port \d+ is in use\. [^\n]*$/);
  });
});

/** Waits without starting a command for each look. */
async function inPhase({ temporal }: Ready, phase: Phase): Promise<void> {
  const { client, close } = await connect(temporalConfigFor(temporal, 'default'));
  try {
    await vi.waitFor(async () => {
      expect((await client.workflow.getHandle(kickoffWorkflowId(DEAL)).query(status)).phase).toBe(phase);
    });
  } finally {
    await close();
  }
}

async function control(ready: Ready, method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
  const answer = await request(`${ready.sandbox}/_sandbox${path}`, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  expect(answer.statusCode).toBeLessThan(300);
  return await answer.body.json();
}

async function sendDealClose({ serve, secrets }: Ready): Promise<number> {
  const url = `${serve}/triggers/hubspot`;
  const body = JSON.stringify([
    {
      eventId: 3816279340,
      subscriptionId: 25,
      portalId: 33,
      appId: 1160452,
      occurredAt: Date.now(),
      subscriptionType: 'deal.propertyChange',
      attemptNumber: 0,
      objectId: Number(DEAL),
      propertyName: 'dealstage',
      propertyValue: 'closedwon',
      changeSource: 'CRM_UI',
    },
  ]);
  const timestamp = String(Date.now());
  const signature = createHmac('sha256', secrets.hubspotClientSecret)
    .update(`POST${url}${body}${timestamp}`)
    .digest('base64');
  const answer = await request(url, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-hubspot-signature-v3': signature,
      'x-hubspot-request-timestamp': timestamp,
    },
  });
  await answer.body.dump();
  return answer.statusCode;
}
