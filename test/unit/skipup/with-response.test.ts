import { expect, test } from 'vitest';
import { SkipUpPromise } from '../../../skipup/index.ts';
import { KEY, kickoff } from './fixtures.ts';
import { clientOf, errorOf, hangUp, json, loopback, meeting, refusal, text } from './loopback.ts';

test('a call can tell of its answer beside its data', async () => {
  const server = await loopback(
    json(200, { data: { id: 'mr_1', status: 'active' } }, { 'x-request-id': 'req_1', 'x-plan': 'pro' }),
  );
  const { data, response } = await clientOf(server).meetingRequests.get('mr_1').withResponse();
  expect(data).toMatchObject({ id: 'mr_1', status: 'active' });
  expect(response).toMatchObject({
    status: 200,
    requestId: 'req_1',
    text: '{"data":{"id":"mr_1","status":"active"}}',
    attempts: 1,
  });
  expect(response.headers.get('X-Plan')).toBe('pro');
  expect(server.seen).toHaveLength(1);
});

test('asking for the response sends nothing more, and the data can be had beside it', async () => {
  const server = await loopback(meeting());
  const call = clientOf(server).meetingRequests.get('mr_1');
  const [request, { data }, response] = await Promise.all([call, call.withResponse(), call.asResponse()]);
  expect(data).toBe(request);
  expect(response.status).toBe(200);
  expect(server.seen).toHaveLength(1);
});

test('every call can', async () => {
  const endpoint = json(200, { data: { id: 'we_1' } });
  const server = await loopback(
    meeting({}, 202),
    ...Array.from({ length: 6 }, () => meeting()),
    ...Array.from({ length: 3 }, () => endpoint),
    json(200, { data: { delivery_id: 'wd_1' } }),
    text(204, ''),
  );
  const { meetingRequests, webhookEndpoints } = clientOf(server);
  const calls: SkipUpPromise<unknown>[] = [];
  const ask = async (call: SkipUpPromise<unknown>) => {
    await call;
    calls.push(call);
  };
  await ask(meetingRequests.create(kickoff, { idempotencyKey: KEY }));
  await ask(meetingRequests.get('mr_1'));
  await ask(meetingRequests.cancel('mr_1'));
  await ask(meetingRequests.pause('mr_1'));
  await ask(meetingRequests.resume('mr_1'));
  await ask(meetingRequests.changeOrganizer('mr_1', 'a@b.example'));
  await ask(meetingRequests.updateContext('mr_1', { title: 'x' }));
  await ask(webhookEndpoints.create({ url: 'https://a.example', events: ['member.deactivated'] }));
  await ask(webhookEndpoints.get('we_1'));
  await ask(webhookEndpoints.update('we_1', { enabled: true }));
  await ask(webhookEndpoints.test('we_1'));
  await ask(webhookEndpoints.delete('we_1'));
  const statuses = await Promise.all(calls.map(async (call) => (await call.asResponse()).status));
  expect(statuses).toEqual([202, ...Array.from({ length: 10 }, () => 200), 204]);
});

test('a page of a list brings its answer along', async () => {
  const server = await loopback(json(200, { data: [{ id: 'mem_1' }] }, { 'x-request-id': 'req_2' }));
  const page = await clientOf(server).workspaceMembers.list().firstPage();
  expect(page.response).toMatchObject({ status: 200, requestId: 'req_2', text: '{"data":[{"id":"mem_1"}]}' });
});

test('attempts count what was repeated and what was looked up', async () => {
  const server = await loopback(refusal(503, 'down'), meeting(), hangUp, meeting({ status: 'paused' }));
  const client = clientOf(server, { retry: { maxAttempts: 2 } });
  expect((await client.meetingRequests.get('mr_1').asResponse()).attempts).toBe(2);
  // The data is of the look, and so is the answer.
  const { data, response } = await client.meetingRequests.pause('mr_1').withResponse();
  expect(data.status).toBe('paused');
  expect(response.attempts).toBe(2);
  expect(JSON.parse(response.text).data.status).toBe('paused');
});

test('a delete that was done by an attempt without answer shows the 404 it found', async () => {
  const server = await loopback(hangUp, refusal(404, 'not_found'));
  const client = clientOf(server, { retry: { maxAttempts: 2 } });
  expect(await client.webhookEndpoints.delete('we_1').asResponse()).toMatchObject({ status: 404, attempts: 2 });
});

test('a failure is told by whatever is waited for, and is nobody’s unhandled rejection', async () => {
  const server = await loopback(refusal(404, 'not_found'));
  const { meetingRequests } = clientOf(server);
  const unhandled: unknown[] = [];
  const listener = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', listener);
  expect(await errorOf(meetingRequests.get('mr_1').withResponse())).toMatchObject({ code: 'not_found' });
  expect(await errorOf(meetingRequests.get('mr_1').asResponse())).toMatchObject({ code: 'not_found' });
  expect(await errorOf(meetingRequests.get('mr_1'))).toMatchObject({ code: 'not_found' });
  expect(await errorOf(meetingRequests.get('').withResponse())).toMatchObject({ code: 'validation' });
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', listener);
  expect(unhandled).toEqual([]);
});

test('a call is a promise like any other', async () => {
  const server = await loopback(meeting());
  const call = clientOf(server).meetingRequests.get('mr_1');
  expect(call).toBeInstanceOf(Promise);
  expect(call).toBeInstanceOf(SkipUpPromise);
  const chained = call.then(({ id }) => id);
  expect(chained).not.toBeInstanceOf(SkipUpPromise);
  expect(await chained.finally(() => undefined)).toBe('mr_1');
});

test('headers keep their lines, and bytes that are no ASCII', async () => {
  const server = await loopback((response) => {
    response.writeHead(
      200,
      [
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
        ['x-name', Buffer.from('日本', 'utf8').toString('latin1')],
      ].flat(),
    );
    response.end('{"data":{"id":"mr_1","status":"active"}}');
  });
  const { headers } = await clientOf(server).meetingRequests.get('mr_1').asResponse();
  expect(headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  expect(Buffer.from(headers.get('x-name') ?? '', 'latin1').toString('utf8')).toBe('日本');
});
