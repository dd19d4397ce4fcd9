import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { LookupFunction } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type HttpDependencies, httpKind } from '../../../../activities/steps/http.ts';
import type { StepContext } from '../../../../activities/steps/kind.ts';
import { stepSchema } from '../../../../config/policy.ts';
import { secretsOfHeader } from '../../../../config/step-secrets.ts';
import { verifyWebhook } from '../../../../skipup/index.ts';
import { contextOf, FACTS, failureOf, MARKER } from './context-of.ts';

const SECRETS = ['whsec_of_this_year_1', 'whsec_of_last_year_0'];

interface Call {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
}
type Answer = (response: ServerResponse, call: Call) => unknown;

const says =
  (status: number, body = '', headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(status, headers).end(body);
/** The connection breaks. */
const breaks: Answer = (response) => response.socket?.destroy();

/** A system that knows a repetition by its key; `answers` come in turn, the last one again and again. */
async function system(...answers: Answer[]) {
  const calls: Call[] = [];
  const made = new Set<string>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = '', url: path = '', headers } = request;
    const call = { method, path, headers, text: Buffer.concat(chunks).toString('utf8') };
    const answer = answers[Math.min(calls.length, answers.length - 1)] ?? says(204);
    calls.push(call);
    if (answer !== breaksBefore) made.add(String(headers['idempotency-key']));
    answer(response, call);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  return { url: `http://127.0.0.1:${port}`, host: `127.0.0.1:${port}`, port, calls, made };
}
/** The same before the system has acted. */
const breaksBefore: Answer = (response, call) => breaks(response, call);

function stepOf(options: object) {
  const step = stepSchema.parse({ id: 'provision', kind: 'http', ...options });
  if (step.kind !== 'http') throw new Error('another kind');
  return step;
}

type StepCalls = NonNullable<HttpDependencies['stepCalls']>;

function http(host: string, given: Partial<StepCalls> = {}) {
  const stepCalls = { allowPrivate: [host], timeoutSeconds: 10, signingSecrets: SECRETS, headerValues: {}, ...given };
  const kind = httpKind({ stepCalls, secrets: Object.values(stepCalls.headerValues).flatMap(secretsOfHeader) });
  return {
    run: (options: object, context = contextOf()) => kind.run(stepOf(options), context),
    undo: async (options: object, context: StepContext) => {
      if (kind.undo === undefined) throw new Error('cannot undo');
      return await kind.undo(stepOf(options), { detail: 'POST https://erp.example answered 201', ids: {} }, context);
    },
  };
}

describe('an http step', () => {
  const BODY = { event: 'kickoff.booked', timestamp: '2026-02-10T14:00:00Z', account: '{{deal.account.name}}' };

  it('is signed with every secret, as SkipUp signs its webhooks', async () => {
    const erp = await system(says(201));
    const outcome = await http(erp.host).run({ url: `${erp.url}/accounts`, body: BODY });
    const [call] = erp.calls;
    for (const secret of SECRETS) {
      const event = verifyWebhook({
        body: call?.text ?? '',
        signature: call?.headers['x-webhook-signature'],
        secrets: secret,
      });
      expect(event).toMatchObject({ event: 'kickoff.booked', account: 'Acme Corp' });
    }
    expect(call).toMatchObject({
      method: 'POST',
      path: '/accounts',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'kickoff',
        'idempotency-key': expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
    expect(outcome).toEqual({ detail: `POST ${erp.url} answered 201`, ids: {} });
  });

  it('goes unsigned where no secret is set, and without a body where none is', async () => {
    const erp = await system(says(204));
    await http(erp.host, { signingSecrets: [] }).run({ url: `${erp.url}/x`, method: 'DELETE' });
    const [call] = erp.calls;
    expect(call).toMatchObject({ method: 'DELETE', text: '' });
    expect(call?.headers).not.toHaveProperty('x-webhook-signature');
    expect(call?.headers).not.toHaveProperty('content-type');
  });

  it('carries one key for each step, the same at each repetition', async () => {
    const erp = await system(says(204));
    const { run } = http(erp.host);
    await run({ url: erp.url, body: {} });
    await run({ url: erp.url, body: {} }, contextOf({ attempt: 2 }));
    await run({ url: erp.url, body: {} }, contextOf({ marker: `${MARKER}2` }));
    expect(new Set(erp.calls.map(({ headers }) => headers['idempotency-key'])).size).toBe(2);
    expect(erp.calls[0]?.headers['idempotency-key']).toBe(erp.calls[1]?.headers['idempotency-key']);
  });
});

describe('templates', () => {
  const HOSTILE = '"},{"admin":true}/../?a=b&c#d\r\nx-evil: 1 é 🚀 \ud800';
  const facts = { ...FACTS, vendor: HOSTILE };

  it('stay within their text of the body, their part of the path and of the query, and their header', async () => {
    const erp = await system(says(204));
    await http(erp.host).run(
      {
        url: `${erp.url}/deals/{{deal.id}}/{{vendor}}?q={{vendor}}&z=1#{{vendor}}`,
        headers: { 'X-Vendor': 'v {{vendor}}', 'content-type': 'application/vnd.api+json' },
        body: { a: '{{vendor}}', b: [1, null, { c: 'x{{deal.nothing}}' }] },
      },
      contextOf({ facts }),
    );
    const [call] = erp.calls;
    expect(JSON.parse(call?.text ?? '')).toEqual({ a: HOSTILE, b: [1, null, { c: 'x' }] });
    const url = new URL(`${erp.url}${call?.path}`);
    expect(url.pathname.split('/').map(decodeURIComponent)).toEqual(['', 'deals', '1148', HOSTILE.toWellFormed()]);
    expect([...url.searchParams]).toEqual([
      ['q', HOSTILE.toWellFormed()],
      ['z', '1'],
    ]);
    expect(call?.headers).not.toHaveProperty('x-evil');
    expect(call?.headers['x-vendor']).toMatch(/^v "\}.*%0D%0Ax-evil: 1 %C3%A9 %F0%9F%9A%80/);
    expect(call?.headers['content-type']).toBe('application/vnd.api+json');
  });

  it.each([
    ['a host from a template', 'https://{{deal.id}}.example/', 'a host without templates'],
    ['half a host from a template', 'https://erp.example{{deal.id}}/', 'a host without templates'],
    ['a port from a template', 'https://erp.example:{{deal.id}}/', 'a host without templates'],
    ['a whole address from a template', '{{deal.url}}', 'a host without templates'],
    ['a user in the address', 'https://{{vendor}}@erp.example/', 'a host without templates'],
    ['a backslash', 'https://erp.example\\{{vendor}}/', 'a host without templates'],
    ['nothing in the path', 'https://erp.example/deals/{{deal.nothing}}', 'has nothing to show'],
    ['a path that climbs', 'https://erp.example/deals/{{vendor}}/x', 'would lead elsewhere'],
    ['a path that climbs by halves', 'https://erp.example/deals/.{{deal.stage}}/x', 'would lead elsewhere'],
    ['a path that climbs as written', 'https://erp.example/deals/%2e%2E/x', 'would lead elsewhere'],
  ])('%s is refused', async (_what, url, words) => {
    const deal = FACTS.deal === undefined ? {} : { deal: { ...FACTS.deal, stage: '.' } };
    const context = contextOf({ facts: { ...FACTS, ...deal, vendor: '..' } });
    expect(await failureOf(http('none').run({ url }, context))).toMatchObject({
      final: true,
      message: expect.stringContaining(words),
    });
  });

  it.each([
    'Host',
    'content-length',
    'Transfer-Encoding',
    'connection',
    'Authorization',
    'cookie',
    'X-Webhook-Signature',
    'idempotency-key',
  ])('the header %s is not a step’s to set', async (name) => {
    expect(await failureOf(http('none').run({ url: 'https://erp.example/', headers: { [name]: 'x' } }))).toMatchObject({
      final: true,
      message: `A step may not set the header ${name.toLowerCase()}. Take it out.`,
    });
  });
});

describe('what is kept of the answer', () => {
  const ANSWER = JSON.stringify({
    id: 7,
    'a/b': { 'c~d': ['x', true] },
    link: 'https://erp.example/7',
    bad: 'javascript:1',
  });

  it('is what JSON pointers name; what is not there is said', async () => {
    const erp = await system(says(200, ANSWER));
    const keep = {
      id: '/id',
      deep: '/a~1b/c~0d/0',
      yes: '/a~1b/c~0d/1',
      url: '/link',
      none: '/none',
      proto: '/__proto__',
      length: '/a~1b/c~0d/length',
      padded: '/a~1b/c~0d/00',
      whole: '',
    };
    expect(await http(erp.host).run({ url: erp.url, keep })).toEqual({
      detail: `POST ${erp.url} answered 200; not in the answer: none, proto, length, padded, whole`,
      ids: { id: '7', deep: 'x', yes: 'true' },
      url: 'https://erp.example/7',
    });
  });

  it.each([
    ['an answer that is no JSON', 'created!', '/id', 'id'],
    ['an empty answer', '', '/id', 'id'],
    ['a text too long for an id', JSON.stringify({ id: 'x'.repeat(501) }), '/id', 'id'],
    ['a link that runs code', ANSWER, '/bad', 'url'],
  ])('is nothing of %s, and the step is done', async (_what, answer, pointer, name) => {
    const erp = await system(says(200, answer));
    expect(await http(erp.host).run({ url: erp.url, keep: { [name]: pointer } })).toEqual({
      detail: `POST ${erp.url} answered 200; not in the answer: ${name}`,
      ids: {},
    });
  });

  it('is nothing of an answer beyond a megabyte, which is only read when it is wanted', async () => {
    const endless: Answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 'x')));
        response.once('drain', more);
      };
      more();
    };
    const erp = await system(endless);
    const { run } = http(erp.host);
    expect(await failureOf(run({ url: erp.url, keep: { id: '/id' } }))).toMatchObject({
      final: true,
      message: expect.stringContaining('more than 1048576 bytes'),
    });
    expect(await run({ url: erp.url })).toMatchObject({ detail: `POST ${erp.url} answered 200` });
  });
});

describe('answers that say no', () => {
  it.each([408, 425, 429, 500, 502, 503, 504])('%i is tried again', async (status) => {
    const erp = await system(says(status, 'busy'));
    expect(await failureOf(http(erp.host).run({ url: erp.url }))).toMatchObject({
      final: false,
      message: `POST ${erp.url} answered ${status}: busy`,
      delay: undefined,
    });
  });

  it.each([
    ['7', 7_000],
    ['0', 1_000],
    ['86400', 3_600_000],
    [new Date(0).toUTCString(), 1_000],
    [new Date(Date.now() + 86_400_000).toUTCString(), 3_600_000],
    ['soon', undefined],
    ['', undefined],
  ])('Retry-After %j is honoured from 1 s to 1 h', async (value, delay) => {
    const erp = await system(says(429, '', { 'retry-after': value }));
    expect(await failureOf(http(erp.host).run({ url: erp.url }))).toMatchObject({ final: false, delay });
  });

  it.each([400, 401, 403, 404, 409, 410, 422])('%i is final, with what the system says', async (status) => {
    const erp = await system(says(status, `{"error":\n "unknown   account"}${'x'.repeat(9_000)}`));
    const { final, message } = await failureOf(http(erp.host).run({ url: erp.url }));
    expect(final).toBe(true);
    expect(message).toMatch(new RegExp(`answered ${status}: \\{"error": "unknown account"\\}x+$`));
    expect(message.length).toBeLessThan(300);
  });

  it('a redirect is not followed', async () => {
    const inner = await system(says(200));
    const erp = await system(says(307, '', { location: inner.url }));
    expect(await failureOf(http(erp.host).run({ url: erp.url }))).toMatchObject({
      final: true,
      message: `POST ${erp.url} answered 307. Redirects are not followed: write the address they lead to.`,
    });
    expect(inner.calls).toEqual([]);
  });

  it('a system that repeats what it was sent gives nothing away', async () => {
    const echo: Answer = (response, { headers }) => response.writeHead(400).end(JSON.stringify(headers).slice(60));
    const erp = await system(echo, (response, { headers }) =>
      response.writeHead(400).end(`${headers['x-webhook-signature']} ${headers['x-api-key']}`),
    );
    const { run } = http(erp.host);
    const step = { url: `${erp.url}/hook-secret-path`, headers: { 'x-api-key': 'key-0123456789' }, body: {} };
    for (const failure of [await failureOf(run(step)), await failureOf(run(step))]) {
      expect(failure.all).not.toMatch(/key-0123456789|hook-secret-path|whsec|v1=[0-9a-f]|[0-9a-f]{32}/);
    }
  });
});

describe('secret headers', () => {
  const TOKEN = 'Bearer jira-token-of-the-tests';
  const headerValues = { STEP_HEADER_JIRA: TOKEN };

  it('are what the worker has under their variables, beside the step’s own headers', async () => {
    const jira = await system(says(201));
    const secretHeaders = { Authorization: 'STEP_HEADER_JIRA', 'X-Again': 'STEP_HEADER_JIRA' };
    await http(jira.host, { headerValues }).run({ url: jira.url, headers: { 'X-Tenant': 'emea' }, secretHeaders });
    expect(jira.calls[0]?.headers).toMatchObject({ authorization: TOKEN, 'x-again': TOKEN, 'x-tenant': 'emea' });
  });

  it('of the call that undoes it are its own', async () => {
    const jira = await system(says(201), says(204));
    const { run, undo } = http(jira.host, { headerValues });
    const undoWith = { method: 'DELETE', url: jira.url, secretHeaders: { Authorization: 'STEP_HEADER_JIRA' } };
    await run({ url: jira.url, undoWith });
    await undo({ url: jira.url, undoWith }, contextOf({ result: { detail: '', ids: {} } }));
    expect(jira.calls.map(({ headers }) => headers.authorization)).toEqual([undefined, TOKEN]);
  });

  it('whose variable is not set stop the call, and its undoing until it is', async () => {
    const jira = await system(says(201));
    const { run, undo } = http(jira.host, { headerValues });
    const secretHeaders = { Authorization: 'STEP_HEADER_OTHER' };
    const failed = { final: true, message: expect.stringMatching(/^STEP_HEADER_OTHER, .*Set it, restart the workers/) };
    expect(await failureOf(run({ url: jira.url, secretHeaders }))).toMatchObject(failed);
    const step = { url: jira.url, undoWith: { url: jira.url, secretHeaders } };
    expect(await failureOf(undo(step, contextOf()))).toMatchObject(failed);
    expect(jira.calls).toEqual([]);
  });

  it('are blotted out of what the system says, whole and in parts, wherever the sentence is cut', async () => {
    const basic = `Basic ${Buffer.from('user:pass-word-9').toString('base64')}`;
    for (const [value, said] of [
      [TOKEN, `no: ${TOKEN}`],
      [TOKEN, 'unknown token jira-token-of-the-tests'],
      [TOKEN, `${'x'.repeat(185)} ${TOKEN}`],
      [basic, 'user user with pass-word-9 may not'],
      ['session=0123456789abcdef; theme=dark', 'session 0123456789abcdef has ended'],
    ] as const) {
      const jira = await system(says(403, said));
      const { run } = http(jira.host, { headerValues: { STEP_HEADER_JIRA: value } });
      const failure = await failureOf(run({ url: jira.url, secretHeaders: { Authorization: 'STEP_HEADER_JIRA' } }));
      expect(failure.message).toContain('answered 403: ');
      expect(failure.all).not.toMatch(/jira-tok|pass-word|0123456789/);
    }
  });
});

describe('after a crash', () => {
  it.each([
    ['before the system has acted', breaksBefore],
    ['after it has acted', breaks],
    [
      'in the middle of its answer',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"id"');
        setImmediate(() => response.socket?.destroy());
      },
    ],
  ] as [string, Answer][])('%s, one thing is made', async (_when, first) => {
    const erp = await system(first, says(200, '{"id":"A-1"}'));
    const { run } = http(erp.host);
    const step = { url: erp.url, body: {}, keep: { id: '/id' } };
    expect(await failureOf(run(step))).toMatchObject({
      final: false,
      message: expect.stringContaining(`POST ${erp.url}: `),
    });
    expect(await run(step, contextOf({ attempt: 2 }))).toMatchObject({ ids: { id: 'A-1' } });
    expect([erp.calls.length, erp.made.size]).toEqual([2, 1]);
  });

  it('a system that does not answer is tried again', async () => {
    const erp = await system(() => undefined);
    expect(await failureOf(http(erp.host, { timeoutSeconds: 0.05 }).run({ url: erp.url }))).toMatchObject({
      final: false,
      message: `POST ${erp.url}: no answer within 0.05 s`,
    });
  });

  it('a system that stops in the middle of its answer is tried again, and is done where nothing of it is wanted', async () => {
    const erp = await system((response) =>
      response.writeHead(201, { 'content-type': 'application/json' }).write('{"id":'),
    );
    const { run } = http(erp.host, { timeoutSeconds: 0.2 });
    expect(await failureOf(run({ url: erp.url, keep: { id: '/id' } }))).toMatchObject({
      final: false,
      message: `POST ${erp.url}: no answer within 0.2 s`,
    });
    expect(await run({ url: erp.url })).toMatchObject({ detail: `POST ${erp.url} answered 201` });
  });

  it('a system that is not there is tried again', async () => {
    const { run } = http('127.0.0.1:1');
    expect(await failureOf(run({ url: 'http://127.0.0.1:1/' }))).toMatchObject({
      final: false,
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('an activity that is told to end ends with that', async () => {
    const ending = new AbortController();
    const erp = await system(() => ending.abort(new Error('told to end')));
    await expect(http(erp.host).run({ url: erp.url }, contextOf({ signal: ending.signal }))).rejects.toThrow(
      'told to end',
    );
  });
});

describe('the guard of addresses', () => {
  const leadsTo =
    (...addresses: string[]): LookupFunction =>
    (_name, _options, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );

  it('a name that leads into the own network is not connected to', async () => {
    const erp = await system(says(200));
    const { run } = http('another.example', { lookup: leadsTo('127.0.0.1') });
    const failure = await failureOf(run({ url: `https://innocent.example:${erp.port}/` }));
    expect(failure).toMatchObject({
      final: true,
      message:
        'innocent.example leads to 127.0.0.1, which is not of the public internet. If it is one of yours, name it in stepCalls.allowPrivate.',
    });
    expect(erp.calls).toEqual([]);
  });

  it('is not asked about hosts that the configuration names', async () => {
    const erp = await system(says(200));
    const { run } = http(`erp.corp:${erp.port}`, { lookup: leadsTo('127.0.0.1') });
    expect(await run({ url: `http://erp.corp:${erp.port}/` })).toMatchObject({
      detail: expect.stringContaining('200'),
    });
    expect(await failureOf(run({ url: 'http://erp.corp:1/' }))).toMatchObject({ final: true });
  });

  it('stands where nothing is configured', async () => {
    const kind = httpKind({});
    expect(await failureOf(kind.run(stepOf({ url: 'http://127.0.0.1/' }), contextOf()))).toMatchObject({ final: true });
  });
});

describe('undoing it', () => {
  const undoWith = { method: 'DELETE', url: '/accounts/{{result.ids.account}}' };
  const result = { detail: '', ids: { account: 'A 1' }, url: 'https://erp.example/7' };

  it('is the call that the step names, with its own results, under a key of its own', async () => {
    const erp = await system(says(201), says(204));
    const { run, undo } = http(erp.host);
    await run({ url: erp.url });
    const step = {
      url: erp.url,
      undoWith: { ...undoWith, url: `${erp.url}${undoWith.url}`, body: { was: '{{result.url}}' } },
    };
    expect(await undo(step, contextOf({ result }))).toEqual({
      state: 'undone',
      detail: `DELETE ${erp.url} answered 204`,
    });
    expect(erp.calls[1]).toMatchObject({
      method: 'DELETE',
      path: '/accounts/A%201',
      text: '{"was":"https://erp.example/7"}',
    });
    expect(erp.made.size).toBe(2);
  });

  it.each([404, 410])('finds it done at %i', async (status) => {
    const erp = await system(says(status));
    const step = { url: erp.url, undoWith: { ...undoWith, url: `${erp.url}${undoWith.url}` } };
    expect(await http(erp.host).undo(step, contextOf({ result }))).toMatchObject({ state: 'undone' });
  });

  it('is tried again while the system is down, and flagged when it says no or there is nothing to name', async () => {
    const erp = await system(says(503), says(403, 'closed'));
    const { undo } = http(erp.host);
    const step = { url: erp.url, undoWith: { ...undoWith, url: `${erp.url}${undoWith.url}` } };
    expect(await failureOf(undo(step, contextOf({ result })))).toMatchObject({ final: false });
    expect(await undo(step, contextOf({ result }))).toMatchObject({
      state: 'left',
      detail: expect.stringContaining('answered 403: closed'),
    });
    expect(await undo(step, contextOf({ result: { detail: '', ids: {} } }))).toMatchObject({
      state: 'left',
      detail: expect.stringContaining('nothing to show'),
    });
  });

  it('without such a call it is flagged', async () => {
    expect(await http('none').undo({ url: 'https://erp.example/' }, contextOf({ result }))).toEqual({
      state: 'left',
      detail: 'POST https://erp.example answered 201: what that made stays',
    });
  });
});
