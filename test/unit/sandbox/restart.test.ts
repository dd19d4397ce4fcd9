import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { SandboxOptions } from '../../../sandbox/index.ts';
import { ACME_DEAL_ID, SandboxError, startSandbox } from '../../../sandbox/index.ts';
import type { Running } from './running.ts';
import { acmeRequest, created, endWithTest, force, receiver, running, subscribe } from './running.ts';

async function stateFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kickoff-sandbox-'));
  endWithTest(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'state', 'sandbox.json');
}

/** Starts again from a file, with nothing said but where it is. */
const again = (path: string, more: Omit<SandboxOptions, 'clock' | 'seed'> = {}) =>
  running({ stateFile: path, seed: undefined, clock: undefined, ...more });

const transcript = async (sandbox: Running, id: string) =>
  (await sandbox.control(`GET /meeting_requests/${id}/transcript`)).body;

describe('a sandbox with a state file', () => {
  it('goes on in the middle of a conversation as if it had never stopped', async () => {
    const whole = await running();
    const uninterrupted = await created(whole);
    await whole.advance('8d');

    const path = await stateFile();
    const first = await running({ stateFile: path });
    const { id } = await created(first);
    await first.advance('3h');
    await first.close();
    const second = await again(path);
    await second.advance('20h');
    await second.close();
    const third = await again(path);
    await third.advance('7d');
    expect(id).toBe(uninterrupted.id);
    expect(await transcript(third, id)).toEqual(await transcript(whole, id));
  });

  it('keeps a paused request’s conversation until it is resumed', async () => {
    const path = await stateFile();
    const first = await running({ stateFile: path });
    const { id } = await created(first);
    await first.advance('3h');
    await first.api(`POST /meeting_requests/${id}/pause`);
    await first.close();
    const second = await again(path);
    await second.advance('1d');
    await second.api(`POST /meeting_requests/${id}/resume`);
    await second.advance('8d');
    expect((await second.api(`GET /meeting_requests/${id}`)).data.status).toBe('booked');
  });

  it('keeps keys, secrets, idempotent answers, faults, members, the CRM and the clock', async () => {
    const path = await stateFile();
    const hook = await receiver(200);
    const first = await running({ stateFile: path });
    const endpoint = await subscribe(first, hook.url, { events: ['meeting_request.booked'] });
    const headers = { 'idempotency-key': 'impl:1' };
    const original = await first.api('POST /meeting_requests', { body: acmeRequest(), headers });
    await first.control('POST /members', { email: 'kim@yourcompany.example', name: 'Kim' });
    await first.control(`POST /crm/deals/${ACME_DEAL_ID}/close`);
    await first.control('POST /faults', { fault: 'status', status: 503, path: '/workspace_members', next: 2 });
    expect((await first.api('GET /workspace_members', { struck: true })).status).toBe(503);
    await fetch(first.slackWebhookUrl, { method: 'POST', body: '{"text":"hello"}' });
    await first.advance('23h');
    await first.close();

    const second = await again(path);
    expect([second.apiKey, second.seed, second.hubspot]).toEqual([first.apiKey, 'test', first.hubspot]);
    expect((await second.control('GET /clock')).body).toMatchObject({ now: '2026-02-11T13:00:00.000Z', frozen: true });
    expect((await second.api('POST /meeting_requests', { body: acmeRequest(), headers })).text).toBe(original.text);
    expect((await second.api('GET /workspace_members', { struck: true })).status).toBe(503);
    expect((await second.api('GET /workspace_members')).list).toHaveLength(3);
    const deal = await second.crm(`GET /objects/2026-03/0-3/${ACME_DEAL_ID}?properties=hs_is_closed_won`);
    expect(deal.body).toMatchObject({ properties: { hs_is_closed_won: 'true' } });
    expect((await second.control('GET /slack')).body).toMatchObject({ messages: [{ text: 'hello' }] });
    const { entries } = (await second.control('GET /journal?type=slack')).body;
    expect(entries).toMatchObject([{ type: 'slack', text: 'hello' }]);
    // What is new comes after what was: no id is given twice.
    expect((await created(second)).id).not.toBe(original.data.id);
    await force(second, original.data.id, 'booked');
    await second.advance('1s');
    expect(hook.received).toHaveLength(1);
    expect(await readFile(path, 'utf8')).toContain(endpoint.secret);
    await second.advance('1h');
    expect((await created(second, {}, headers)).id).not.toBe(original.data.id);
  });

  it('tries a webhook again that failed before the restart, when its time has come', async () => {
    const path = await stateFile();
    const hook = await receiver(500, 500, 200);
    const first = await running({ stateFile: path });
    await subscribe(first, hook.url, { events: ['meeting_request.created'] });
    await created(first);
    await first.advance('10s');
    expect(hook.received).toHaveLength(2);
    await first.close();
    const second = await again(path);
    await second.advance('5s');
    expect(hook.received).toHaveLength(2);
    await second.advance('10s');
    expect(hook.received).toHaveLength(3);
  });

  it('sends a webhook again that was under way at the end', async () => {
    const path = await stateFile();
    const hook = await receiver('hang');
    const first = await running({ stateFile: path });
    await subscribe(first, hook.url, { events: ['meeting_request.created'] });
    await created(first);
    await vi.waitFor(() => expect(hook.received).toHaveLength(1));
    await first.close();
    hook.answers = [200];
    const second = await again(path);
    await vi.waitFor(() => expect(hook.received).toHaveLength(2));
    await vi.waitFor(() => expect(second.events.filter(({ type }) => type === 'delivery')).toHaveLength(1));
    expect(second.events.find((event) => event.type === 'delivery')).toMatchObject({ outcome: 'success', attempt: 1 });
  });

  it('is written by itself soon after a change, for its owner only, and whole: a crash loses next to nothing', async () => {
    const path = await stateFile();
    const first = await running({ stateFile: path });
    const { id } = await created(first);
    await vi.waitFor(async () => expect(await readFile(path, 'utf8')).toContain(id), 3000);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const copy = `${path}.crashed`;
    await copyFile(path, copy);
    const second = await again(copy);
    expect((await second.api(`GET /meeting_requests/${id}`)).data.id).toBe(id);
    await second.advance('8d');
    expect((await second.api(`GET /meeting_requests/${id}`)).data.status).toBe('booked');
  });

  it('keeps every namespace, and what it starts again with at a reset', async () => {
    const path = await stateFile();
    const first = await running({ stateFile: path });
    const one = first.namespace({
      name: 'one',
      seed: 'test',
      clock: { frozenAt: '2026-02-10T14:00:00Z' },
      settings: { maxFollowUps: 1 },
    });
    const gone = first.namespace({ name: 'gone' });
    const body = acmeRequest();
    const { data } = await first.api('POST /meeting_requests', { key: one.apiKey, body });
    await gone.close();
    await first.close();
    const second = await again(path);
    expect((await second.control('GET /namespaces')).body).toMatchObject({
      namespaces: [{ name: 'main' }, { name: 'one', meetingRequests: 1 }],
    });
    await second.control('POST /namespaces/one/clock', { advance: '8d' });
    const booked = await second.api(`GET /meeting_requests/${data.id}`, { key: one.apiKey });
    expect(booked.data.status).toBe('booked');
    expect((await second.control('POST /namespaces/one/reset')).body).toMatchObject({
      settings: { maxFollowUps: 1 },
      clock: { now: '2026-02-10T14:00:00.000Z', frozen: true },
    });
  });

  it('lets options that are given win over what the file says', async () => {
    const path = await stateFile();
    const first = await running({ stateFile: path });
    await first.close();
    const second = await again(path, {
      apiKey: 'sk_sandbox_mine',
      hubspot: { accessToken: 'token' },
      settings: { maxFollowUps: 1 },
      fixture: { members: [{ email: 'kim@yourcompany.example', name: 'Kim' }] },
    });
    expect([second.apiKey, second.hubspot.accessToken]).toEqual(['sk_sandbox_mine', 'token']);
    expect((await second.control('GET /settings')).body).toMatchObject({ maxFollowUps: 1, followUpAfterHours: 24 });
    expect((await second.api('GET /workspace_members?email=kim@yourcompany.example')).list).toHaveLength(1);
  });

  it.each(['{"version": 1', '{"version": 99}', ''])('refuses to start from a file that says %j', async (text) => {
    const path = await stateFile();
    await (await running({ stateFile: path })).close();
    await writeFile(path, text);
    const start = startSandbox({ stateFile: path });
    await expect(start).rejects.toMatchObject({ code: 'state_unreadable', message: expect.stringContaining(path) });
    expect(await readFile(path, 'utf8')).toBe(text);
  });
});

describe('starting', () => {
  it('names every fault of its options', async () => {
    const start = startSandbox({
      port: -1,
      apiKey: 'abc',
      fixture: { people: { 'a@b.example': { replyAfterHours: -1 } } },
    });
    const error = await start.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SandboxError);
    expect(error).toMatchObject({ code: 'invalid_options' });
    for (const path of ['port', 'apiKey', 'fixture.people.a@b.example.replyAfterHours'])
      expect(String(error)).toContain(path);
  });

  it('says so when its port is in use', async () => {
    const first = await running();
    const start = startSandbox({ port: Number(new URL(first.url).port) });
    await expect(start).rejects.toMatchObject({
      code: 'address_in_use',
      message: expect.stringMatching(/^Port \d+ is in use/),
    });
  });

  it('takes new secrets and a new seed each time, and writes none of them to the log', async () => {
    const logged: string[] = [];
    const { pino } = await import('pino');
    const logger = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
    const first = await running({ seed: undefined, logger });
    const second = await running({ seed: undefined });
    expect([first.apiKey, first.seed]).not.toEqual([second.apiKey, second.seed]);
    expect(first.apiKey).toMatch(/^sk_sandbox_[0-9a-f]{40}$/);
    const hook = await receiver(500);
    const { secret } = await subscribe(first, hook.url);
    await created(first, {}, { 'idempotency-key': 'k' });
    await created(first);
    await first.api('GET /meeting_requests', { key: 'sk_live_somebody_elses' });
    await first.advance('1d');
    expect(logged.length).toBeGreaterThan(5);
    for (const hidden of [
      first.apiKey,
      secret,
      first.hubspot.accessToken,
      first.hubspot.clientSecret,
      'somebody_elses',
    ]) {
      expect(logged.join('')).not.toContain(hidden);
    }
  });

  it('shows the wall clock when nothing else is asked for', async () => {
    const sandbox = await running({ clock: undefined });
    const before = Date.now();
    const { now, scale, frozen } = (await sandbox.control('GET /clock')).body;
    expect(Date.parse(String(now))).toBeGreaterThanOrEqual(before - 50);
    expect(Date.parse(String(now))).toBeLessThanOrEqual(Date.now() + 50);
    expect([scale, frozen]).toEqual([1, false]);
  });

  it('lets days pass in a moment under a fast clock', async () => {
    const anchor = new Date().toISOString();
    const sandbox = await running({ clock: { anchor, scale: 1_000_000 } });
    const start = new Date(Date.now()).toISOString();
    const end = new Date(Date.now() + 20 * 86_400_000).toISOString();
    const { id } = await created(sandbox, { context: { duration_minutes: 30, timeframe: { start, end } } });
    await vi.waitFor(
      async () => expect((await sandbox.api(`GET /meeting_requests/${id}`)).data.status).toBe('booked'),
      { timeout: 5000 },
    );
  });
});
