import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { Running } from './running.ts';
import { acmeRequest, created, endWithTest, newKey, receiver, running, subscribe, TUESDAY } from './running.ts';

const snapshot = async (sandbox: Running) => (await sandbox.control('GET /snapshot')).body;
const journal = async (sandbox: Running) => (await sandbox.control('GET /journal')).body.entries;
const transcript = async (sandbox: Running, id: string) =>
  (await sandbox.control(`GET /meeting_requests/${id}/transcript`)).body;

/** Some of everything, each step finished before the next. */
async function goOn(sandbox: Running) {
  const { id } = await created(sandbox, {}, { 'idempotency-key': 'impl:2' });
  await sandbox.advance('2d');
  await sandbox.api(`POST /meeting_requests/${id}/pause`);
  await sandbox.advance('1d');
  await sandbox.api(`POST /meeting_requests/${id}/resume`);
  await sandbox.control('POST /crm/deals/5012345678/close');
  await sandbox.advance('9d');
  return [
    await journal(sandbox),
    await transcript(sandbox, id),
    (await sandbox.control('GET /state')).body,
    (await sandbox.control('GET /crm/deals')).body,
  ];
}

describe('a snapshot', () => {
  it('restored, gives the same ids, replies, journal and state for the same inputs', async () => {
    const sandbox = await running();
    const hook = await receiver(200, 500, 500, 200);
    await subscribe(sandbox, hook.url);
    await created(sandbox, {}, { 'idempotency-key': 'impl:1' });
    await sandbox.control('POST /faults', { fault: 'webhook_duplicate', probability: 0.5 });
    await sandbox.advance('5h');
    const before = await snapshot(sandbox);
    hook.answers = [200];
    const first = await goOn(sandbox);
    expect((await sandbox.control('POST /restore', before)).status).toBe(200);
    expect(await snapshot(sandbox)).toEqual(before);
    expect(await goOn(sandbox)).toEqual(first);
  });

  it('can be restored by another sandbox, with its keys and secrets', async () => {
    const first = await running();
    const hook = await receiver(200);
    const endpoint = await subscribe(first, hook.url);
    const key = await newKey(first);
    const made = await created(first, {}, { 'idempotency-key': 'impl:1' });
    const taken = await snapshot(first);
    expect(JSON.stringify(taken)).toContain(endpoint.secret);
    const second = await running({ seed: 'another', clock: undefined });
    expect((await second.control('POST /restore', taken)).body).toMatchObject({
      meetingRequests: 1,
      clock: { now: '2026-02-10T14:00:00.000Z', frozen: true },
    });
    const replayed = await second.api('POST /meeting_requests', {
      key: first.apiKey,
      body: acmeRequest(),
      headers: { 'idempotency-key': 'impl:1' },
    });
    expect(replayed.data).toEqual(made);
    expect((await second.api('GET /meeting_requests', { key })).list).toHaveLength(1);
    expect((await second.api('GET /meeting_requests')).status).toBe(401);
  });

  it('keeps the calls that the rate limit counts, the faults that have struck and what was under way', async () => {
    const sandbox = await running({ settings: { rateLimitPerMinute: 5 } });
    const hook = await receiver('hang');
    await subscribe(sandbox, hook.url);
    await created(sandbox);
    await vi.waitFor(() => expect(hook.received).toHaveLength(1));
    await sandbox.control('POST /faults', { fault: 'status', status: 503, next: 2 });
    const statuses = async () => {
      const all: number[] = [];
      for (let n = 0; n < 6; n += 1) all.push((await sandbox.api('GET /workspace_members', { struck: true })).status);
      return all;
    };
    const taken = await snapshot(sandbox);
    expect(await statuses()).toEqual([503, 503, 200, 200, 200, 429]);
    hook.answers = [200];
    await sandbox.control('POST /restore', taken);
    expect(await statuses()).toEqual([503, 503, 200, 200, 200, 429]);
    await vi.waitFor(() => expect(hook.received).toHaveLength(2));
  });

  it('is not written to by a delivery that was under way when it was restored', async () => {
    const sandbox = await running();
    const hook = await receiver(200);
    let answer = (): void => undefined;
    hook.onDelivery = () =>
      new Promise<void>((resolve) => {
        answer = resolve;
      });
    const { id } = await subscribe(sandbox, hook.url);
    const empty = await snapshot(sandbox);
    await created(sandbox);
    await vi.waitFor(() => expect(hook.received).toHaveLength(1));
    await sandbox.control('POST /restore', empty);
    const told = sandbox.events.length;
    answer();
    await created(sandbox);
    await vi.waitFor(() => expect(hook.received).toHaveLength(2));
    answer();
    await vi.waitFor(() => expect(sandbox.events.slice(told).map(({ type }) => type)).toContain('delivery'));
    const { list } = await sandbox.api(`GET /webhook_endpoints/${id}/deliveries`);
    expect(list).toMatchObject([{ attempts: 1, status: 'success' }]);
    expect(sandbox.events.slice(told).filter(({ type }) => type === 'delivery')).toHaveLength(1);
  });

  it('is not moved by an advance that was under way when it was restored', async () => {
    const sandbox = await running();
    const hook = await receiver('hang');
    await subscribe(sandbox, hook.url, { events: ['meeting_request.booked'] });
    const empty = await snapshot(sandbox);
    await created(sandbox);
    const advance = sandbox.control('POST /clock', { advance: '9d' });
    await vi.waitFor(() => expect(hook.received).toHaveLength(1));
    await sandbox.control('POST /restore', empty);
    expect((await advance).status).toBe(200);
    expect((await sandbox.control('GET /clock')).body).toMatchObject({
      now: '2026-02-10T14:00:00.000Z',
      waitingTasks: 0,
    });
    await sandbox.advance('1h');
    expect((await sandbox.control('GET /clock')).body.now).toBe('2026-02-10T15:00:00.000Z');
    expect((await sandbox.api('GET /meeting_requests')).list).toEqual([]);
  });

  it('goes on with a clock that runs from what it showed', async () => {
    const sandbox = await running({ clock: { anchor: TUESDAY, scale: 1 } });
    await sandbox.control('PUT /snapshots/then');
    const shown = async () =>
      Date.parse(z.object({ now: z.string() }).parse((await sandbox.control('GET /clock')).body).now);
    const then = await shown();
    await sandbox.advance('3d');
    await sandbox.control('POST /snapshots/then/restore');
    expect((await shown()) - then).toBeLessThan(60_000);
  });

  it.each([
    ['nothing', undefined, 'This is no snapshot'],
    ['a list', [], 'expected object'],
    ['an empty object', {}, 'This is no snapshot'],
    ['a snapshot of another version', { kickoffSandbox: 99, namespace: 'main', state: {} }, 'version 2'],
    ['half of one', { kickoffSandbox: 2, namespace: 'main', state: { seed: 'test' } }, 'faults more'],
  ])('refuses %s and says why', async (_name, given, why) => {
    const sandbox = await running();
    const { id } = await created(sandbox);
    const { status, body } = await sandbox.control('POST /restore', given);
    expect([status, body.error]).toEqual([400, expect.stringContaining('The snapshot cannot be restored.')]);
    expect(String(body.error)).toContain(why);
    expect((await sandbox.api(`GET /meeting_requests/${id}`)).status).toBe(200);
  });

  it('refuses one that says something impossible of one field, by its path', async () => {
    const sandbox = await running();
    const taken = z.looseObject({ state: z.looseObject({}) }).parse(await snapshot(sandbox));
    const wrong = { ...taken, state: { ...taken.state, settings: { rateLimitPerMinute: -1 }, mainKeyId: 'key_none' } };
    const { status, body } = await sandbox.control('POST /restore', wrong);
    expect(status).toBe(400);
    expect(body.error).toContain('state.settings.rateLimitPerMinute');
    const keyless = { ...taken, state: { ...taken.state, mainKeyId: 'key_none' } };
    expect((await sandbox.control('POST /restore', keyless)).body.error).toContain('state.mainKeyId');
  });
});

describe('named snapshots', () => {
  it('are kept, listed, restored any number of times and deleted', async () => {
    const sandbox = await running();
    const hook = await receiver(200);
    await subscribe(sandbox, hook.url);
    const kept = await sandbox.control('PUT /snapshots/clean');
    expect([kept.status, kept.body]).toEqual([
      201,
      { name: 'clean', at: '2026-02-10T14:00:00Z', meetingRequests: 0, bytes: expect.any(Number) },
    ]);
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      ids.push((await created(sandbox)).id);
      await sandbox.advance('3d');
      expect((await sandbox.control('POST /snapshots/clean/restore')).body).toMatchObject({ meetingRequests: 0 });
    }
    expect(new Set(ids).size).toBe(1);
    await created(sandbox);
    await sandbox.control('PUT /snapshots/busy');
    await sandbox.control('POST /reset');
    expect((await sandbox.control('GET /snapshots')).body.snapshots).toMatchObject([
      { name: 'clean', meetingRequests: 0 },
      { name: 'busy', meetingRequests: 1 },
    ]);
    expect((await sandbox.control('DELETE /snapshots/clean')).status).toBe(204);
    expect((await sandbox.control('DELETE /snapshots/clean')).status).toBe(404);
    expect((await sandbox.control('POST /snapshots/clean/restore')).status).toBe(404);
    expect((await sandbox.control('PUT /snapshots/a%20b')).status).toBe(400);
  });

  it('belong to one namespace, and a namespace takes none with another’s keys', async () => {
    const sandbox = await running();
    const one = sandbox.namespace({ name: 'one', clock: { frozenAt: TUESDAY } });
    await sandbox.control('PUT /namespaces/one/snapshots/clean');
    expect((await sandbox.control('GET /snapshots')).body.snapshots).toEqual([]);
    const body = acmeRequest();
    expect((await sandbox.api('POST /meeting_requests', { key: one.apiKey, body })).status).toBe(202);
    expect((await sandbox.control('POST /namespaces/one/snapshots/clean/restore')).status).toBe(200);
    expect((await sandbox.api('GET /meeting_requests', { key: one.apiKey })).list).toEqual([]);
    const { status, body: refusal } = await sandbox.control('POST /namespaces/one/restore', await snapshot(sandbox));
    expect([status, refusal.error]).toEqual([409, expect.stringContaining('namespace main')]);
  });

  it('leave their mark in the state file once restored', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kickoff-sandbox-'));
    endWithTest(() => rm(folder, { recursive: true, force: true }));
    const stateFile = join(folder, 'sandbox.state');
    const first = await running({ stateFile });
    const { id } = await created(first);
    await first.control('PUT /snapshots/one');
    await created(first);
    await first.control('POST /snapshots/one/restore');
    await first.close();
    const second = await running({ stateFile, seed: undefined, clock: undefined });
    expect((await second.api('GET /meeting_requests')).list.map((request) => request.id)).toEqual([id]);
  });
});
