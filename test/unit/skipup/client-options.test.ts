import { inspect } from 'node:util';
import { Agent, MockAgent } from 'undici';
import { expect, test } from 'vitest';
import { SkipUpClient, type SkipUpClientOptions, SkipUpConfigurationError } from '../../../skipup/index.ts';
import { kickoff } from './fixtures.ts';
import { API_KEY, clientOf, loopback, meeting } from './loopback.ts';

test.each<[string, Partial<SkipUpClientOptions>]>([
  ['a key of something else', { apiKey: 'pk_live_123' }],
  ['a key with a line break', { apiKey: 'sk_live_topsecret\n' }],
  ['a prefix without a key', { apiKey: 'sk_' }],
  ['a base URL that is none', { baseUrl: 'api.skipup.ai' }],
  ['a base URL of a file', { baseUrl: 'file:///etc' }],
  ['a base URL with a password', { baseUrl: 'https://a:topsecret@api.skipup.ai' }],
  ['a base URL with a query', { baseUrl: 'https://api.skipup.ai/?a=1' }],
  ['a time-out of nothing', { timeouts: { headersMs: 0 } }],
  ['a time-out beyond all timers', { timeouts: { totalMs: 2 ** 31 } }],
  ['no attempt', { retry: { maxAttempts: 0 } }],
  ['half an attempt', { retry: { maxAttempts: 1.5 } }],
  ['a wait that is no number', { retry: { baseMs: Number.NaN } }],
  ['a user agent with a line break', { userAgent: 'a\r\nb' }],
])('%s is refused at once, without showing it', (_name, options) => {
  let error: unknown;
  try {
    new SkipUpClient({ apiKey: API_KEY, ...options });
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(SkipUpConfigurationError);
  expect(inspect(error)).not.toContain('topsecret');
  expect(inspect(error)).not.toContain(API_KEY);
});

test('the client shows its key nowhere', () => {
  const client = new SkipUpClient({ apiKey: API_KEY });
  expect(inspect(client, { depth: 20, showHidden: true })).not.toContain(API_KEY);
  expect(JSON.stringify(client)).not.toContain(API_KEY);
});

test('options given as undefined mean the default, and a slash too many is no fault', async () => {
  const server = await loopback(meeting());
  const client = new SkipUpClient({
    apiKey: API_KEY,
    baseUrl: `${server.baseUrl}//`,
    timeouts: { totalMs: undefined, headersMs: 1_000 },
    retry: { maxAttempts: undefined, sleep: undefined },
    onRequest: undefined,
    dispatcher: undefined,
    userAgent: 'kick/1',
  });
  await client.meetingRequests.get('mr_1');
  await client.close();
  expect(server.calls()).toEqual(['GET /meeting_requests/mr_1']);
  expect(server.seen[0]?.headers['user-agent']).toBe('kick/1');
});

test('a closed client says so, and closing twice is fine', async () => {
  const server = await loopback(meeting());
  const client = clientOf(server);
  await client.close();
  await client.close();
  await expect(client.meetingRequests.get('mr_1')).rejects.toMatchObject({ code: 'configuration' });
  await expect(client.meetingRequests.create(kickoff, { idempotencyKey: 'k' })).rejects.toMatchObject({
    code: 'configuration',
    ambiguous: false,
  });
  expect(server.seen).toHaveLength(0);
});

test('a dispatcher of the caller’s is used and stays open', async () => {
  const server = await loopback(meeting());
  const dispatched: string[] = [];
  const dispatcher = new Agent();
  const counting = dispatcher.compose((dispatch) => (options, handler) => {
    dispatched.push(options.path);
    return dispatch(options, handler);
  });
  const client = clientOf(server, { dispatcher: counting });
  await client.meetingRequests.get('mr_1');
  await client.close();
  expect(dispatched).toEqual(['/api/v1/meeting_requests/mr_1']);
  expect(dispatcher.closed).toBe(false);
  await dispatcher.close();
});

test('undici’s MockAgent stands in for a server', async () => {
  const dispatcher = new MockAgent();
  dispatcher.disableNetConnect();
  dispatcher
    .get('https://api.skipup.ai')
    .intercept({ path: '/api/v1/meeting_requests/mr_1' })
    .reply(200, { data: { id: 'mr_1', status: 'booked' } }, { headers: { 'x-request-id': 'req_1' } });
  const client = new SkipUpClient({ apiKey: API_KEY, dispatcher, retry: { maxAttempts: 1 } });
  const { data, response } = await client.meetingRequests.get('mr_1').withResponse();
  expect(data.status).toBe('booked');
  expect(response).toMatchObject({ status: 200, requestId: 'req_1' });
  await expect(client.meetingRequests.get('mr_2')).rejects.toMatchObject({ code: 'connection' });
  await dispatcher.close();
});
