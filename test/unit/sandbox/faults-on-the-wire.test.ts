import { describe, expect, it, vi } from 'vitest';
import type { Running } from './running.ts';
import { acmeRequest, running } from './running.ts';
import type { Wire } from './wire.ts';
import { exchange } from './wire.ts';

const BODY = JSON.stringify(acmeRequest());

/** Creates a meeting request with a call that asks for its own faults. */
function create(sandbox: Running, fault: string, key = 'impl:1'): Wire {
  const headers = { authorization: `Bearer ${sandbox.apiKey}`, 'idempotency-key': key, 'x-sandbox-fault': fault };
  return exchange(sandbox.apiBaseUrl, 'POST /meeting_requests', headers, BODY);
}
const count = async (sandbox: Running) => (await sandbox.api('GET /meeting_requests')).list.length;
const statusLine = (wire: Wire) => wire.head().split('\r\n', 1)[0];
/** Long enough that something which is to come at once has come. */
const A_WHILE_MS = 120;

describe('a call that asks for its own fault', () => {
  it('“status=503” gets it before anything is done, in SkipUp’s words', async () => {
    const sandbox = await running();
    const wire = create(sandbox, 'status=503');
    await wire.end;
    expect(statusLine(wire)).toBe('HTTP/1.1 503 Service Unavailable');
    expect(JSON.parse(wire.body())).toEqual({ error: { type: 'server_error', message: 'Injected fault: 503' } });
    expect(await count(sandbox)).toBe(0);
  });

  it('“status=429 retry-after=7” gets the header, too', async () => {
    const wire = create(await running(), 'status=429 retry-after=7');
    await wire.end;
    expect(wire.head()).toMatch(/^HTTP\/1\.1 429 [\s\S]*\r\nretry-after: 7\r\n/i);
  });

  it('“status=500 when=after” gets it after all is done', async () => {
    const sandbox = await running();
    const wire = create(sandbox, 'status=500 when=after');
    await wire.end;
    expect(statusLine(wire)).toBe('HTTP/1.1 500 Internal Server Error');
    expect(await count(sandbox)).toBe(1);
  });

  it.each([
    ['drop', 0],
    ['drop=after', 1],
  ])('“%s” gets not one byte; %i request was made', async (fault, made) => {
    const sandbox = await running();
    const wire = create(sandbox, fault);
    await wire.end;
    expect(wire.text()).toBe('');
    expect(await count(sandbox)).toBe(made);
  });

  it('“malformed_json” gets a whole body that is no JSON', async () => {
    const wire = create(await running(), 'malformed_json');
    await wire.end;
    expect(statusLine(wire)).toBe('HTTP/1.1 202 Accepted');
    expect(Buffer.byteLength(wire.body())).toBe(wire.announced());
    expect(() => JSON.parse(wire.body())).toThrow(SyntaxError);
  });

  it('“truncated_body” gets half of what was announced, and the end of the line', async () => {
    const sandbox = await running();
    const wire = create(sandbox, 'truncated_body');
    await wire.end;
    expect(statusLine(wire)).toBe('HTTP/1.1 202 Accepted');
    expect(Buffer.byteLength(wire.body())).toBe(Math.floor(wire.announced() / 2));
    expect(await count(sandbox)).toBe(1);
  });

  it('“stalled_body” gets half of it and then nothing, while the line stays open; leaving frees the sandbox', async () => {
    const sandbox = await running();
    const wire = create(sandbox, 'stalled_body');
    await vi.waitFor(() => expect(wire.body()).not.toBe(''));
    const received = wire.text();
    await new Promise((resolve) => setTimeout(resolve, A_WHILE_MS));
    expect([wire.text() === received, wire.closed()]).toEqual([true, false]);
    expect(Buffer.byteLength(wire.body())).toBe(Math.floor(wire.announced() / 2));
    wire.hangUp();
    await wire.end;
    expect(await count(sandbox)).toBe(1);
  });

  it('“stalled_body” does not hold up the sandbox’s end', async () => {
    const sandbox = await running();
    const wire = create(sandbox, 'stalled_body');
    await vi.waitFor(() => expect(wire.body()).not.toBe(''));
    await sandbox.close();
    await wire.end;
    expect(wire.closed()).toBe(true);
  });

  it('“stalled_body=150ms” gets the rest after so long', async () => {
    const startedAt = performance.now();
    const wire = create(await running(), 'stalled_body=150ms');
    await wire.end;
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(145);
    expect(JSON.parse(wire.body())).toMatchObject({ data: { status: 'active' } });
  });

  it('“delay=1s” waits before anything is done', async () => {
    const sandbox = await running();
    const wire = create(sandbox, 'delay=1s');
    expect(await count(sandbox)).toBe(0);
    expect(wire.text()).toBe('');
    await wire.end;
    expect([statusLine(wire), await count(sandbox)]).toEqual(['HTTP/1.1 202 Accepted', 1]);
  });

  it('“delay=3s when=after” waits with the answer to what is done: a caller with less patience never knows', async () => {
    const sandbox = await running();
    const wire = create(sandbox, 'delay=3s when=after');
    await vi.waitFor(async () => expect(await count(sandbox)).toBe(1));
    expect(wire.text()).toBe('');
    wire.hangUp();
    const again = create(sandbox, 'delay=1ms');
    await again.end;
    expect([JSON.parse(again.body()).data.status, await count(sandbox)]).toEqual(['active', 1]);
  });

  it('several strike together: late, another status, and only half of that', async () => {
    const sandbox = await running();
    const startedAt = performance.now();
    const wire = create(sandbox, 'delay=100ms, status=502, truncated_body');
    await wire.end;
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(95);
    expect(statusLine(wire)).toBe('HTTP/1.1 502 Bad Gateway');
    expect(Buffer.byteLength(wire.body())).toBe(Math.floor(wire.announced() / 2));
    expect(sandbox.events).toMatchObject([{ type: 'api', status: 502, faults: ['delay', 'status', 'truncated_body'] }]);
  });

  it('takes JSON as well, strikes no other call, and adds to the rules in force', async () => {
    const sandbox = await running();
    await sandbox.control('POST /faults', { fault: 'delay', delayMs: 60, method: 'POST' });
    const startedAt = performance.now();
    const wire = create(sandbox, '[{"fault": "status", "status": 418, "body": {"tea": true}}]');
    await wire.end;
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(55);
    expect([statusLine(wire), wire.body()]).toEqual(["HTTP/1.1 418 I'm a Teapot", '{"tea":true}']);
    expect((await sandbox.api('GET /meeting_requests')).status).toBe(200);
    expect((await sandbox.control('GET /faults')).body.faults).toHaveLength(1);
  });

  it.each([
    ['explode', 'There is no fault explode'],
    ['status=nine', 'status=nine cannot be read'],
    ['status=200', 'is not a fault'],
    ['{"fault": "status"', 'not valid JSON'],
    ['webhook_drop', 'webhook_drop does not strike a call'],
    ['status=503 next=2', 'next has no meaning here'],
    ['malformed_json=yes', 'malformed_json takes no value'],
    ['', 'A fault is needed'],
  ])('“%s” is refused with 400, and nothing is done', async (fault, message) => {
    const sandbox = await running();
    const wire = create(sandbox, fault);
    await wire.end;
    expect(statusLine(wire)).toBe('HTTP/1.1 400 Bad Request');
    expect(JSON.parse(wire.body()).error.message).toContain(message);
    expect(await count(sandbox)).toBe(0);
  });
});

describe('faults by rule', () => {
  /** Which of forty calls in a row a probability of one half strikes. */
  async function strikes(seed: string): Promise<string> {
    const sandbox = await running({ seed, settings: { rateLimitPerMinute: 0 } });
    await sandbox.control('POST /faults', {
      fault: 'status',
      status: 500,
      probability: 0.5,
      path: '/workspace_members',
    });
    let struck = '';
    for (let n = 0; n < 40; n += 1) {
      // A call that the rule does not mean changes nothing about those that it does.
      if (n % 3 === 0) await sandbox.api('GET /webhook_endpoints');
      struck += (await sandbox.api('GET /workspace_members', { struck: true })).status === 500 ? 'x' : '.';
    }
    return struck;
  }

  it('strike the same calls under the same seed, and others under another', async () => {
    const [one, same, other] = [await strikes('a'), await strikes('a'), await strikes('b')];
    expect(same).toBe(one);
    expect(other).not.toBe(one);
    expect(one).toMatch(/x.*\..*x/);
  });

  it('a stalled or broken answer of the CRM and Slack is theirs, too', async () => {
    const sandbox = await running();
    const slack = exchange(sandbox.slackWebhookUrl, 'POST ', { 'x-sandbox-fault': 'truncated_body' }, '{"text":"x"}');
    await slack.end;
    expect([slack.announced(), slack.body()]).toEqual([2, 'o']);
    const crm = exchange(`${sandbox.hubspotBaseUrl}/crm`, 'GET /objects/2026-03/0-3/1', {
      'x-sandbox-fault': 'status=404',
    });
    await crm.end;
    expect(JSON.parse(crm.body())).toMatchObject({ status: 'error', category: 'OBJECT_NOT_FOUND' });
  });
});
