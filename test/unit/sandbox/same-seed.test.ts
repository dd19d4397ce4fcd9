import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Receiver, Running } from './running.ts';
import { ALL_EVENTS, acmeRequest, created, force, receiver, running, subscribe } from './running.ts';

/** Receivers listen on any free port. */
const withoutPorts = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value).replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1'));

/** Answers each body in its own way after a pause that is another one each time: who answers first must not matter. */
async function uneven(answerTo: (body: string) => number): Promise<Receiver> {
  const hook = await receiver(200);
  hook.onDelivery = async ({ raw }) => {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
    hook.answers = [answerTo(raw)];
  };
  return hook;
}

/** One body in three is refused whenever it comes. */
const moody = (body: string) => (createHash('sha256').update(body).digest().readUInt8(0) % 3 === 0 ? 503 : 200);

/** A workspace's fortnight: every call, every kind of event, faults by chance, a receiver that fails and one that does not. */
async function fortnight(seed: string) {
  const sandbox = await running({
    seed,
    fixture: { people: { 'pat.kumar@acme-corp.example': { neverReplies: true } } },
  });
  const settle = () => sandbox.advance('1s');
  await subscribe(sandbox, (await uneven(() => 200)).url);
  await subscribe(sandbox, (await uneven(moody)).url, { events: ALL_EVENTS.slice(0, 3) });
  await sandbox.control('POST /faults', {
    fault: 'status',
    status: 503,
    method: 'POST',
    path: '/meeting_requests',
    probability: 0.3,
  });
  await sandbox.control('POST /faults', { fault: 'webhook_duplicate', probability: 0.2 });
  const ids: string[] = [];
  for (let n = 0; n < 6; n += 1) {
    const answer = await sandbox.api('POST /meeting_requests', {
      body: acmeRequest({ campaign_id: `campaign ${n}` }),
      headers: { 'idempotency-key': `impl:${n}` },
      struck: true,
    });
    if (answer.status === 202) ids.push(answer.data.id);
    await settle();
  }
  const [one = '', two = '', three = ''] = ids;
  await sandbox.advance('4h');
  await sandbox.api(`POST /meeting_requests/${one}/pause`);
  await sandbox.advance('1d');
  await sandbox.api(`POST /meeting_requests/${one}/resume`);
  await settle();
  await sandbox.api(`POST /meeting_requests/${two}/change_organizer`, {
    body: { new_organizer_email: 'morgan.diaz@yourcompany.example' },
  });
  await settle();
  await sandbox.api(`POST /meeting_requests/${three}/context`, { body: { duration_minutes: 30 } });
  await sandbox.advance('5d');
  await force(sandbox, one, 'booked');
  await settle();
  await sandbox.control('POST /crm/deals/5012345678/close');
  await sandbox.advance('8d');
  return { ids, ...(await everything(sandbox, ids)), events: sandbox.events };
}

async function everything(sandbox: Running, ids: readonly string[]) {
  const endpoints = (await sandbox.api('GET /webhook_endpoints')).list;
  return {
    journal: (await sandbox.control('GET /journal')).body,
    state: (await sandbox.control('GET /state')).body,
    list: (await sandbox.api('GET /meeting_requests')).list,
    transcripts: await Promise.all(
      ids.map(async (id) => (await sandbox.control(`GET /meeting_requests/${id}/transcript`)).body),
    ),
    deliveries: await Promise.all(
      endpoints.map(async ({ id }) => (await sandbox.api(`GET /webhook_endpoints/${id}/deliveries?limit=100`)).list),
    ),
    deals: (await sandbox.control('GET /crm/deals')).body,
  };
}

it('The same seed gives the same ids, replies, slots and journal to the same calls, and another seed others', async () => {
  const first = await fortnight('one seed');
  expect(withoutPorts(await fortnight('one seed'))).toEqual(withoutPorts(first));
  expect(first.ids.length).toBeGreaterThan(2);
  expect(first.deliveries.flat().length).toBeGreaterThan(20);
  expect(new Set(first.events.map(({ type }) => type))).toEqual(
    new Set(['api', 'meeting_request', 'conversation', 'delivery', 'crm']),
  );
  const another = await fortnight('another seed');
  expect(another.ids.some((id) => first.ids.includes(id))).toBe(false);
});

it('A repeated run in another namespace of the same sandbox gives the same, too', async () => {
  const sandbox = await running();
  const slots = async () => {
    const { apiKey, controlUrl } = sandbox.namespace({ seed: 'one seed', clock: { frozenAt: '2026-02-10T14:00:00Z' } });
    const path = new URL(controlUrl).pathname.replace('/_sandbox', '');
    const { data } = await sandbox.api('POST /meeting_requests', { key: apiKey, body: acmeRequest() });
    await sandbox.control(`POST ${path}/clock`, { advance: '9d' });
    return (await sandbox.control(`GET ${path}/meeting_requests/${data.id}/transcript`)).body;
  };
  const first = await slots();
  expect(first.slot).toMatchObject({ start: expect.stringMatching(/^2026-02-/) });
  expect(await slots()).toEqual(first);
  expect((await created(sandbox)).id).not.toBe(first.id);
});
