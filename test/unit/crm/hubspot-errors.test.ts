import { describe, expect, it } from 'vitest';
import { readRetryAfter } from '../../../crm/http.ts';
import { CrmError, createHubSpot } from '../../../crm/index.ts';
import { json, loopback } from './loopback.ts';

const TOKEN = 'pat-na1-secret';

async function failure(work: Promise<unknown>): Promise<CrmError> {
  const error: unknown = await work.then(
    () => 'it succeeded',
    (reason: unknown) => reason,
  );
  if (!(error instanceof CrmError)) {
    throw new Error(`not a CrmError: ${String(error)}`);
  }
  return error;
}

describe('a call to HubSpot that fails', () => {
  it.each([
    [400, 'refused', false],
    [401, 'unauthorized', false],
    [403, 'unauthorized', false],
    [404, 'not_found', false],
    [408, 'unavailable', true],
    [409, 'refused', false],
    [423, 'unavailable', true],
    [429, 'rate_limited', true],
    [477, 'unavailable', true],
    [500, 'unavailable', true],
    [502, 'unavailable', true],
    [503, 'unavailable', true],
    [302, 'configuration', false],
  ])('with %i is %s', async (status, code, retryable) => {
    const server = await loopback((_call, response) => json(response, status, { message: 'in HubSpot’s words' }));
    const crm = createHubSpot({ accessToken: TOKEN, baseUrl: server.url });
    const error = await failure(crm.readDeal('1'));
    expect(error).toMatchObject({ code, retryable });
    expect(error.message).toContain(`${status}`);
    expect(error.message).toContain('in HubSpot’s words');
    expect(error.message).not.toContain(TOKEN);
  });

  it('keeps how long HubSpot asks to wait', async () => {
    const server = await loopback((_call, response) => json(response, 429, {}, { 'retry-after': '10' }));
    const error = await failure(createHubSpot({ accessToken: TOKEN, baseUrl: server.url }).readDeal('1'));
    expect(error.retryAfterMs).toBe(10_000);
  });

  it('by answering with something else than JSON, or other JSON, or too much of it, is a malformed answer', async () => {
    const answers = ['<html>', '{"id":1}', `"${'x'.repeat(5 * 1024 * 1024)}"`];
    for (const answer of answers) {
      const server = await loopback((_call, response) => response.writeHead(200).end(answer));
      const error = await failure(createHubSpot({ accessToken: TOKEN, baseUrl: server.url }).readDeal('1'));
      expect(error).toMatchObject({ code: 'malformed_answer', retryable: false });
    }
  });

  it('by not answering in time, or not at all, is unavailable', async () => {
    const silent = await loopback(() => undefined);
    const late = await failure(createHubSpot({ accessToken: TOKEN, baseUrl: silent.url, timeoutMs: 50 }).readDeal('1'));
    expect(late).toMatchObject({ code: 'unavailable', retryable: true });
    expect(late.message).toContain('50 ms');
    const rude = await loopback((_call, response) => response.destroy());
    expect(await failure(createHubSpot({ accessToken: TOKEN, baseUrl: rude.url }).readDeal('1'))).toMatchObject({
      code: 'unavailable',
    });
    const nobody = createHubSpot({ accessToken: TOKEN, baseUrl: 'http://127.0.0.1:1' });
    expect(await failure(nobody.readDeal('1'))).toMatchObject({ code: 'unavailable' });
  });

  it('by stalling in the middle of its answer is unavailable', async () => {
    const server = await loopback((_call, response) => void response.writeHead(200).write('{"id":'));
    const crm = createHubSpot({ accessToken: TOKEN, baseUrl: server.url, timeoutMs: 100 });
    expect(await failure(crm.readDeal('1'))).toMatchObject({ code: 'unavailable' });
  });

  it('ends when the caller gives up', async () => {
    const server = await loopback(() => undefined);
    const crm = createHubSpot({ accessToken: TOKEN, baseUrl: server.url });
    expect(await failure(crm.readDeal('1', AbortSignal.timeout(20)))).toMatchObject({ code: 'unavailable' });
  });

  it('for want of a token names the variable and calls nobody', async () => {
    const server = await loopback((_call, response) => json(response, 200, {}));
    const error = await failure(createHubSpot({ baseUrl: server.url }).readDeal('1'));
    expect(error.code).toBe('configuration');
    expect(error.message).toContain('HUBSPOT_ACCESS_TOKEN');
    expect(server.calls).toEqual([]);
  });
});

describe('Retry-After', () => {
  const now = new Date('2026-11-21T00:00:00Z');
  it.each([
    ['5', 5_000],
    ['0', 1_000],
    ['0.5', 1_000],
    ['120', 30_000],
    ['2500', 2_500],
    ['90000', 30_000],
    ['Sat, 21 Nov 2026 00:00:07 GMT', 7_000],
    ['Fri, 20 Nov 2026 00:00:00 GMT', 1_000],
    ['-3', 1_000],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j is %j ms', (header, expected) => {
    expect(readRetryAfter(header, now)).toBe(expected);
  });
});
