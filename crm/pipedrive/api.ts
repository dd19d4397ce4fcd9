import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { callJson, expectAnswer, type FailedAnswer, type FailureMeaning, readRetryAfter } from '../http.ts';
import { CrmError } from '../port.ts';

export interface PipedriveApiOptions {
  /** `https://<company>.pipedrive.com`. Default `https://api.pipedrive.com`. */
  baseUrl?: string | undefined;
  /** Sent as `x-api-token`, never in a URL. */
  apiToken: string | undefined;
  /** Milliseconds for one call. Default 10,000. */
  timeoutMs?: number | undefined;
  /** Connections to use; the process's own when absent. */
  dispatcher?: Dispatcher | undefined;
}

export interface PipedriveCall {
  method: 'GET' | 'POST' | 'PATCH';
  /** With the version, because Pipedrive is between two: users, participants and notes are in v1 only. */
  path: `/v1/${string}` | `/v2/${string}`;
  query?: Record<string, string>;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

/** One page of a list, and how the next one is asked for. */
export interface PipedrivePage<T> {
  items: T[];
  /** Query of the next page; undefined after the last. */
  next: Record<string, string> | undefined;
}

/** Pipedrive's REST API: each function makes one call and checks its answer. */
export interface PipedriveApi {
  readonly baseUrl: string;
  /** The `data` of the answer. @throws CrmError */
  call<T>(schema: z.ZodType<T>, call: PipedriveCall): Promise<T>;
  /** A page of a list; v1 gives null for an empty one. @throws CrmError */
  page<T>(schema: z.ZodType<T>, call: PipedriveCall): Promise<PipedrivePage<T>>;
}

const DEFAULT_BASE_URL = 'https://api.pipedrive.com';

/** The longest useful answer (100 notes of some kilobytes each) is far below this. */
const MAX_ANSWER_BYTES = 10 * 1024 * 1024;

/** An id in an answer. */
export const idSchema = z.union([z.int().nonnegative(), z.string().min(1)]).transform(String);

const envelopeSchema = z.object({
  success: z.boolean().nullish(),
  error: z.string().nullish().catch(null),
  data: z.unknown(),
  additional_data: z
    .object({
      /** v2 */
      next_cursor: z.string().nullish(),
      /** v1 */
      pagination: z
        .object({ more_items_in_collection: z.boolean().nullish(), next_start: z.int().nullish() })
        .nullish(),
    })
    .nullish(),
});

export function createPipedriveApi(options: PipedriveApiOptions): PipedriveApi {
  const baseUrl = (options.baseUrl ?? DEFAULT_BASE_URL).replace(/\/+$/, '');

  async function exchange(call: PipedriveCall): Promise<z.infer<typeof envelopeSchema>> {
    const token = options.apiToken?.trim();
    if (token === undefined || token === '') {
      throw new CrmError('configuration', 'Pipedrive cannot be called: set PIPEDRIVE_API_TOKEN.');
    }
    const query = call.query === undefined ? '' : `?${new URLSearchParams(call.query).toString()}`;
    const answer = await callJson({
      system: 'Pipedrive',
      method: call.method,
      url: `${baseUrl}/api${call.path}${query}`,
      headers: { 'x-api-token': token },
      body: call.body,
      timeoutMs: options.timeoutMs ?? 10_000,
      maxBytes: MAX_ANSWER_BYTES,
      signal: call.signal,
      dispatcher: options.dispatcher,
      meaning: pipedriveMeaning,
    });
    const envelope = expectAnswer(envelopeSchema, answer, nameOf(call));
    if (envelope.success === false) {
      throw failed(call, envelope.error ?? 'no reason given');
    }
    return envelope;
  }

  return {
    baseUrl,
    async call(schema, call) {
      const { data } = await exchange(call);
      if (data === null && call.method === 'GET') {
        throw failed(call, 'no data');
      }
      return expectAnswer(schema, data, nameOf(call));
    },
    async page(schema, call) {
      const { data, additional_data: more } = await exchange(call);
      const items = expectAnswer(z.array(schema), data ?? [], nameOf(call));
      return { items, next: nextPage(more) };
    },
  };
}

/**
 * The items of a list, page after page.
 *
 * @param most pages that are read; what lies behind them is left out, so that nothing is read without end
 * @throws CrmError
 */
export async function* eachPage<T>(
  api: PipedriveApi,
  schema: z.ZodType<T>,
  call: PipedriveCall,
  most: number,
): AsyncGenerator<T[]> {
  let query = call.query ?? {};
  for (let count = 0; count < most; count += 1) {
    const { items, next } = await api.page(schema, { ...call, query });
    yield items;
    if (next === undefined) {
      return;
    }
    query = { ...call.query, ...next };
  }
}

function nextPage(more: z.infer<typeof envelopeSchema>['additional_data']): Record<string, string> | undefined {
  const cursor = more?.next_cursor;
  if (cursor !== null && cursor !== undefined && cursor !== '') {
    return { cursor };
  }
  const start = more?.pagination?.more_items_in_collection === true ? more.pagination.next_start : undefined;
  return start === null || start === undefined ? undefined : { start: String(start) };
}

/** A success in HTTP that is none in words: nothing there to be read, or a write that was not done. */
function failed(call: PipedriveCall, said: string): CrmError {
  const code = call.method === 'GET' ? 'not_found' : 'refused';
  return new CrmError(code, `${nameOf(call)} answered without success (${said.slice(0, 300)}). Check it in Pipedrive.`);
}

function nameOf(call: PipedriveCall): string {
  return `Pipedrive (${call.method} ${call.path})`;
}

/** Pipedrive's day of API tokens ends at its server's midnight, wherever that is: it is asked again after this long. */
const BUDGET_WAIT_MS = 5 * 60_000;
/** How long Cloudflare shuts out who went on after 429 is not documented; less often is what it asks for. */
const BLOCK_WAIT_MS = 60_000;

/**
 * What Pipedrive's errors mean beyond their status: https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting
 *
 * A 429 is a burst (2-second window, `x-ratelimit-reset` in seconds) or the company's spent daily budget; the window then
 * has requests left. Who goes on after 429 gets 403 with Cloudflare's HTML page: a limit, not a missing permission.
 */
export function pipedriveMeaning({ status, headers, text }: FailedAnswer): FailureMeaning | undefined {
  if (status === 429) {
    if (Number(headers['x-ratelimit-remaining'] ?? 0) > 0) {
      const hint =
        'The company’s daily budget of API tokens is spent; it is renewed at midnight of Pipedrive’s servers.';
      return { code: 'rate_limited', hint, retryAfterMs: BUDGET_WAIT_MS };
    }
    const retryAfterMs = readRetryAfter(headers['retry-after'] ?? headers['x-ratelimit-reset'], new Date());
    return { code: 'rate_limited', hint: 'The call is repeated later.', retryAfterMs };
  }
  if (status === 403 && text.trimStart().startsWith('<')) {
    const hint = 'Too many calls were made in spite of 429. The call is repeated later.';
    return { code: 'rate_limited', hint, retryAfterMs: BLOCK_WAIT_MS };
  }
  if (status === 402) {
    return {
      code: 'configuration',
      hint: 'The company’s Pipedrive account is not open: its trial or payment has ended.',
    };
  }
  return undefined;
}
