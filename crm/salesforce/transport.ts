import { type Duplex, PassThrough } from 'node:stream';
import type { HttpRequest, HttpResponse } from 'jsforce';
import { type Dispatcher, request } from 'undici';
import { CrmError } from '../port.ts';

/** The longest useful answer (2,000 records of a query) is far below this. */
const MAX_ANSWER_BYTES = 5 * 1024 * 1024;

export interface TransportOptions {
  /** Ends the exchange: the time limit, or the caller. */
  signal: AbortSignal;
  dispatcher: Dispatcher | undefined;
}

/** What Salesforce answered, for what jsforce's errors do not carry: the status and `Retry-After`. */
export interface LastAnswer {
  status: number;
  headers: Record<string, string>;
}

/** jsforce's contract for one HTTP exchange. */
export interface SalesforceTransport {
  httpRequest(sent: HttpRequest): Promise<HttpResponse> & { stream(): Duplex };
  /** Undefined until something was answered. */
  last(): LastAnswer | undefined;
}

/**
 * The HTTP under jsforce, for one call.
 *
 * jsforce's own cannot be ended, waits for half an hour, repeats on its own, follows redirects with the access token and
 * reads answers of any length. This one does one exchange, with a limit to everything.
 */
export function createTransport({ signal, dispatcher }: TransportOptions): SalesforceTransport {
  let last: LastAnswer | undefined;
  async function exchange(sent: HttpRequest): Promise<HttpResponse> {
    const answer = await request(sent.url, {
      method: sent.method,
      headers: { accept: 'application/json', ...sent.headers },
      body: typeof sent.body === 'string' ? sent.body : null,
      signal,
      ...(dispatcher === undefined ? {} : { dispatcher }),
    });
    const body = await readLimited(answer.body);
    last = { status: answer.statusCode, headers: singleHeaders(answer.headers) };
    if (answer.statusCode >= 300 && answer.statusCode < 400) {
      throw new CrmError(
        'configuration',
        `Salesforce answered ${answer.statusCode}, a redirect, which is not followed: check the login URL.`,
      );
    }
    return { statusCode: answer.statusCode, headers: last.headers, body };
  }
  return {
    // The stream is jsforce's for downloads, which are not made here.
    httpRequest: (sent) => Object.assign(exchange(sent), { stream: () => new PassThrough() }),
    last: () => last,
  };
}

async function readLimited(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > MAX_ANSWER_BYTES) {
      throw new CrmError('malformed_answer', `Salesforce answered with more than ${MAX_ANSWER_BYTES} bytes.`);
    }
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function singleHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}
