import { expect, test } from 'vitest';
import type { Drift } from '../../../skipup/index.ts';
import { clientOf, json, loopback } from './loopback.ts';

/** Everything that is documented of a meeting request. */
const documented = {
  id: 'mr_1',
  status: 'active',
  organizer_email: 'jordan@yourcompany.example',
  participant_emails: ['jamie@acme.example'],
  title: 'Kickoff',
  purpose: null,
  description: null,
  include_introduction: false,
  duration_minutes: 60,
  timeframe: { start: '2026-02-12T00:00:00Z', end: '2026-02-21T23:59:59Z' },
  created_at: '2026-02-10T00:00:00Z',
  updated_at: '2026-02-10T00:00:00Z',
};

/** What a client tells of such answers, one call for each. */
async function driftOf(...answers: Record<string, unknown>[]): Promise<Drift[]> {
  const server = await loopback(...answers.map((data) => json(200, { data })));
  const told: Drift[] = [];
  const client = clientOf(server, { onDrift: (drift) => told.push(drift) });
  for (const _answer of answers) await client.meetingRequests.get('mr_1');
  return told;
}

test('an answer as documented is told nothing of', async () => {
  expect(await driftOf(documented, { ...documented, booked_at: '2026-02-11T00:00:00Z' })).toEqual([]);
});

test.each<[string, Record<string, unknown>, Omit<Drift, 'schema'>]>([
  ['a number for a text', { title: 7 }, { path: 'title', expected: 'string', received: 'number' }],
  [
    'a text for a number',
    { duration_minutes: '60' },
    { path: 'duration_minutes', expected: 'number', received: 'string' },
  ],
  ['a list for an object', { timeframe: [] }, { path: 'timeframe', expected: 'object', received: 'array' }],
  [
    'an object for a list',
    { participant_emails: {} },
    { path: 'participant_emails', expected: 'array', received: 'object' },
  ],
  [
    'another kind within a list',
    { participant_emails: ['a@b.example', 7, 8] },
    { path: 'participant_emails[]', expected: 'string', received: 'number' },
  ],
  [
    'another kind within an object',
    { timeframe: { start: 1, end: 'x' } },
    { path: 'timeframe.start', expected: 'string', received: 'number' },
  ],
  [
    'a status nobody knows',
    { status: 'snoozed' },
    { path: 'status', expected: 'one of active, paused, booked, cancelled', received: 'unknown_value' },
  ],
  [
    'a field that is missing',
    { created_at: undefined },
    { path: 'created_at', expected: 'string', received: 'absent' },
  ],
  [
    'a missing switch',
    { include_introduction: undefined },
    { path: 'include_introduction', expected: 'boolean', received: 'absent' },
  ],
  ['a field more', { room: { secret: 'x' } }, { path: 'room', expected: 'nothing', received: 'unknown_field' }],
  [
    'a field more within',
    { timeframe: { start: 'x', end: 'y', zone: 'z' } },
    { path: 'timeframe.zone', expected: 'nothing', received: 'unknown_field' },
  ],
  [
    'a name that may be a person’s',
    { 'jamie@acme.example': 1 },
    { path: '(another name)', expected: 'nothing', received: 'unknown_field' },
  ],
])('%s is told once for the client, and refused never', async (_name, change, expected) => {
  const answer = { ...documented, ...change };
  expect(await driftOf(answer, answer, answer)).toEqual([{ schema: 'MeetingRequest', ...expected }]);
});

test('no value is told, whatever drifts', async () => {
  const told = await driftOf({
    ...documented,
    title: ['jamie'],
    status: 'jamie',
    x: 'jamie',
    'ja mie': 1,
    timeframe: 'jamie',
  });
  expect(told).toHaveLength(5);
  expect(JSON.stringify(told)).not.toContain('jamie');
});

test('every schema has its name, and what stands around them too', async () => {
  const server = await loopback(
    json(200, { data: [{ id: 'mem_1' }], meta: { has_more: false }, total: 1 }),
    json(200, { data: { id: 'we_1', secret: 's' } }),
    json(200, { data: [{ id: 'wd_1', status: 'lost', payload: { anything: 1 }, event_type: 7 }] }),
    json(200, { data: { delivery_id: 7 } }),
  );
  const told: string[] = [];
  const client = clientOf(server, {
    onDrift: ({ schema, path, received }) => told.push(`${schema} ${path} ${received}`),
  });
  await client.workspaceMembers.list().firstPage();
  await client.webhookEndpoints.get('we_1');
  await client.webhookEndpoints.deliveries('we_1').firstPage();
  await client.webhookEndpoints.test('we_1');
  expect(told).toEqual([
    'WorkspaceMember email absent',
    'WorkspaceMember name absent',
    'WorkspaceMember role absent',
    'WorkspaceMember deactivated_at absent',
    'WorkspaceMember created_at absent',
    'PageMeta limit absent',
    'Answer total unknown_field',
    ...['url', 'description', 'enabled', 'events', 'disabled_at', 'disabled_reason', 'created_at', 'updated_at'].map(
      (field) => `WebhookEndpoint ${field} absent`,
    ),
    'WebhookDelivery event_type number',
    'WebhookDelivery status unknown_value',
    ...['response_code', 'attempts', 'delivered_at', 'last_attempted_at', 'created_at'].map(
      (field) => `WebhookDelivery ${field} absent`,
    ),
    'WebhookTest delivery_id number',
    'WebhookTest status absent',
  ]);
});

test('names without end are not remembered without end', async () => {
  const fields = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`f${index}`, 1]));
  expect(await driftOf({ ...documented, ...fields })).toHaveLength(200);
});

test('another client tells again', async () => {
  const answer = { ...documented, title: 7 };
  expect(await driftOf(answer)).toEqual(await driftOf(answer));
});

test('a hook that throws fails no call, and without one nobody is told', async () => {
  const server = await loopback(json(200, { data: { ...documented, title: 7 } }));
  const client = clientOf(server, {
    onDrift: () => {
      throw new Error('no log');
    },
  });
  expect(await client.meetingRequests.get('mr_1')).toMatchObject({ id: 'mr_1', title: undefined });
  expect(await clientOf(server).meetingRequests.get('mr_1')).toMatchObject({ id: 'mr_1' });
});
