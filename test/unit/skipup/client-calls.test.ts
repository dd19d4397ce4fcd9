import { expect, test } from 'vitest';
import { KEY, kickoff } from './fixtures.ts';
import { API_KEY, clientOf, json, loopback, meeting, text } from './loopback.ts';

test('create posts the body under its key and returns the accepted request', async () => {
  const server = await loopback(meeting({ title: kickoff.context?.title }, 202));
  const request = await clientOf(server).meetingRequests.create(kickoff, { idempotencyKey: KEY });
  expect(request).toMatchObject({ id: 'mr_1', status: 'active', title: kickoff.context?.title });
  expect(server.calls()).toEqual(['POST /meeting_requests']);
  expect(server.seen[0]?.body).toEqual(kickoff);
  expect(server.seen[0]?.headers).toMatchObject({
    authorization: `Bearer ${API_KEY}`,
    'idempotency-key': KEY,
    'content-type': 'application/json',
    accept: 'application/json',
    'user-agent': 'skipup-client',
  });
});

test('an answer needs id and status only; unknown fields are kept, odd ones read as absent', async () => {
  const data = { id: 'mr_1', status: 'thinking', title: 7, timeframe: null, new_field: { deep: [1] } };
  const server = await loopback(json(200, { data, request_id: 'x' }));
  const request = await clientOf(server).meetingRequests.get('mr_1');
  expect(request.status).toBe('thinking');
  expect(request.title).toBeUndefined();
  expect(request.new_field).toEqual({ deep: [1] });
});

test('ids are one path segment, whatever they hold', async () => {
  const server = await loopback(meeting());
  const client = clientOf(server);
  await client.meetingRequests.get('mr_ü%2F&=');
  expect(server.seen[0]?.path).toBe('/meeting_requests/mr_%C3%BC%252F%26%3D');
  for (const id of ['', '.', '..', 'a/b', 'a\\b', 'a?b', 'a#b', 'a b', 'a\nb', '\ud800', 'x'.repeat(256)]) {
    await expect(client.meetingRequests.get(id)).rejects.toMatchObject({ code: 'validation', status: undefined });
    await expect(client.meetingRequests.cancel(id)).rejects.toMatchObject({ code: 'validation' });
    await expect(client.webhookEndpoints.delete(id)).rejects.toMatchObject({ code: 'validation' });
    await expect(client.webhookEndpoints.deliveries(id).firstPage()).rejects.toMatchObject({ code: 'validation' });
  }
  expect(server.seen).toHaveLength(1);
});

test('each change of a meeting request goes to its path with its body', async () => {
  const server = await loopback(meeting());
  const { meetingRequests } = clientOf(server);
  await meetingRequests.cancel('mr_1');
  await meetingRequests.cancel('mr_1', { notify: true });
  await meetingRequests.pause('mr_1');
  await meetingRequests.resume('mr_1');
  await meetingRequests.changeOrganizer('mr_1', 'sam@yourcompany.example');
  await meetingRequests.updateContext('mr_1', { title: 'New', duration_minutes: 90 });
  expect(server.seen.map(({ method, path, body }) => [method, path, body])).toEqual([
    ['POST', '/meeting_requests/mr_1/cancel', undefined],
    ['POST', '/meeting_requests/mr_1/cancel', { notify: true }],
    ['POST', '/meeting_requests/mr_1/pause', undefined],
    ['POST', '/meeting_requests/mr_1/resume', undefined],
    ['POST', '/meeting_requests/mr_1/change_organizer', { new_organizer_email: 'sam@yourcompany.example' }],
    ['POST', '/meeting_requests/mr_1/context', { title: 'New', duration_minutes: 90 }],
  ]);
});

test('list sends its filters', async () => {
  const server = await loopback(json(200, { data: [], meta: { limit: 5, has_more: false } }));
  await clientOf(server)
    .meetingRequests.list({
      status: 'active',
      organizer_email: 'jordan.lee+a@yourcompany.example',
      participant_email: 'jamie.chen@acme.example',
      created_after: '2026-02-01T00:00:00Z',
      created_before: '2026-02-28',
      limit: 5,
      cursor: 'c 1',
    })
    .firstPage();
  expect(Object.fromEntries(server.seen[0]?.query ?? [])).toEqual({
    status: 'active',
    organizer_email: 'jordan.lee+a@yourcompany.example',
    participant_email: 'jamie.chen@acme.example',
    created_after: '2026-02-01T00:00:00Z',
    created_before: '2026-02-28',
    limit: '5',
    cursor: 'c 1',
  });
});

test('members are found by e-mail', async () => {
  const server = await loopback(json(200, { data: [{ id: 'mem_1', email: 'a@b.example', role: 'admin' }] }));
  const members = await clientOf(server).workspaceMembers.list({ email: 'a@b.example' }).toArray({ limit: 1 });
  expect(members).toEqual([{ id: 'mem_1', email: 'a@b.example', role: 'admin' }]);
  expect(server.calls()).toEqual(['GET /workspace_members']);
  expect(server.seen[0]?.query.get('email')).toBe('a@b.example');
});

test('webhook endpoints are made, read, changed, tested and deleted', async () => {
  const endpoint = { id: 'we_1', url: 'https://example.com/hooks', enabled: true, events: ['meeting_request.booked'] };
  const server = await loopback(
    json(201, { data: { ...endpoint, secret: 'whsec_1' } }),
    json(200, { data: endpoint }),
    json(200, { data: [endpoint], meta: { limit: 25, has_more: false } }),
    json(200, { data: endpoint }),
    json(200, { data: { delivery_id: 'wd_1', status: 'queued' } }),
    json(200, {
      data: [{ id: 'wd_1', status: 'failed', payload: { event: 'test' }, response_code: 500, attempts: 8 }],
    }),
    text(204, ''),
  );
  const { webhookEndpoints } = clientOf(server);
  const made = await webhookEndpoints.create({
    url: endpoint.url,
    events: ['meeting_request.booked'],
    headers: [{ key: 'X-Custom-Auth', value: 'my-secret-token' }],
  });
  expect(made.secret).toBe('whsec_1');
  expect(await webhookEndpoints.get('we_1')).toMatchObject(endpoint);
  expect(await webhookEndpoints.list().toArray({ limit: 5 })).toHaveLength(1);
  expect(await webhookEndpoints.update('we_1', { enabled: true })).toMatchObject(endpoint);
  expect(await webhookEndpoints.test('we_1')).toEqual({ delivery_id: 'wd_1', status: 'queued' });
  const [delivery] = await webhookEndpoints.deliveries('we_1', { status: 'failed' }).toArray({ limit: 1 });
  expect(delivery).toMatchObject({ id: 'wd_1', payload: { event: 'test' }, attempts: 8 });
  await webhookEndpoints.delete('we_1');
  expect(server.calls()).toEqual([
    'POST /webhook_endpoints',
    'GET /webhook_endpoints/we_1',
    'GET /webhook_endpoints',
    'PATCH /webhook_endpoints/we_1',
    'POST /webhook_endpoints/we_1/test',
    'GET /webhook_endpoints/we_1/deliveries',
    'DELETE /webhook_endpoints/we_1',
  ]);
  expect(server.seen[3]?.body).toEqual({ enabled: true });
  expect(server.seen[5]?.query.get('status')).toBe('failed');
});

test('hooks see every attempt, and neither key nor query', async () => {
  const server = await loopback(json(503, {}), json(200, { data: [] }, { 'x-request-id': 'req_7' }));
  const seen: unknown[] = [];
  const client = clientOf(server, {
    retry: { maxAttempts: 2 },
    onRequest: (info) => seen.push(info),
    onResponse: ({ durationMs, error, ...info }) => seen.push({ ...info, code: error?.code, timed: durationMs >= 0 }),
  });
  await client.meetingRequests.list({ participant_email: 'jamie.chen@acme.example' }).firstPage();
  const call = { method: 'GET', route: '/meeting_requests', path: '/meeting_requests' };
  expect(seen).toEqual([
    { ...call, attempt: 1 },
    { ...call, attempt: 1, status: 503, code: 'server', timed: true },
    { ...call, attempt: 2 },
    { ...call, attempt: 2, status: 200, requestId: 'req_7', code: undefined, timed: true },
  ]);
});

test('a hook that throws does not fail the call', async () => {
  const server = await loopback(meeting());
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  const client = clientOf(server, {
    onResponse: () => {
      throw new Error('metrics are down');
    },
  });
  expect(await client.meetingRequests.get('mr_1')).toMatchObject({ id: 'mr_1' });
  expect((await warned).message).toContain('metrics are down');
});
