import { Agent, type Dispatcher } from 'undici';
import type { z } from 'zod';
import { responseOf, type SkipUpResponse, type WithResponse } from './api-response.ts';
import type { CallOptions, ListOptions } from './call-options.ts';
import { CallScope } from './call-scope.ts';
import { check } from './check.ts';
import { decode } from './decode.ts';
import { type Drift, DriftWatch } from './drift.ts';
import { errorFromFailure } from './error-from-failure.ts';
import { errorFromResponse } from './error-from-response.ts';
import { SkipUpConfigurationError, SkipUpDecodingError, SkipUpError } from './errors.ts';
import { exchange } from './exchange.ts';
import { tell } from './hooks.ts';
import { PagePace } from './page-pace.ts';
import { type PageAnswer, PagedList } from './paged-list.ts';
import { backoffMs, type RetryOptions, retryAfterMs } from './retry.ts';
import { type ApiScope, pagesPerMinuteSchema } from './schemas.ts';
import { SkipUpPromise } from './skipup-promise.ts';
import { type Progress, type SkipUpTracer, Tracing } from './tracing.ts';

/** A hundred meeting requests with the longest texts take about 3 MB. */
const ANSWER_MAX_BYTES = 8 * 1024 * 1024;
const ERROR_MAX_BYTES = 64 * 1024;

/** Milliseconds; each is kept to a few of them. */
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
  /** Milliseconds since the epoch. */
  now: () => number;
  pagesPerMinute?: number | undefined;
  dispatcher?: Dispatcher | undefined;
  tracer?: SkipUpTracer | false | undefined;
  onRequest?: ((info: RequestInfo) => void) | undefined;
  onResponse?: ((info: ResponseInfo) => void) | undefined;
  onDrift?: ((drift: Drift) => void) | undefined;
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
  /** A 404 after an attempt whose answer was lost means that this attempt has done it. */
  goneIsDone?: boolean;
  /** Before each attempt but the first. */
  onRepeat?: () => void;
}

/** What is known of an attempt, for its hooks and its error. */
interface Seen {
  status?: number;
  requestId?: string;
}

/** Sends calls, repeats them where that is safe, and makes an error of everything that is no success. */
export class Transport {
  readonly retry: RetryOptions;
  readonly #apiKey: string;
  readonly #options: Omit<TransportOptions, 'apiKey'>;
  readonly #dispatcher: Dispatcher;
  readonly #own: Agent | undefined;
  readonly #tracing: Tracing;
  readonly #drift: DriftWatch;
  readonly #pace: PagePace | undefined;
  #closed = false;

  constructor({ apiKey, ...options }: TransportOptions) {
    this.#apiKey = apiKey;
    this.#options = options;
    this.retry = options.retry;
    this.#tracing = new Tracing(options.tracer, new URL(options.baseUrl));
    this.#drift = new DriftWatch(options.onDrift);
    this.#pace = this.#paceOf(options.pagesPerMinute);
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
  call<T>(options: CallOptions | undefined, run: (scope: CallScope) => Promise<WithResponse<T>>): SkipUpPromise<T> {
    return new SkipUpPromise(this.#scoped(options?.signal, run));
  }

  /**
   * A list that is read as it is looped over.
   * @param callAt - the call for the page that starts at a cursor; what it throws, reading the page throws
   */
  list<T>(
    options: ListOptions,
    firstCursor: string | undefined,
    schema: z.ZodType<PageAnswer<T>>,
    callAt: (cursor: string | undefined) => ApiCall,
  ): PagedList<T> {
    let own: PagePace | undefined;
    return new PagedList(async (cursor) => {
      const call = callAt(cursor);
      own ??= this.#paceOf(check(pagesPerMinuteSchema.optional(), options.pagesPerMinute, 'The list'));
      const paces = [own, this.#pace].filter((pace) => pace !== undefined);
      for (const pace of paces) await pace.turn(options.signal);
      const onRepeat = () => {
        for (const pace of paces) pace.spend();
      };
      return await this.#scoped(options.signal, (scope) => this.fetch(scope, { ...call, onRepeat }, schema));
    }, firstCursor);
  }

  /** Sends the call and reads its answer by the schema. */
  async fetch<T>(scope: CallScope, call: ApiCall, schema: z.ZodType<T>): Promise<WithResponse<T>> {
    return await this.#traced(scope, call, (response) => {
      const { status, requestId, text } = response;
      const facts = { ambiguous: call.method !== 'GET', repeatable: call.repeat === 'always' };
      const answer = { what: `${call.method} ${call.route}`, status, requestId, text, ...facts };
      return { data: decode(answer, schema, (json) => this.#drift.look(schema, json)), response };
    });
  }

  /** Sends a call whose answer is `{data: …}`. */
  async fetchOne<T>(scope: CallScope, call: ApiCall, schema: z.ZodType<{ data: T }>): Promise<WithResponse<T>> {
    const { data, response } = await this.fetch(scope, call, schema);
    return { data: data.data, response };
  }

  /** Sends a call that has no answer but its status. */
  async fetchNothing(scope: CallScope, call: ApiCall): Promise<WithResponse<void>> {
    return await this.#traced(scope, call, (response) => ({ data: undefined, response }));
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

  #paceOf(perMinute: number | undefined): PagePace | undefined {
    if (perMinute === undefined) return undefined;
    return new PagePace(perMinute, { now: this.#options.now, sleep: this.retry.sleep });
  }

  async #scoped<T>(signal: AbortSignal | undefined, run: (scope: CallScope) => Promise<T>): Promise<T> {
    const scope = new CallScope(this.#options.timeouts.totalMs, signal);
    try {
      return await run(scope);
    } finally {
      scope.close();
    }
  }

  async #traced<T>(scope: CallScope, call: ApiCall, read: (response: SkipUpResponse) => T): Promise<T> {
    const progress: Progress = { attempts: 0, status: undefined };
    return await this.#tracing.around(call, progress, () => this.#repeat(scope, call, progress, read));
  }

  async #repeat<T>(
    scope: CallScope,
    call: ApiCall,
    progress: Progress,
    read: (response: SkipUpResponse) => T,
  ): Promise<T> {
    let mayHaveActed = false;
    for (let attempt = 1; ; attempt += 1) {
      if (attempt > 1) call.onRepeat?.();
      const seen: Seen = {};
      try {
        return await this.#attempt(scope, call, attempt, mayHaveActed, seen, read);
      } catch (error) {
        if (!(error instanceof SkipUpError)) throw error;
        mayHaveActed = error.ambiguous;
        const repeatable = error.retryable && (call.repeat === 'always' || !error.ambiguous);
        if (!repeatable || attempt >= this.retry.maxAttempts) throw error;
        if (!(await this.pause(scope, attempt, error))) throw error;
      } finally {
        progress.attempts = attempt;
        progress.status = seen.status;
      }
    }
  }

  async #attempt<T>(
    scope: CallScope,
    call: ApiCall,
    attempt: number,
    earlierMayHaveActed: boolean,
    seen: Seen,
    read: (response: SkipUpResponse) => T,
  ): Promise<T> {
    if (this.#closed) {
      throw new SkipUpConfigurationError('The client is closed. Make a new one.', { ambiguous: earlierMayHaveActed });
    }
    const info: RequestInfo = { method: call.method, route: call.route, path: call.path, attempt };
    const what = `${call.method} ${call.route}`;
    const ended = scope.error(what, earlierMayHaveActed);
    if (ended) throw ended;
    tell(this.#options.onRequest, info);
    scope.attempts += 1;
    const startedAt = performance.now();
    // Only of the client's own connections is it known when the sending begins.
    const connection = { sent: this.#own === undefined };
    try {
      const result = read(await this.#exchange(scope, call, earlierMayHaveActed, seen, connection));
      tell(this.#options.onResponse, { ...info, ...seen, durationMs: performance.now() - startedAt });
      return result;
    } catch (cause) {
      const mayHaveActed = earlierMayHaveActed || (call.method !== 'GET' && connection.sent);
      const error =
        cause instanceof SkipUpError
          ? cause
          : (scope.error(what, mayHaveActed) ??
            errorFromFailure(cause, { ...call, ...seen, sent: connection.sent, earlierMayHaveActed }, this.#apiKey));
      tell(this.#options.onResponse, { ...info, ...seen, durationMs: performance.now() - startedAt, error });
      throw error;
    }
  }

  async #exchange(
    scope: CallScope,
    call: ApiCall,
    earlierMayHaveActed: boolean,
    seen: Seen,
    connection: { sent: boolean },
  ): Promise<SkipUpResponse> {
    const { baseUrl, timeouts, userAgent } = this.#options;
    const answer = await exchange({
      dispatcher: this.#dispatcher,
      url: new URL(`${baseUrl}${call.path}${queryOf(call.query)}`),
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
      timeouts: { ...timeouts, connectMs: this.#own && timeouts.connectMs },
      limitOf: (status) => (isSuccess(status) ? ANSWER_MAX_BYTES : ERROR_MAX_BYTES),
      onSent: () => {
        connection.sent = true;
      },
      onHead: (status, headers) => {
        seen.status = status;
        const requestId = oneOf(headers['x-request-id'])?.slice(0, 200);
        if (requestId !== undefined) seen.requestId = requestId;
      },
    });
    const { status, headers } = answer;
    const { requestId } = seen;
    const succeeded = isSuccess(status);
    const ambiguous = earlierMayHaveActed || (call.method !== 'GET' && (succeeded || status >= 500 || status === 408));
    // The status of a failure has told what matters: a body of its that cannot be read is none.
    if ('broken' in answer && (succeeded || scope.signal.aborted)) throw answer.broken;
    if (succeeded && answer.tooLong) {
      throw new SkipUpDecodingError(
        `SkipUp answered ${call.method} ${call.route} with more than ${ANSWER_MAX_BYTES} bytes. Ask for smaller pages.`,
        false,
        { status, requestId, ambiguous },
      );
    }
    const text = 'broken' in answer || answer.tooLong ? '' : new TextDecoder().decode(answer.body);
    if (succeeded || (status === 404 && call.goneIsDone && earlierMayHaveActed)) {
      return responseOf({ status, headers, requestId, text, attempts: scope.attempts });
    }
    const wait = retryAfterMs(
      { retryAfter: oneOf(headers['retry-after']), retryAfterMs: oneOf(headers['retry-after-ms']) },
      this.#options.now(),
    );
    throw errorFromResponse(
      call,
      { status, text, requestId, retryAfterMs: wait, mayHaveActed: ambiguous },
      this.#apiKey,
    );
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
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
