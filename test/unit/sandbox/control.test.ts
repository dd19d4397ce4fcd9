import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { created, force, receiver, running, subscribe } from './running.ts';

describe('the control', () => {
  it('shows the state, with the slot that SkipUp never tells', async () => {
    const sandbox = await running();
    const { id } = await created(sandbox);
    await sandbox.advance('7d');
    const { body } = await sandbox.control('GET /state');
    expect(body).toMatchObject({
      seed: 'test',
      clock: { now: '2026-02-17T14:00:00.000Z', frozen: true, scale: 1 },
      settings: { rateLimitPerMinute: 120 },
      meeting_requests: [
        { id, status: 'booked', slot: { start: expect.any(String) }, calendar_event_id: expect.any(String) },
      ],
      crm: { deals: ['5012345678'] },
    });
    expect((await sandbox.control('GET /')).body).toEqual(body);
    expect(JSON.stringify(body)).not.toContain(sandbox.apiKey);
  });

  it('keeps a journal of calls, deliveries and conversation in one order', async () => {
    const sandbox = await running();
    const hook = await receiver(200);
    await subscribe(sandbox, hook.url);
    await created(sandbox, {}, { 'idempotency-key': 'impl:1' });
    await sandbox.advance('1h');
    await sandbox.api('GET /nothing');
    const { entries, last } = (await sandbox.control('GET /journal')).body;
    const journal = entries as { seq: number; type: string }[];
    expect(journal.map(({ seq }) => seq)).toEqual(journal.map((_, n) => n + 1));
    expect(last).toBe(journal.length);
    expect(journal.map(({ type }) => type)).toEqual(sandbox.events.map(({ type }) => type));
    expect(new Set(journal.map(({ type }) => type))).toEqual(
      new Set(['api', 'meeting_request', 'delivery', 'conversation']),
    );
    expect(journal.find(({ type }) => type === 'meeting_request')).toMatchObject({
      change: 'created',
      status: 'active',
    });
    expect(journal.filter(({ type }) => type === 'api')).toMatchObject([
      { method: 'POST', path: '/api/v1/webhook_endpoints', status: 201, key: 'main' },
      { idempotencyKey: 'impl:1', status: 202, body: { organizer_name: 'Jordan Lee' } },
      { method: 'GET', path: '/api/v1/nothing', status: 404 },
    ]);
    const later = (await sandbox.control(`GET /journal?after=${Number(last) - 1}`)).body.entries;
    expect(later).toMatchObject([{ seq: last }]);
    expect(JSON.stringify(entries)).not.toContain(sandbox.apiKey);
    expect((await sandbox.control('GET /journal?type=nothing')).status).toBe(400);
  });

  it('freezes, thaws, rescales and moves the clock, never back', async () => {
    const sandbox = await running();
    const clock = async (body: object) => await sandbox.control('POST /clock', body);
    expect((await clock({ now: '2026-02-11T00:00:00Z' })).body.now).toBe('2026-02-11T00:00:00.000Z');
    expect((await clock({ advance: '1d12h' })).body.now).toBe('2026-02-12T12:00:00.000Z');
    expect((await clock({ advance: 1500 })).body.now).toBe('2026-02-12T12:00:01.500Z');
    expect((await clock({ frozen: false, scale: 3600 })).body).toMatchObject({ frozen: false, scale: 3600 });
    expect((await clock({ frozen: true })).body.frozen).toBe(true);
    expect((await clock({ now: '2026-02-11T00:00:00Z' })).status).toBe(409);
    for (const wrong of [{ advance: 'tomorrow' }, { scale: 0 }, { speed: 2 }, { now: 'now' }]) {
      expect((await clock(wrong)).status).toBe(400);
    }
  });

  it('causes events as SkipUp or its people would, within the lifecycle', async () => {
    const sandbox = await running();
    const { id } = await created(sandbox);
    expect((await force(sandbox, id, 'organizer_changed')).status).toBe(400);
    const nobody = await force(sandbox, id, 'organizer_changed', { organizer_email: 'nobody@yourcompany.example' });
    expect(nobody.status).toBe(409);
    expect((await force(sandbox, id, 'resumed')).status).toBe(409);
    expect((await force(sandbox, id, 'created')).status).toBe(409);
    expect((await force(sandbox, id, 'booked')).body).toMatchObject({
      status: 'booked',
      slot: { start: expect.any(String) },
    });
    expect((await force(sandbox, id, 'booked')).status).toBe(409);
    expect((await force(sandbox, id, 'cancelled')).body).toMatchObject({ status: 'cancelled' });
    expect((await force(sandbox, id, 'cancelled')).status).toBe(409);
    expect((await force(sandbox, id, 'exploded')).status).toBe(400);
    expect((await force(sandbox, 'mr_unknown', 'booked')).status).toBe(404);
  });

  it('sends an event’s webhook alone, true or not', async () => {
    const sandbox = await running();
    const hook = await receiver(200);
    await subscribe(sandbox, hook.url, { events: ['meeting_request.cancelled'] });
    const { id } = await created(sandbox);
    await force(sandbox, id, 'cancelled', { webhook_only: true, was_booked: true });
    await sandbox.advance('1s');
    expect(hook.received.map(({ raw }) => JSON.parse(raw))).toMatchObject([{ id, was_booked: true }]);
    expect((await sandbox.api(`GET /meeting_requests/${id}`)).data.status).toBe('active');
  });

  it('adds members and takes them back', async () => {
    const sandbox = await running();
    const kim = { email: 'kim@yourcompany.example', name: 'Kim', role: 'csm', timezone: 'Europe/Berlin' };
    expect((await sandbox.control('POST /members', kim)).status).toBe(201);
    expect((await sandbox.control('POST /members', kim)).status).toBe(409);
    expect(
      (
        await sandbox.api('POST /meeting_requests', {
          body: { organizer_email: kim.email, participant_emails: ['a@b.example'] },
        })
      ).status,
    ).toBe(202);
    const gone = await sandbox.control(`POST /members/${kim.email}/deactivate`);
    expect(gone.data.deactivated_at).toBe('2026-02-10T14:00:00Z');
    expect((await sandbox.control(`POST /members/${kim.email}/deactivate`)).status).toBe(409);
    expect((await sandbox.control('POST /members/nobody@b.example/deactivate')).status).toBe(404);
    expect((await sandbox.control('POST /members', kim)).status).toBe(201);
  });

  it('starts again from nothing with the same key and the same ids', async () => {
    const sandbox = await running();
    const hook = await receiver('hang');
    await subscribe(sandbox, hook.url);
    const { id } = await created(sandbox, {}, { 'idempotency-key': 'impl:1' });
    await sandbox.control('POST /clock', { frozen: false, scale: 10 });
    const { status, body } = await sandbox.control('POST /reset');
    expect([status, body.meeting_requests, body.webhook_endpoints, body.faults]).toEqual([200, [], [], 0]);
    expect(body.clock).toMatchObject({ now: '2026-02-10T14:00:00.000Z', frozen: true, waitingTasks: 0 });
    expect((await created(sandbox, {}, { 'idempotency-key': 'impl:1' })).id).toBe(id);
    await sandbox.control('POST /reset', { seed: 'another' });
    expect((await created(sandbox)).id).not.toBe(id);
  });

  it('is not steered by a web page', async () => {
    const sandbox = await running();
    const post = (origin: string) =>
      fetch(`${sandbox.url}/_sandbox/reset`, { method: 'POST', headers: { origin, 'content-type': 'text/plain' } });
    expect((await post('https://evil.example')).status).toBe(403);
    expect((await post(sandbox.url)).status).toBe(200);
  });

  it.each([
    ['rebound.example', 403],
    ['rebound.example:3100', 403],
    ['localhost:3100', 200],
    ['[::1]:3100', 200],
    ['kickoff.localhost', 200],
    ['sandbox:3100', 200],
    ['host.docker.internal:3100', 200],
  ])('is not read under a name that a web page could have: %s', async (host, status) => {
    const sandbox = await running();
    const answer = await request(`${sandbox.url}/_sandbox/snapshot`, { headers: { host } });
    await answer.body.dump();
    expect(answer.statusCode).toBe(status);
  });

  it('answers what it does not know with 404, and malformed JSON with 400', async () => {
    const sandbox = await running();
    expect((await sandbox.control('GET /nothing')).status).toBe(404);
    const answer = await fetch(`${sandbox.url}/_sandbox/clock`, { method: 'POST', body: '{' });
    expect([answer.status, await answer.json()]).toEqual([400, { error: 'The body is not valid JSON.' }]);
    expect((await fetch(`${sandbox.url}/elsewhere`)).status).toBe(404);
  });

  it('goes on when a listener throws', async () => {
    const sandbox = await running({
      onEvent: () => {
        throw new Error('listener');
      },
    });
    expect((await created(sandbox)).status).toBe('active');
  });
});
