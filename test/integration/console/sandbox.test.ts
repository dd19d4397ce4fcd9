import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consoleSandbox, createChanges } from '../../../cli/console-sandbox.ts';
import type { Database } from '../../../database/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { SkipUpClient } from '../../../skipup/index.ts';
import { openPglite } from '../../harness/pglite.ts';
import { openConsole, seedKickoff, type TestConsole } from './console.ts';

const changes = createChanges();
let database: Database;
let sandbox: Sandbox;
beforeAll(async () => {
  [database, sandbox] = await Promise.all([
    openPglite(),
    startSandbox({ port: 0, clock: { frozenAt: '2026-02-10T14:00:00Z' }, onEvent: () => changes.notify() }),
  ]);
});
afterAll(async () => {
  await Promise.all([sandbox.close(), database.close()]);
});

async function open(as: 'operator' | 'viewer' = 'operator'): Promise<TestConsole> {
  const control = consoleSandbox({ url: sandbox.url, changes, signal: new AbortController().signal });
  return await openConsole(database, { as, sandbox: control, hasRecovery: true });
}

const send = async (console: TestConsole, action: string, fields: Record<string, string> = {}) =>
  await console.post(`/actions/sandbox.${action}`, { attempt: randomUUID(), on: 'sandbox', ...fields });

async function answerOf(console: TestConsole, answered: { headers: Headers }): Promise<string> {
  const page = await console(answered.headers.get('location') ?? '');
  return /<p class="answer[^>]*>(.*?)<\/p>/s.exec(page.text)?.[1] ?? '';
}

describe('the sandbox’s page', () => {
  it('is there in dev alone', async () => {
    const console = await openConsole(database);
    expect((await console('/sandbox')).status).toBe(404);
    expect((await console('/actions/sandbox.closeDeal?on=sandbox')).status).toBe(404);
    expect((await console('/')).text).not.toContain('href="/sandbox"');
  });

  it('begins with what can be made to happen', async () => {
    const { status, text } = await (await open())('/sandbox');
    expect(status).toBe(200);
    expect(text).toContain('action="/actions/sandbox.closeDeal"');
    expect(text).toContain('action="/actions/sandbox.submitForm"');
    expect(text).toContain('There is none yet: close the sample deal.');
    expect(text).toContain('10 Feb 2026, 14:00 UTC');
    expect(text).toContain('it stands still');
    expect(text).toContain(`href="${sandbox.url}/docs"`);
  });

  it('closes the sample deal, and leads to its kickoff', async () => {
    const workflowId = await seedKickoff(database, '5012345678');
    const done = await send(await open(), 'closeDeal');
    expect(done.headers.get('location')).toMatch(`/kickoffs/${encodeURIComponent(workflowId)}?`);
    const deal: unknown = await (await fetch(`${sandbox.url}/_sandbox/crm/deals/5012345678`)).json();
    expect(deal).toMatchObject({ properties: { dealstage: 'closedwon' } });
  });

  it('shows a conversation as it goes, moves the clock, and makes events happen', async () => {
    const skipup = new SkipUpClient({ apiKey: sandbox.apiKey, baseUrl: sandbox.apiBaseUrl });
    const { id } = await skipup.meetingRequests.create(
      {
        organizer_email: 'jordan.lee@yourcompany.example',
        participants: [{ email: 'pat@acme.example', name: '<script>Pat</script>' }],
        context: { title: 'Kickoff', purpose: 'To begin', duration_minutes: 30 },
      },
      { idempotencyKey: 'sandbox-page' },
    );
    const console = await open();
    expect((await console('/sandbox')).text).toContain(id);
    const told: string[] = [];
    const end = changes.subscribe(() => told.push('changed'));
    const moved = await send(console, 'advance', { by: 'next' });
    expect(await answerOf(console, moved)).toMatch(/The sandbox’s clock shows 2026-02-1\d \d\d:\d\d UTC/);
    await send(console, 'advance', { by: '1d' });
    end();
    expect(told.length).toBeGreaterThan(0);
    const { text } = await console('/sandbox');
    expect(text).toMatch(/<li><time[^>]*>[^<]+<\/time> <p><strong><bdi>[^<]+<\/bdi><\/strong>: /);
    expect(text).not.toContain('<script>Pat');
    await send(console, 'event', { on: id, event: 'cancelled' });
    expect((await skipup.meetingRequests.get(id)).status).toBe('cancelled');
    const again = await send(console, 'event', { on: id, event: 'cancelled' });
    expect(await answerOf(console, again)).toContain('The request is cancelled already');
    for (const fields of [{ on: id, event: 'made up' }, { on: id }]) {
      expect((await send(console, 'event', fields)).status).toBe(422);
    }
    expect((await send(console, 'advance', { by: '100y' })).status).toBe(422);
    await skipup.close();
  });

  it('puts faults in force and takes them back', async () => {
    const console = await open();
    await send(console, 'addFault', { kind: 'webhook-duplicate', times: '3', percent: '50' });
    const { text } = await console('/sandbox');
    expect(text).toContain('webhook duplicate');
    expect(text).toContain('3 of 3 times to go, in 50 of a hundred');
    const [, fault = ''] = /name="on" value="(fault_\w+)"/.exec(text) ?? [];
    expect(await answerOf(console, await send(console, 'removeFault', { on: fault }))).toBe('The fault is taken back.');
    expect((await console('/sandbox')).text).toContain('None: everything goes right.');
    const gone = await send(console, 'removeFault', { on: fault });
    expect(await answerOf(console, gone)).toContain(`There is no fault rule ${fault}`);
    for (const wrong of [{ kind: 'x' }, { kind: 'early', times: '0' }, { kind: 'early', percent: '101' }]) {
      expect((await send(console, 'addFault', wrong)).status, JSON.stringify(wrong)).toBe(422);
    }
  });

  it('is shown to viewers without a button, and says when the sandbox does not answer', async () => {
    const viewer = await open('viewer');
    expect((await viewer('/sandbox')).text).not.toContain('/actions/');
    expect((await send(viewer, 'closeDeal')).status).toBe(403);
    const { signal } = new AbortController();
    const nobody = consoleSandbox({ url: 'http://127.0.0.1:1', changes, signal });
    const console = await openConsole(database, { sandbox: nobody });
    expect(await console('/sandbox')).toMatchObject({
      status: 200,
      text: expect.stringContaining('The sandbox does not answer.'),
    });
    expect(await answerOf(console, await send(console, 'closeDeal'))).toContain('No sandbox answers at');
  });
});
