import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { NewNamespaceOptions } from '../../../sandbox/index.ts';
import type { Answer, Running } from './running.ts';
import { acmeRequest, created, receiver, running, subscribe, TUESDAY } from './running.ts';

const accessSchema = z.object({
  name: z.string(),
  seed: z.string(),
  apiKey: z.string(),
  organizer: z.string(),
  slackWebhookUrl: z.string(),
  controlUrl: z.string(),
  hubspot: z.object({ accessToken: z.string(), clientSecret: z.string() }),
});

/** The same calls as on the whole sandbox, for one of its namespaces. */
async function namespaceOf(sandbox: Running, options: NewNamespaceOptions = {}): Promise<Running> {
  const { status, text, body } = await sandbox.control('POST /namespaces', {
    seed: 'test',
    clock: { frozenAt: TUESDAY },
    ...options,
  });
  if (status !== 201) throw new Error(text);
  const access = accessSchema.parse(body);
  const control: Running['control'] = (route, given) =>
    sandbox.control(route.replace(' /', ` /namespaces/${access.name}/`), given);
  return {
    ...sandbox,
    ...access,
    control,
    api: (route, more = {}) => sandbox.api(route, { key: access.apiKey, ...more }),
    crm: (route, given, token = access.hubspot.accessToken) => sandbox.crm(route, given, token),
    advance: async (by) => {
      const answer = await control('POST /clock', { advance: by });
      if (answer.status !== 200) throw new Error(answer.text);
    },
  };
}

const ids = async (sandbox: Running) => (await sandbox.api('GET /meeting_requests')).list.map(({ id }) => id);
const journalTypes = async (sandbox: Running) => {
  const { entries } = (await sandbox.control('GET /journal')).body;
  return z
    .array(z.looseObject({ type: z.string() }))
    .parse(entries)
    .map(({ type }) => type);
};
const errorOf = ({ status, body }: Answer) => [status, String(body.error)];

describe('a namespace', () => {
  it('is a whole sandbox of its own: what happens in one leaves the others as they were', async () => {
    const sandbox = await running();
    const hook = await receiver(200);
    const one = await namespaceOf(sandbox, { name: 'one' });
    const two = await namespaceOf(sandbox, { name: 'two' });
    await subscribe(one, `${hook.url}/one`);
    const { id } = await created(one, {}, { 'idempotency-key': 'impl:1' });
    await one.control('PATCH /settings', { maxFollowUps: 1 });
    await one.control('POST /members', { email: 'kim@yourcompany.example', name: 'Kim' });
    await one.advance('7d');

    expect(await ids(one)).toEqual([id]);
    expect((await one.api(`GET /meeting_requests/${id}`)).data.status).toBe('booked');
    expect(hook.received.every(({ path }) => path === '/one')).toBe(true);
    for (const other of [sandbox, two]) {
      expect(await ids(other)).toEqual([]);
      expect((await other.api(`GET /meeting_requests/${id}`)).status).toBe(404);
      expect((await other.api('GET /webhook_endpoints')).list).toEqual([]);
      expect((await other.api('GET /workspace_members')).list).toHaveLength(2);
      expect((await other.control('GET /settings')).body.maxFollowUps).toBe(4);
      expect((await other.control('GET /clock')).body.now).toBe('2026-02-10T14:00:00.000Z');
      expect(new Set(await journalTypes(other))).toEqual(new Set(['api']));
    }
    // The same seed gives the same first id, and an idempotency key belongs to its API key.
    expect((await created(two, {}, { 'idempotency-key': 'impl:1' })).id).toBe(id);
  });

  it('is told by its API key, and limits the rate of each of its keys by itself', async () => {
    const sandbox = await running();
    const one = await namespaceOf(sandbox, { settings: { rateLimitPerMinute: 3 } });
    const { key } = (await one.control('POST /keys', { scopes: ['members.read'] })).body;
    expect((await sandbox.api('GET /meeting_requests', { key: String(key) })).status).toBe(403);
    await one.advance('2m');
    const statuses = async (given: string) => {
      const all = Array.from({ length: 4 }, () => sandbox.api('GET /workspace_members', { key: given }));
      return (await Promise.all(all)).map(({ status }) => status).sort();
    };
    expect(await statuses(one.apiKey)).toEqual([200, 200, 200, 429]);
    expect(await statuses(String(key))).toEqual([200, 200, 200, 429]);
    expect(await statuses(sandbox.apiKey)).toEqual([200, 200, 200, 200]);
    expect((await sandbox.api('GET /workspace_members', { key: 'sk_sandbox_nobody' })).status).toBe(401);
  });

  it('has a CRM, told by its access token, and a Slack webhook, told by its path', async () => {
    const sandbox = await running();
    const one = await namespaceOf(sandbox, { name: 'one', hubspot: { accessToken: 'token-one' } });
    const stage = { properties: { dealstage: 'closedwon' } };
    expect((await one.crm('PATCH /objects/2026-03/deals/5012345678', stage)).status).toBe(200);
    expect((await one.crm('GET /objects/2026-03/deals/5012345678')).body).toMatchObject({
      properties: { dealstage: 'closedwon' },
    });
    expect((await sandbox.crm('GET /objects/2026-03/deals/5012345678')).body).toMatchObject({
      properties: { dealstage: 'contractsent' },
    });
    expect((await sandbox.crm('GET /objects/2026-03/deals/5012345678', undefined, 'unknown')).status).toBe(401);

    const say = async (url: string) => {
      const answer = await fetch(url, { method: 'POST', body: '{"text":"hello"}' });
      return [answer.status, await answer.text()];
    };
    expect(await say(one.slackWebhookUrl)).toEqual([200, 'ok']);
    expect(await say(one.slackWebhookUrl.replace('/one/', '/nobody/'))).toEqual([404, 'no_service']);
    expect((await one.control('GET /slack')).body.messages).toHaveLength(1);
    expect((await sandbox.control('GET /slack')).body.messages).toHaveLength(0);
  });

  it('is struck by its own faults alone; a call with an unknown credential is for main', async () => {
    const sandbox = await running();
    const one = await namespaceOf(sandbox, { name: 'one' });
    await one.control('POST /faults', { fault: 'status', status: 503, path: '/workspace_members' });
    expect((await one.api('GET /workspace_members', { struck: true })).status).toBe(503);
    expect((await sandbox.api('GET /workspace_members')).status).toBe(200);
    await sandbox.control('POST /faults', { fault: 'status', status: 500, path: '/webhook_endpoints' });
    expect((await one.api('GET /webhook_endpoints')).status).toBe(200);
    expect((await one.api('GET /webhook_endpoints', { key: 'sk_nobody', struck: true })).status).toBe(500);
    expect((await one.api('GET /workspace_members', { key: null })).status).toBe(401);
  });

  it('tells its secrets once, and the list tells none', async () => {
    const sandbox = await running();
    const made = await sandbox.control('POST /namespaces', {
      name: 'one',
      apiKey: 'sk_test_one',
      webhookSecret: 'whsec_of_one',
      hubspot: { clientSecret: 'client-one' },
    });
    expect(made.body).toMatchObject({
      name: 'one',
      apiKey: 'sk_test_one',
      organizer: sandbox.organizer,
      hubspot: { clientSecret: 'client-one', accessToken: expect.stringMatching(/^pat-sandbox-/) },
      apiBaseUrl: sandbox.apiBaseUrl,
      controlUrl: `${sandbox.url}/_sandbox/namespaces/one`,
    });
    const list = await sandbox.control('GET /namespaces');
    expect(list.body).toMatchObject({ namespaces: [{ name: 'main', seed: 'test' }, { name: 'one' }] });
    for (const secret of ['sk_test_one', 'client-one', sandbox.apiKey]) expect(list.text).not.toContain(secret);
    const endpoint = await sandbox.api('POST /webhook_endpoints', {
      key: 'sk_test_one',
      body: { url: 'https://example.com', events: ['meeting_request.booked'] },
    });
    expect(endpoint.data.secret).toBe('whsec_of_one');
    expect((await fetch(String(made.body.controlUrl))).status).toBe(200);
  });

  it('refuses names, keys and tokens that are taken, and whatever is not valid', async () => {
    const sandbox = await running();
    const post = async (body: object) => errorOf(await sandbox.control('POST /namespaces', body));
    await namespaceOf(sandbox, { name: 'one', apiKey: 'sk_test_one' });
    expect(await post({ name: 'one' })).toEqual([409, expect.stringContaining('one')]);
    expect(await post({ name: 'main' })).toEqual([409, expect.stringContaining('main')]);
    expect(await post({ apiKey: 'sk_test_one' })).toEqual([409, expect.stringContaining('namespace one')]);
    expect(await post({ hubspot: { accessToken: sandbox.hubspot.accessToken } })).toEqual([
      409,
      expect.stringContaining('namespace main'),
    ]);
    for (const wrong of [{ name: 'No Spaces' }, { apiKey: 'abc' }, { port: 1 }, { clock: { scale: 1 } }, []]) {
      expect((await post(wrong))[0]).toBe(400);
    }
    expect((await sandbox.control('GET /namespaces')).body.namespaces).toHaveLength(2);
  });

  it('ends when it is deleted: its deliveries are given up, its key and its control are gone', async () => {
    const sandbox = await running();
    const hook = await receiver('hang');
    const one = await namespaceOf(sandbox, { name: 'one', clock: { anchor: TUESDAY, scale: 1000 } });
    await subscribe(one, hook.url);
    await created(one);
    await vi.waitFor(() => expect(hook.received).toHaveLength(1));
    expect((await sandbox.control('DELETE /namespaces/one')).status).toBe(204);
    expect((await one.api('GET /meeting_requests')).status).toBe(401);
    expect(errorOf(await one.control('GET /state'))).toEqual([404, 'There is no namespace one.']);
    expect((await sandbox.control('DELETE /namespaces/one')).status).toBe(404);
    expect((await sandbox.control('DELETE /namespaces/main')).status).toBe(409);
    await namespaceOf(sandbox, { name: 'one' });
    expect(hook.received).toHaveLength(1);
  });

  it('is reset without the others, and starts again with what it was made with', async () => {
    const sandbox = await running();
    const one = await namespaceOf(sandbox, {
      fixture: { members: [{ email: 'kim@yourcompany.example', name: 'Kim' }] },
      settings: { maxFollowUps: 1 },
    });
    const { id } = await created(sandbox);
    await created(one);
    await one.advance('3d');
    const { status, body } = await one.control('POST /reset');
    expect([status, body.namespace, body.meeting_requests]).toEqual([200, one.name, []]);
    expect(body).toMatchObject({ settings: { maxFollowUps: 1 }, clock: { now: '2026-02-10T14:00:00.000Z' } });
    expect((await one.api('GET /workspace_members')).list).toHaveLength(3);
    expect(await ids(sandbox)).toEqual([id]);
  });

  it('can be made in the same process, and tells the listener its name', async () => {
    const heard: string[] = [];
    const sandbox = await running({ onEvent: (_event, namespace) => heard.push(namespace) });
    const one = sandbox.namespace({ name: 'one', seed: 'test' });
    expect(() => sandbox.namespace({ name: 'one' })).toThrow(/already/);
    expect(() => sandbox.namespace({ name: '/' })).toThrow(/name:/);
    expect((await sandbox.api('POST /meeting_requests', { key: one.apiKey, body: acmeRequest() })).status).toBe(202);
    expect(new Set(heard)).toEqual(new Set(['one']));
    await one.close();
    await one.close();
    expect((await sandbox.api('GET /meeting_requests', { key: one.apiKey })).status).toBe(401);
  });

  it('runs side by side with forty others', async () => {
    const sandbox = await running();
    const all = await Promise.all(Array.from({ length: 40 }, (_, n) => namespaceOf(sandbox, { seed: `seed ${n}` })));
    const made = await Promise.all(
      all.map(async (one) => {
        const { id } = await created(one);
        await one.advance('9d');
        return [id, (await one.api(`GET /meeting_requests/${id}`)).data.status];
      }),
    );
    expect(new Set(made.map(([id]) => id)).size).toBe(40);
    expect(new Set(made.map(([, status]) => status))).toEqual(new Set(['booked']));
  });
});
