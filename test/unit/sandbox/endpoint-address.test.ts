import type { LookupFunction } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Poster } from '../../../sandbox/http/post.ts';
import { checkEndpointUrl, reachOf } from '../../../sandbox/webhooks/endpoint-address.ts';
import { ATTEMPT_TIMEOUT_MS } from '../../../sandbox/webhooks/retry.ts';
import { created, endWithTest, receiver, running, subscribe } from './running.ts';

const CLOSED = [
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '0.0.0.0',
  '::',
  'fe80::1',
  'fd00:ec2::254',
  'ff02::1',
  '::ffff:10.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '::10.0.0.1',
  '64:ff9b::a00:1',
  '2002:a00:1::',
];

describe('the guard against private addresses', () => {
  it.each(CLOSED)('%s is closed', (address) => {
    expect(reachOf(address)).toBe('closed');
  });

  it.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.0.3', 'loopback'],
    ['::1', 'loopback'],
    ['8.8.8.8', 'open'],
    ['172.32.0.1', 'open'],
    ['100.128.0.1', 'open'],
    ['2606:4700::1111', 'open'],
  ])('%s is %s', (address, reach) => {
    expect(reachOf(address)).toBe(reach);
  });

  const refusal = (url: string, allowPrivateAddresses = false) => {
    try {
      checkEndpointUrl(url, { allowPrivateAddresses });
      return 'taken';
    } catch (error) {
      return error instanceof Error ? error.message : 'thrown';
    }
  };

  it.each([
    'https://10.0.0.1/hook',
    // The same address in an octal, a hexadecimal, a decimal and a short spelling.
    'https://012.0.0.1/',
    'https://0x0a000001/',
    'https://167772161/',
    'https://10.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://[::ffff:a00:1]/',
    'https://[fe80::1]/',
    'https://0/',
    'https://kickoff:3000/',
    'https://metadata.google.internal/',
    'https://printer.local./',
  ])('%s is refused, and taken with allowPrivateAddresses', (url) => {
    expect(refusal(url)).toContain('is not a public address');
    expect(refusal(url, true)).toBe('taken');
  });

  it.each([
    'http://localhost:3000/',
    'http://127.1/',
    'http://[::1]:8080/',
    'http://app.localhost/',
    'https://example.com/',
  ])('%s is taken', (url) => {
    expect(refusal(url)).toBe('taken');
  });

  it('plain HTTP is for this machine and, so set, its neighbours', () => {
    expect(refusal('http://example.com/')).toBe('url: The URL must use https.');
    expect(refusal('http://example.com/', true)).toBe('url: The URL must use https.');
    expect(refusal('http://kickoff:3000/webhooks/skipup', true)).toBe('taken');
    expect(refusal('http://127.0.0.1.example.com/')).toBe('url: The URL must use https.');
  });

  it('is asked when an endpoint is made and when it is moved, and follows the setting', async () => {
    const sandbox = await running();
    const body = { url: 'https://192.168.0.9/', events: ['meeting_request.created'] };
    const make = async () => await sandbox.api('POST /webhook_endpoints', { body });
    const { status, error } = await make();
    expect([status, error.type]).toEqual([422, 'validation_error']);
    const { id } = await subscribe(sandbox, 'https://example.com/');
    const move = async (url: string) => (await sandbox.api(`PATCH /webhook_endpoints/${id}`, { body: { url } })).status;
    expect([await move('https://[fd00::1]/'), await move('https://example.org/')]).toEqual([422, 200]);
    await sandbox.control('PATCH /settings', { allowPrivateAddresses: true });
    expect((await make()).status).toBe(201);
  });

  it('stands before every delivery: an endpoint from an opener time is not called', async () => {
    const sandbox = await running({ settings: { allowPrivateAddresses: true } });
    const { id } = await subscribe(sandbox, 'http://10.255.255.254/');
    await sandbox.control('PATCH /settings', { allowPrivateAddresses: false });
    await created(sandbox);
    await sandbox.advance('0ms');
    expect(sandbox.events.find((event) => event.type === 'delivery')).toMatchObject({
      outcome: 'failed',
      responseCode: null,
      error: 'EADDRCLOSED: 10.255.255.254 is not a public address',
    });
    const { list } = await sandbox.api(`GET /webhook_endpoints/${id}/deliveries`);
    expect(list).toMatchObject([{ status: 'pending', attempts: 1 }]);
  });

  /** A name server whose every answer is the next of these. */
  function nameServer(...answers: string[][]): { lookup: LookupFunction; asked: () => number } {
    let asked = 0;
    const lookup: LookupFunction = (_hostname, _options, callback) => {
      const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
      asked += 1;
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    };
    return { lookup, asked: () => asked };
  }
  const poster = (lookup: LookupFunction) => {
    const made = new Poster(lookup);
    endWithTest(() => made.close());
    return made;
  };
  const letter = (url: string, guarded = true) => ({ url, headers: {}, body: '{}', timeoutMs: 2000, guarded });

  it('a name is connected to at the very address that was checked, however it is answered next', async () => {
    const hook = await receiver(204);
    const { port } = new URL(hook.url);
    const { lookup, asked } = nameServer(['127.0.0.1'], ['10.0.0.1']);
    const post = poster(lookup);
    expect(await post.post(letter(`http://rebinding.example:${port}/`))).toEqual({ status: 204 });
    expect([asked(), hook.received.length]).toEqual([1, 1]);
    // A new connection asks again, and is not made.
    expect(await poster(lookup).post(letter(`http://rebinding.example:${port}/`))).toEqual({
      status: null,
      error: 'EADDRCLOSED: rebinding.example leads to 10.0.0.1, which is not a public address',
    });
  });

  it('a name that leads to one closed address among others is not called', async () => {
    const { lookup } = nameServer(['127.0.0.1', '::ffff:169.254.169.254']);
    expect(await poster(lookup).post(letter('http://mixed.example:1/'))).toMatchObject({
      status: null,
      error: expect.stringContaining('::ffff:169.254.169.254'),
    });
  });
});

describe('a webhook’s receiver', () => {
  it('has so long to answer, and then it counts as failed; SkipUp grants 10 s', async () => {
    const hook = await receiver('hang');
    const made = new Poster();
    endWithTest(() => made.close());
    const startedAt = performance.now();
    const outcome = await made.post({ url: hook.url, headers: {}, body: '{}', timeoutMs: 120, guarded: true });
    expect(outcome).toEqual({ status: null, error: 'no answer within 0.12 s' });
    expect(performance.now() - startedAt).toBeLessThan(ATTEMPT_TIMEOUT_MS - 1_000);
    expect(ATTEMPT_TIMEOUT_MS).toBe(10_000);
  });
});
