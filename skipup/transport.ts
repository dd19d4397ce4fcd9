import { Agent, type Dispatcher, request as exchange } from 'undici';
import type { z } from 'zod';
import { CallScope } from './call-scope.ts';
import { errorFromFailure } from './error-from-failure.ts';
import { errorFromResponse } from './error-from-response.ts';
import { SkipUpConfigurationError, SkipUpDecodingError, SkipUpError } from './errors.ts';
import { readBody } from './read-body.ts';
import { backoffMs, type RetryOptions, retryAfterMs } from './retry.ts';
import type { ApiScope } from './schemas.ts';

/** A hundred meeting requests with the longest texts take about 3 MB. */
const ANSWER_MAX_BYTES = 8 * 1024 * 1024;
const ERROR_MAX_BYTES = 64 * 1024;

/** Milliseconds. */
export interface Timeouts {
  /** To a connection. Does not apply to a dispatcher of the caller's. */
  connectMs: number;
  /** From sending to the first byte of the answer. */
  headersMs: number;
  /** Between two pieces of the answer's body. */
  bodyMs: number;
  /** For one call of a method, with all repeats and waits. */
  totalMs: number;
}

/** What `onRequest` learns; no header, no body, no query. */
export interface RequestInfo {
  method: string;
  /** `/meeting_requests/:id/cancel`: without ids, fit for a metric's label. */
  route: string;
  /** `/meeting_requests/mr_123/cancel`. */
  path: string;
  /** From 1. */
  attempt: number;
}

/** What `onResponse` learns; `status` where there was an answer, `error` where the attempt failed. */
export interface ResponseInfo extends RequestInfo {
  durationMs: number;
  status?: number;
  requestId?: string;
  error?: SkipUpError;
}

export interface TransportOptions {
  baseUrl: string;
  apiKey: string;
  userAgent: string;
  timeouts: Timeouts;
  retry: RetryOptions;
  dispatcher?: Dispatcher | undefined;
  onRequest?: ((info: RequestInfo) => void) | undefined;
  onResponse?: ((info: ResponseInfo) => void) | undefined;
}

/** One call of the API's. */
export interface ApiCall {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  route: string;
  path: string;
  /** The scope the key needs, for the message of a 403. */
  scope: ApiScope;
  query?: Readonly<Record<string, string | number | boolean | undefined>>;
  body?: unknown;
  idempotencyKey?: string;
  /** `always`: repeating changes nothing more. `unless_ambiguous`: only while SkipUp cannot have acted. */
  repeat: 'always' | 'unless_ambiguous';
}

interface Answer {
  status: number;
  requestId: string | undefined;
  text: string;
}

/** Sends calls, repeats them where that is safe, and makes an error of everything that is no success. */
export class Transport {
  readonly retry: RetryOptions;
  readonly #apiKey: string;
  readonly #options: Omit<TransportOptions, 'apiKey'>;
  readonly #dispatcher: Dispatcher;
  readonly #own: Agent | undefined;
  #closed = false;

  constructor({ apiKey, ...options }: TransportOptions) {
    this.#apiKey = apiKey;
    this.#options = options;
    this.retry = options.retry;
    if (options.dispatcher) {
      this.#dispatcher = options.dispatcher;
    } else {
      this.#own = new Agent({ connect: { timeout: options.timeouts.connectMs } });
      this.#dispatcher = this.#own;
    }
  }

  /** Waits for running calls and closes the connections; a dispatcher of the caller's stays open. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#own?.close();
  }

  /** Runs one call of the caller's, however many exchanges it takes, under the total time-out and the caller's signal. */
  async scoped<T>(signal: AbortSignal | undefined, run: (scope: CallScope) => Promise<T>): Promise<T> {
    const scope = new CallScope(this.#options.timeouts.totalMs, signal);
    try {
      return await run(scope);
    } finally {
      scope.close();
    }
  }

  /** Sends the call and reads its answer by the schema. */
  async fetch<T>(scope: CallScope, call: ApiCall, schema: z.ZodType<T>): Promise<T> {
    return await this.#repeat(scope, call, (answer) => decode(call, answer, schema));
  }

  /** Sends a call that has no answer but its status. */
  async fetchNothing(scope: CallScope, call: ApiCall): Promise<void> {
    await this.#repeat(scope, call, () => undefined);
  }

  async #repeat<T>(scope: CallScope, call: ApiCall, read: (answer: Answer) => T): Promise<T> {
    let mayHaveActed = false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(scope, call, attempt, mayHaveActed, read);
      } catch (error) {
        if (!(error instanceof SkipUpError)) throw error;
        mayHaveActed = error.ambiguous;
        const repeatable = error.retryable && (call.repeat === 'always' || !error.ambiguous);
        if (!repeatable || attempt >= this.retry.maxAttempts) throw error;
        if (!(await this.pause(scope, attempt, error))) throw error;
      }
    }
  }

  /**
   * Waits before the next attempt.
   * @returns false when waiting makes no sense: SkipUp asks for more than the cap, or the call's time would be over
   * @throws SkipUpAbortError, SkipUpTimeoutError when the call ends during the wait
   */
  async pause(scope: CallScope, attempt: number, error: SkipUpError): Promise<boolean> {
    const asked = error.retryAfterMs ?? 0;
    if (asked > this.retry.retryAfterCapMs) return false;
    const delay = asked + backoffMs(attempt, this.retry);
    if (delay >= scope.remainingMs) return false;
    try {
      await this.retry.sleep(delay, scope.signal);
    } catch (cause) {
      throw scope.error('Waiting to repeat a call to SkipUp', error.ambiguous) ?? cause;
    }
    return true;
  }

  async #attempt<T>(
    scope: CallScope,
    call: ApiCall,
    attempt: number,
    earlierMayHaveActed: boolean,
    read: (answer: Answer) => T,
  ): Promise<T> {
    if (this.#closed) {
      throw new SkipUpConfigurationError('The client is closed. Make a new one.', { ambiguous: earlierMayHaveActed });
    }
    const info: RequestInfo = { method: call.method, route: call.route, path: call.path, attempt };
    const what = `${call.method} ${call.route}`;
    const ended = scope.error(what, earlierMayHaveActed);
    if (ended) throw ended;
    tell(this.#options.onRequest, info);
    const startedAt = performance.now();
    const seen: { status?: number; requestId?: string } = {};
    try {
      const result = read(await this.#exchange(scope, call, earlierMayHaveActed, seen));
      tell(this.#options.onResponse, { ...info, ...seen, durationMs: performance.now() - startedAt });
      return result;
    } catch (cause) {
      const error =
        cause instanceof SkipUpError
          ? cause
          : (scope.error(what, earlierMayHaveActed || call.method !== 'GET') ??
            errorFromFailure(cause, { ...call, ...seen, earlierMayHaveActed }, this.#apiKey));
      tell(this.#options.onResponse, { ...info, ...seen, durationMs: performance.now() - startedAt, error });
      throw error;
    }
  }

  async #exchange(
    scope: CallScope,
    call: ApiCall,
    earlierMayHaveActed: boolean,
    seen: { status?: number; requestId?: string },
  ): Promise<Answer> {
    const { baseUrl, timeouts, userAgent } = this.#options;
    const response = await exchange(`${baseUrl}${call.path}${queryOf(call.query)}`, {
      dispatcher: this.#dispatcher,
      method: call.method,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${this.#apiKey}`,
        'user-agent': userAgent,
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(call.idempotencyKey === undefined ? {} : { 'idempotency-key': call.idempotencyKey }),
      },
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal: scope.signal,
      headersTimeout: timeouts.headersMs,
      bodyTimeout: timeouts.bodyMs,
    });
    const status = response.statusCode;
    const requestId = oneOf(response.headers['x-request-id'])?.slice(0, 200);
    seen.status = status;
    if (requestId !== undefined) seen.requestId = requestId;
    const succeeded = status >= 200 && status < 300;
    const ambiguous = earlierMayHaveActed || (call.method !== 'GET' && (succeeded || status >= 500 || status === 408));
    if (succeeded) {
      const text = await readBody(response.body, ANSWER_MAX_BYTES);
      if (text === undefined) {
        throw new SkipUpDecodingError(
          `SkipUp answered ${call.method} ${call.route} with more than ${ANSWER_MAX_BYTES} bytes. Ask for smaller pages.`,
          false,
          { status, requestId, ambiguous },
        );
      }
      return { status, requestId, text };
    }
    const text = await readErrorText(response.body, scope);
    const wait = retryAfterMs(
      {
        retryAfter: oneOf(response.headers['retry-after']),
        retryAfterMs: oneOf(response.headers['retry-after-ms']),
      },
      Date.now(),
    );
    throw errorFromResponse(
      call,
      { status, text, requestId, retryAfterMs: wait, mayHaveActed: ambiguous },
      this.#apiKey,
    );
  }
}

/** The body of an answer that is no success. The status has told what matters: a body that cannot be read is none. */
async function readErrorText(body: Dispatcher.ResponseData['body'], scope: CallScope): Promise<string> {
  try {
    return (await readBody(body, ERROR_MAX_BYTES)) ?? '';
  } catch (cause) {
    if (scope.signal.aborted) throw cause;
    return '';
  }
}

function decode<T>(call: ApiCall, answer: Answer, schema: z.ZodType<T>): T {
  const facts = { status: answer.status, requestId: answer.requestId, ambiguous: call.method !== 'GET' };
  const what = `${call.method} ${call.route}`;
  let json: unknown;
  try {
    json = JSON.parse(answer.text);
  } catch {
    // The parser's own error quotes the answer, which may hold people's data: it is not kept.
    throw new SkipUpDecodingError(
      `SkipUp answered ${what} with ${answer.status} and no readable JSON. Check the base URL and what stands in between.`,
      // Something in between said it (a gateway's page), which may pass; an empty answer is SkipUp's own.
      answer.text !== '' || call.repeat === 'always',
      facts,
    );
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const where = result.error.issues
    .slice(0, 5)
    .map((issue) => issue.path.join('.') || 'the whole')
    .join(', ');
  throw new SkipUpDecodingError(
    `SkipUp answered ${what} with ${answer.status} in a shape this client does not know (at ${where}). Look for a newer client.`,
    false,
    { ...facts, cause: result.error },
  );
}

function queryOf(query: ApiCall['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.append(name, String(value));
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

function oneOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** A hook that throws must not turn a call that succeeded into one that failed. */
function tell<T>(hook: ((info: T) => void) | undefined, info: T): void {
  try {
    hook?.(info);
  } catch (cause) {
    process.emitWarning(
      `A hook of the SkipUp client threw: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        code: 'SKIPUP_HOOK',
      },
    );
  }
}
