import { describe, expect, it } from 'vitest';
import { createPipedrive } from '../../../crm/pipedrive/index.ts';
import { CrmError } from '../../../crm/port.ts';
import { json, loopback } from './loopback.ts';
import { TOKEN, vendor } from './pipedrive/vendor.ts';

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

async function answering(status: number, body: unknown, headers: Record<string, string> = {}): Promise<CrmError> {
  const server = await loopback((_call, response) =>
    typeof body === 'string' ? response.writeHead(status, headers).end(body) : json(response, status, body, headers),
  );
  return failure(createPipedrive({ apiToken: TOKEN, baseUrl: server.url, timeoutMs: 2_000 }).readDeal('1148'));
}

const words = { success: false, error: 'in Pipedrive’s words', error_info: 'Please check' };

describe('a call to Pipedrive that fails', () => {
  it.each([
    [302, 'configuration', false],
    [400, 'refused', false],
    [401, 'unauthorized', false],
    [402, 'configuration', false],
    [403, 'unauthorized', false],
    [404, 'not_found', false],
    [405, 'refused', false],
    [410, 'not_found', false],
    [415, 'refused', false],
    [422, 'refused', false],
    [429, 'rate_limited', true],
    [500, 'unavailable', true],
    [501, 'unavailable', true],
    [503, 'unavailable', true],
  ])('with %i is %s', async (status, code, retryable) => {
    const error = await answering(status, words);
    expect(error).toMatchObject({ code, retryable });
    expect(error.message).toContain(String(status));
    expect(error.message).toContain('in Pipedrive’s words');
    expect(error.message).not.toContain(TOKEN);
  });

  it('with a wrong token is unauthorized, and tells the token to nobody', async () => {
    const server = await vendor();
    const crm = createPipedrive({ apiToken: 'wrong-token-123', baseUrl: server.url });
    const error = await failure(crm.readDeal('1148'));
    expect(error.code).toBe('unauthorized');
    expect(JSON.stringify([error.message, error.stack, server.calls.map(({ path }) => path)])).not.toContain(
      'wrong-token',
    );
  });

  it('with a token that no header can carry tells it to nobody either', async () => {
    const server = await vendor();
    const error = await failure(createPipedrive({ apiToken: 'se\ncret', baseUrl: server.url }).readDeal('1148'));
    expect(error.message).not.toContain('cret');
    expect(server.calls).toEqual([]);
  });

  it('without a token names the variable and calls nobody', async () => {
    const server = await vendor();
    for (const apiToken of [undefined, '', '  ']) {
      const error = await failure(createPipedrive({ apiToken, baseUrl: server.url }).readDeal('1148'));
      expect(error.code).toBe('configuration');
      expect(error.message).toContain('PIPEDRIVE_API_TOKEN');
    }
    expect(server.calls).toEqual([]);
  });

  it.each([
    ['success without success', { success: false, error: 'Deal not found', data: null }, 'not_found'],
    ['success without data', { success: true, data: null }, 'not_found'],
    ['HTML', '<html>maintenance</html>', 'malformed_answer'],
    ['half of its JSON', '{"success":true,"data":{"id":', 'malformed_answer'],
    ['a list', [], 'malformed_answer'],
    ['nothing', '', 'malformed_answer'],
    ['a deal without an id', { success: true, data: { title: 'x' } }, 'malformed_answer'],
    ['more than anybody reads', `"${'x'.repeat(11 * 1024 * 1024)}"`, 'malformed_answer'],
  ])('by answering 200 with %s', async (_what, body, code) => {
    expect(await answering(200, body)).toMatchObject({ code, retryable: false });
  });

  it('by not answering is unavailable', async () => {
    const silent = await loopback(() => undefined);
    const late = createPipedrive({ apiToken: TOKEN, baseUrl: silent.url, timeoutMs: 50 });
    expect(await failure(late.readDeal('1'))).toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/50 ms/),
    });
    const given = createPipedrive({ apiToken: TOKEN, baseUrl: silent.url });
    expect(await failure(given.readDeal('1', AbortSignal.timeout(20)))).toMatchObject({ code: 'unavailable' });
    const nobody = createPipedrive({ apiToken: TOKEN, baseUrl: 'http://127.0.0.1:1' });
    expect(await failure(nobody.readDeal('1'))).toMatchObject({ code: 'unavailable', retryable: true });
  });
});

describe('how long Pipedrive asks to wait', () => {
  const burst = { 'x-ratelimit-limit': '20', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '2' };

  it('is what Retry-After says, else the end of the window, in seconds', async () => {
    const body = { success: false, error: 'Rate limit exceeded', code: 429 };
    expect((await answering(429, body, { ...burst, 'retry-after': '7' })).retryAfterMs).toBe(7_000);
    expect((await answering(429, body, burst)).retryAfterMs).toBe(2_000);
    expect((await answering(429, body)).retryAfterMs).toBeUndefined();
  });

  it('is minutes when the day’s budget is spent: the window has requests left', async () => {
    const headers = { ...burst, 'x-ratelimit-remaining': '19' };
    const error = await answering(429, { success: false, error: 'API token budget exceeded' }, headers);
    expect(error).toMatchObject({
      code: 'rate_limited',
      retryAfterMs: 300_000,
      message: expect.stringMatching(/daily budget/),
    });
  });

  it('is a minute when Cloudflare shuts out who went on after 429', async () => {
    const html = '<!DOCTYPE html><title>Access denied</title>This error is produced by Cloudflare.';
    expect(await answering(403, html)).toMatchObject({ code: 'rate_limited', retryable: true, retryAfterMs: 60_000 });
  });

  it('is not asked for by other errors', async () => {
    expect((await answering(400, words, burst)).retryAfterMs).toBeUndefined();
  });
});
