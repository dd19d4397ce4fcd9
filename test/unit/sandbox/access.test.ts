import { describe, expect, it } from 'vitest';
import { acmeRequest, created, newKey, running } from './running.ts';

describe('keys, scopes and the rate limit', () => {
  it.each([
    ['no key', null, {}],
    ['an unknown key', 'sk_live_unknown', {}],
    ['a key without its prefix', 'abc', {}],
    ['another scheme', null, { authorization: 'Basic c2tfYTpi' }],
    ['an empty Bearer', null, { authorization: 'Bearer ' }],
  ])('answers 401 to %s', async (_name, key, headers) => {
    const sandbox = await running();
    const { status, error } = await sandbox.api('GET /meeting_requests', { key, headers });
    expect([status, error.type]).toEqual([401, 'unauthorized']);
    expect(error.message).not.toBe('');
  });

  const CALLS: Record<string, string[]> = {
    'meeting_requests.read': ['GET /meeting_requests', 'GET /meeting_requests/mr_x'],
    'meeting_requests.write': [
      'POST /meeting_requests',
      ...['cancel', 'pause', 'resume', 'change_organizer', 'context'].map(
        (call) => `POST /meeting_requests/mr_x/${call}`,
      ),
    ],
    'members.read': ['GET /workspace_members'],
    'webhooks.read': [
      'GET /webhook_endpoints',
      'GET /webhook_endpoints/we_x',
      'GET /webhook_endpoints/we_x/deliveries',
    ],
    'webhooks.write': [
      'POST /webhook_endpoints',
      'PATCH /webhook_endpoints/we_x',
      'DELETE /webhook_endpoints/we_x',
      'POST /webhook_endpoints/we_x/test',
    ],
  };
  const ALL = [...Object.keys(CALLS), 'members.write'];
  it.each(Object.keys(CALLS))('%s lets its calls through and no other scope does', async (scope) => {
    const sandbox = await running();
    const only = await newKey(sandbox, [scope]);
    const others = await newKey(
      sandbox,
      ALL.filter((name) => name !== scope),
    );
    for (const route of CALLS[scope] ?? []) {
      const without = await sandbox.api(route, { key: others });
      expect([route, without.status, without.error.type]).toEqual([route, 403, 'forbidden']);
      expect(without.error.message).toContain(scope);
      expect([200, 404, 422]).toContain((await sandbox.api(route, { key: only })).status);
    }
  });

  it('answers 429 to the 121st call within a minute, per key, and goes on in the next', async () => {
    const sandbox = await running();
    const other = await newKey(sandbox);
    const statuses: number[] = [];
    for (let n = 0; n < 121; n += 1) statuses.push((await sandbox.api('GET /workspace_members')).status);
    expect(statuses.lastIndexOf(200)).toBe(119);
    const { status, error } = await sandbox.api('GET /workspace_members');
    expect([status, error.type]).toEqual([429, 'rate_limited']);
    expect((await sandbox.api('GET /workspace_members', { key: other })).status).toBe(200);
    await sandbox.advance('61s');
    expect((await sandbox.api('GET /workspace_members')).status).toBe(200);
  });

  it('lists active members only, by e-mail and role', async () => {
    const sandbox = await running();
    const emails = async (query = '') =>
      (await sandbox.api(`GET /workspace_members${query}`)).list.map((member) => member.email);
    await sandbox.control('POST /members', { email: 'Kim@YourCompany.example', name: 'Kim', role: 'csm' });
    expect(await emails('?role=csm')).toEqual(['kim@yourcompany.example']);
    expect(await emails('?email=KIM@yourcompany.example')).toEqual(['kim@yourcompany.example']);
    await sandbox.control('POST /members/kim@yourcompany.example/deactivate');
    expect(await emails()).toEqual(['morgan.diaz@yourcompany.example', 'jordan.lee@yourcompany.example']);
    expect((await sandbox.api('GET /workspace_members?name=Kim')).status).toBe(422);
  });
});

describe('idempotency', () => {
  const headers = { 'idempotency-key': 'impl:acme-corp:kickoff:2026-02-10' };

  it('replays the original answer, as it was, and makes no second request', async () => {
    const sandbox = await running();
    const first = await sandbox.api('POST /meeting_requests', { body: acmeRequest(), headers });
    await sandbox.api(`POST /meeting_requests/${first.data.id}/cancel`);
    await sandbox.advance('23h59m');
    const again = await sandbox.api('POST /meeting_requests', { body: acmeRequest(), headers });
    expect([again.status, again.text]).toEqual([202, first.text]);
    expect((await sandbox.api('GET /meeting_requests')).list).toHaveLength(1);
    const posts = sandbox.events.filter((event) => event.type === 'api' && event.path === '/api/v1/meeting_requests');
    expect(posts.map((event) => 'replayed' in event)).toEqual([false, true, false]);
  });

  it('does not care for the order of fields', async () => {
    const sandbox = await running();
    const body = acmeRequest();
    const first = await sandbox.api('POST /meeting_requests', { body, headers });
    const turned = Object.fromEntries(Object.entries(body).reverse());
    expect((await sandbox.api('POST /meeting_requests', { body: turned, headers })).text).toBe(first.text);
  });

  it('forgets a key after 24 hours', async () => {
    const sandbox = await running();
    const first = await created(sandbox, {}, headers);
    await sandbox.advance('24h');
    expect((await created(sandbox, {}, headers)).id).not.toBe(first.id);
  });

  it('keeps keys apart by API key', async () => {
    const sandbox = await running();
    const first = await created(sandbox, {}, headers);
    const key = await newKey(sandbox);
    const other = await sandbox.api('POST /meeting_requests', { body: acmeRequest(), headers, key });
    expect(other.data.id).not.toBe(first.id);
  });

  it('refuses the same key with another body, or replays it when so set', async () => {
    const sandbox = await running();
    const first = await created(sandbox, {}, headers);
    const other = { body: acmeRequest({ include_introduction: false }), headers };
    const refusal = await sandbox.api('POST /meeting_requests', other);
    expect([refusal.status, refusal.error.type]).toEqual([422, 'invalid_request']);
    await sandbox.control('PATCH /settings', { idempotencyConflict: 'replay' });
    expect((await sandbox.api('POST /meeting_requests', other)).data.id).toBe(first.id);
  });

  it('does not keep a refusal: the corrected body goes through under the same key', async () => {
    const sandbox = await running();
    const wrong = { body: acmeRequest({ organizer_email: 'nobody@yourcompany.example' }), headers };
    expect((await sandbox.api('POST /meeting_requests', wrong)).status).toBe(422);
    expect((await sandbox.api('POST /meeting_requests', { body: acmeRequest(), headers })).status).toBe(202);
  });

  it('makes one request of ten calls at once', async () => {
    const sandbox = await running();
    const ids = await Promise.all(Array.from({ length: 10 }, async () => (await created(sandbox, {}, headers)).id));
    expect(new Set(ids).size).toBe(1);
  });
});
