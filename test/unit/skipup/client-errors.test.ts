import { inspect } from 'node:util';
import { Agent } from 'undici';
import { expect, test } from 'vitest';
import {
  SkipUpAuthenticationError,
  SkipUpDecodingError,
  SkipUpError,
  SkipUpInvalidStateError,
  SkipUpNotFoundError,
  SkipUpPermissionError,
  SkipUpRateLimitError,
  SkipUpServerError,
  SkipUpUnexpectedStatusError,
  SkipUpValidationError,
} from '../../../skipup/index.ts';
import { KEY, kickoff } from './fixtures.ts';
import { API_KEY, type Behaviour, clientOf, errorOf, json, loopback, refusal, text } from './loopback.ts';

test.each([
  [401, 'unauthorized', SkipUpAuthenticationError, 'authentication', false, false],
  [401, 'authentication_error', SkipUpAuthenticationError, 'authentication', false, false],
  [403, 'forbidden', SkipUpPermissionError, 'permission', false, false],
  [404, 'not_found', SkipUpNotFoundError, 'not_found', false, false],
  [400, 'bad_request', SkipUpValidationError, 'validation', false, false],
  [422, 'validation_error', SkipUpValidationError, 'validation', false, false],
  [422, 'something_new', SkipUpValidationError, 'validation', false, false],
  [422, 'invalid_request', SkipUpInvalidStateError, 'invalid_state', false, false],
  [429, 'rate_limited', SkipUpRateLimitError, 'rate_limited', true, false],
  [408, 'timeout', SkipUpServerError, 'server', true, true],
  [500, 'internal', SkipUpServerError, 'server', true, true],
  [503, 'unauthorized', SkipUpServerError, 'server', true, true],
  [302, 'moved', SkipUpUnexpectedStatusError, 'unexpected_status', false, false],
  [418, 'teapot', SkipUpUnexpectedStatusError, 'unexpected_status', false, false],
] as const)('status %i with type %s becomes its own class', async (status, type, kind, code, retryable, ambiguous) => {
  const server = await loopback(refusal(status, type, 'because', { 'x-request-id': 'req_1' }));
  const client = clientOf(server);
  const error = await errorOf(client.meetingRequests.create(kickoff, { idempotencyKey: KEY }));
  expect(error).toBeInstanceOf(kind);
  expect(error).toBeInstanceOf(SkipUpError);
  expect(error).toMatchObject({ name: kind.name, code, status, type, retryable, ambiguous, requestId: 'req_1' });
  expect(error).toHaveProperty('message', expect.stringContaining('because'));
  // The same failure of a read has changed nothing.
  expect(await errorOf(client.meetingRequests.get('mr_1'))).toMatchObject({ code, retryable, ambiguous: false });
});

test('what SkipUp says is part of one well-formed message, whether it ends in a full stop or not', async () => {
  const server = await loopback(refusal(429, 'rate_limited', 'Rate limit exceeded: 120 requests per minute.'));
  const error = await errorOf(clientOf(server).meetingRequests.get('mr_1'));
  expect(error).toHaveProperty('message', expect.stringContaining('120 requests per minute. Try again'));
});

test.each<[string, Behaviour, string | undefined]>([
  ['a plain string', json(403, { error: 'no such scope' }), 'no such scope'],
  ['a string that lies about the kind', json(403, { error: 'rate_limited' }), 'rate_limited'],
  ['an empty string', json(403, { error: '' }), undefined],
  ['an object of odd kinds', json(403, { error: { type: 7, message: ['a'] } }), undefined],
  ['no error at all', json(403, { message: 'hm' }), undefined],
  ['an array', json(403, []), undefined],
  ['a page of a gateway', text(403, '<html>Forbidden</html>'), undefined],
  ['nothing', text(403, ''), undefined],
  ['more than an error needs', text(403, `{"error":"${'x'.repeat(100_000)}"}`), undefined],
])('an error body that is %s leaves the status to decide', async (_name, behaviour, said) => {
  const server = await loopback(behaviour);
  const error = await errorOf(clientOf(server).meetingRequests.get('mr_1'));
  expect(error).toMatchObject({ code: 'permission', status: 403, type: undefined });
  expect(error).toHaveProperty('message', expect.stringContaining('meeting_requests.read'));
  if (said !== undefined) expect(error).toHaveProperty('message', expect.stringContaining(said));
});

test('what SkipUp says is shown on one line and not at full length', async () => {
  const server = await loopback(
    json(422, { error: { type: 'validation_error', message: `a\nb\u001b[31m${'c'.repeat(5000)}` } }),
  );
  const error = await errorOf(clientOf(server).meetingRequests.get('mr_1'));
  const { message } = error;
  expect(message).toContain('a b [31mccc');
  expect(message.length).toBeLessThan(800);
});

const echo: Behaviour = (response, seen) => {
  response.writeHead(401, { 'x-request-id': 'r' });
  response.end(
    JSON.stringify({ error: { type: `bad ${API_KEY}`, message: `no key like ${seen.headers.authorization}` } }),
  );
};
const echoString: Behaviour = json(500, { error: `key ${API_KEY} and sk_live_another_one` });
const echoRaw: Behaviour = (_response, _seen, request) => request.socket.end(`${API_KEY} is no HTTP\r\n\r\n`);
const echoLate: Behaviour = (_response, _seen, request) =>
  request.socket.end(`no HTTP ${'x'.repeat(20_000)} ${API_KEY}\r\n\r\n`);
const echoJson: Behaviour = text(200, `"${API_KEY}"}`);
const echoShape: Behaviour = json(200, { data: { id: 1, status: API_KEY } });
const hangUp: Behaviour = (_response, _seen, request) => request.socket.destroy();

test.each([
  ['an error body', echo],
  ['a plain error', echoString],
  ['something that is no HTTP', echoRaw],
  ['a long something that is no HTTP', echoLate],
  ['broken JSON', echoJson],
  ['another shape', echoShape],
  ['no answer', hangUp],
])('the API key shows in no error, even when the answer is %s with the key in it', async (_name, behaviour) => {
  const server = await loopback(behaviour);
  const error = await errorOf(clientOf(server).meetingRequests.create(kickoff, { idempotencyKey: KEY }));
  expect(error).toBeInstanceOf(SkipUpError);
  const chain: unknown[] = [];
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    chain.push(one.message, one.stack, { ...one }, Object.getOwnPropertyDescriptors(one));
  }
  const shown =
    inspect(error, { depth: 20, showHidden: true, maxStringLength: null }) +
    JSON.stringify(error) +
    String(error.stack) +
    JSON.stringify(chain);
  expect(shown).not.toContain(API_KEY);
  expect(shown).not.toContain(API_KEY.slice(8));
  expect(shown).not.toContain('sk_live_another');
});

test('a cause that shows the key, however deep in its own causes, is not kept as it is', async () => {
  class Leaking extends Agent {
    override dispatch(): boolean {
      let cause = new Error(`the header was Bearer ${API_KEY}`);
      for (let depth = 0; depth < 12; depth += 1) cause = new Error('because', { cause });
      throw cause;
    }
  }
  const client = clientOf({ baseUrl: 'http://127.0.0.1:9' }, { dispatcher: new Leaking() });
  const error = await errorOf(client.meetingRequests.get('mr_1'));
  expect(error).toMatchObject({ code: 'connection', cause: expect.objectContaining({ message: 'because' }) });
  expect(inspect(error, { depth: 50, showHidden: true })).not.toContain(API_KEY);
});

test.each<[string, Behaviour, boolean]>([
  ['JSON that breaks off', text(200, '{"data":{"id":"mr_1","sta'), true],
  ['a page of HTML', text(200, '<html></html>'), true],
  ['nothing', text(200, ''), true],
  ['JSON of another shape', json(200, { meeting: {} }), false],
  ['a meeting request without status', json(200, { data: { id: 'mr_1' } }), false],
  ['a meeting request with an empty id', json(200, { data: { id: '', status: 'active' } }), false],
  ['null', json(200, null), false],
])('%s in place of an answer is a decoding error, repeatable or not', async (_name, behaviour, retryable) => {
  const server = await loopback(behaviour);
  const error = await errorOf(clientOf(server).meetingRequests.create(kickoff, { idempotencyKey: KEY }));
  expect(error).toBeInstanceOf(SkipUpDecodingError);
  expect(error).toMatchObject({ status: 200, retryable, ambiguous: true });
});

test('an answer without end is given up, not gathered', async () => {
  const server = await loopback((response) => {
    response.writeHead(200);
    const piece = Buffer.alloc(1024 * 1024, 0x20);
    const more = () => {
      while (!response.destroyed && response.write(piece));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  const error = await errorOf(clientOf(server).meetingRequests.get('mr_1'));
  expect(error).toMatchObject({ code: 'decoding', retryable: false });
});
