import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Database, recordSweep } from '../../../database/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { SkipUpClient, WEBHOOK_EVENT_TYPES } from '../../../skipup/index.ts';
import { openPglite } from '../../harness/pglite.ts';
import { receivers, SKIPUP_SECRET } from '../triggers/stack.ts';
import { openConsole, type TestConsole } from './console.ts';

let database: Database;
let sandbox: Sandbox;
beforeAll(async () => {
  [database, sandbox] = await Promise.all([openPglite(), startSandbox({ port: 0, webhookSecret: SKIPUP_SECRET })]);
});
afterAll(async () => {
  await Promise.all([sandbox.close(), database.close()]);
});

/** A console of an installation that SkipUp delivers to. */
async function connected(as: 'operator' | 'viewer' = 'operator') {
  const skipup = new SkipUpClient({ apiKey: sandbox.apiKey, baseUrl: sandbox.apiBaseUrl, retry: { maxAttempts: 1 } });
  const { url } = await receivers(database);
  const skipupWebhookUrl = `${url}/webhooks/skipup`;
  return { skipup, skipupWebhookUrl, console: await openConsole(database, { as, skipup, skipupWebhookUrl }) };
}

const send = async (console: TestConsole, action: string, fields: Record<string, string>) =>
  await console.post(`/actions/${action}`, { attempt: randomUUID(), ...fields });

async function answerOf(console: TestConsole, answered: { headers: Headers }): Promise<string> {
  const page = await console(answered.headers.get('location') ?? '');
  return /<p class="answer[^>]*>(.*?)<\/p>/s.exec(page.text)?.[1] ?? '';
}

describe('SkipUp’s endpoint', () => {
  it('is shown with its deliveries, and whether they have come in', async () => {
    const { console, skipup, skipupWebhookUrl: url } = await connected();
    expect((await console('/webhooks')).text).toContain('No endpoint of the workspace leads to');
    const { id } = await skipup.webhookEndpoints.create({ url, events: [...WEBHOOK_EVENT_TYPES] });
    expect((await console('/webhooks')).text).toContain('SkipUp has sent nothing to it yet.');
    const asked = await send(console, 'webhooks.test', { on: id });
    expect(await answerOf(console, asked)).toContain('A test delivery is on its way');
    await vi.waitFor(async () => {
      const { text } = await console('/webhooks');
      expect(text).toContain('<span class="chip good">Delivered</span>');
      expect(text).toMatch(/<a href="\/inbox\/\d+">\d+<\/a> <span class="chip still">Ignored<\/span>/);
    }, 10_000);
    const { text } = await console('/webhooks');
    expect(text).toContain('<span class="chip good">On</span>');
    expect(text).toContain(`all ${WEBHOOK_EVENT_TYPES.length} that are needed`);
    expect(text).not.toContain('webhooks.enable');
  });

  it('is switched on again, for every event, by an operator who says why', async () => {
    const { console, skipup, skipupWebhookUrl: url } = await connected();
    const { id } = await skipup.webhookEndpoints.create({ url, events: ['meeting_request.booked'] });
    await skipup.webhookEndpoints.update(id, { enabled: false });
    const { text } = await console('/webhooks');
    expect(text).toContain('<span class="chip alert">Switched off</span>');
    expect(text).toContain('not told of meeting_request.created');
    expect((await send(console, 'webhooks.enable', { on: id })).status).toBe(422);
    const done = await send(console, 'webhooks.enable', { on: id, reason: 'the proxy is mended' });
    expect(await answerOf(console, done)).toBe('The endpoint is on, and told of every event.');
    const endpoint = await skipup.webhookEndpoints.get(id);
    expect(endpoint).toMatchObject({ enabled: true, events: expect.arrayContaining([...WEBHOOK_EVENT_TYPES]) });
  });

  it('of another installation is shown, and nothing is done to it; nor by who may only look', async () => {
    const { console, skipup, skipupWebhookUrl: url } = await connected();
    const other = await skipup.webhookEndpoints.create({ url: `${url}?other`, events: ['meeting_request.booked'] });
    const { text } = await console('/webhooks');
    expect(text).toContain('Other endpoints of the workspace');
    expect(text).not.toContain(`on=${other.id}`);
    const refused = await send(console, 'webhooks.test', { on: other.id });
    expect(refused).toMatchObject({ status: 409, text: expect.stringContaining('another installation’s') });
    expect((await send(console, 'webhooks.test', { on: 'we_unknown' })).status).toBe(409);
    const viewer = (await connected('viewer')).console;
    expect((await viewer('/webhooks')).text).not.toContain('/actions/webhooks');
    expect((await send(viewer, 'webhooks.test', { on: other.id })).status).toBe(403);
  });

  it('is known by the last sweep where there is no key, or SkipUp does not answer', async () => {
    const keyless = await openConsole(database);
    expect((await keyless('/webhooks')).text).toContain('No sweep has run yet.');
    const findings = { endpoint: 'missing', takenIn: 0, known: 0, advice: 'No endpoint delivers to <here>.' };
    await recordSweep(database.db, { part: 'deliveries', sweptAt: new Date('2026-02-10T09:00:00Z'), findings });
    const { text } = await keyless('/webhooks');
    expect(text).toContain('SKIPUP_API_KEY');
    expect(text).toContain('there was no endpoint');
    expect(text).toContain('No endpoint delivers to &lt;here&gt;.');
    const skipup = new SkipUpClient({ apiKey: 'sk_wrong', baseUrl: sandbox.apiBaseUrl, retry: { maxAttempts: 1 } });
    const refused = await openConsole(database, {
      skipup,
      skipupWebhookUrl: 'https://kickoff.example/webhooks/skipup',
    });
    const page = await refused('/webhooks');
    expect(page.status).toBe(200);
    expect(page.text).toContain('SkipUp cannot be asked now.');
  });
});
