import { type Dispatcher, request } from 'undici';
import { z } from 'zod';
import { CrmError, type CrmErrorCode } from './port.ts';

/** One call to a CRM. */
export interface HttpCall {
  /** The CRM's name for messages, e.g. `HubSpot`. */
  system: string;
  method: 'GET' | 'POST' | 'PATCH';
  url: string;
  headers: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Milliseconds for the whole call. */
  timeoutMs: number;
  /** Bytes of answer that are read; a longer one is an error. */
  maxBytes: number;
  signal?: AbortSignal | undefined;
  dispatcher?: Dispatcher | undefined;
  /** What an error means with this CRM, where that differs from the general rule; undefined: the general rule. */
  meaning?: ((failure: FailedAnswer) => FailureMeaning | undefined) | undefined;
}

/** An answer that is no success. */
export interface FailedAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

export interface FailureMeaning {
  code: CrmErrorCode;
  /** What to do next, as a sentence. */
  hint: string;
  /** Milliseconds; stands for what `Retry-After` says. */
  retryAfterMs?: number | undefined;
}

/** A CRM asks us to wait; HubSpot's header has been seen in seconds and in milliseconds. */
const RETRY_AFTER_MS = { least: 1_000, most: 30_000 };

/**
 * Makes one call and returns the parsed JSON of a 2xx answer (undefined for an empty one).
 *
 * @throws CrmError; `unavailable` and `rate_limited` are worth a retry, the others are not
 */
export async function callJson(call: HttpCall): Promise<unknown> {
  const { status, headers, text } = await exchange(call);
  if (status >= 200 && status < 300) {
    return parseAnswer(call, text);
  }
  throw errorOfStatus(call, status, headers, text);
}

/** Checks an answer against what is expected. @throws CrmError `malformed_answer`, naming the field */
export function expectAnswer<T>(schema: z.ZodType<T>, answer: unknown, what: string): T {
  const result = schema.safeParse(answer);
  if (!result.success) {
    const issue = result.error.issues[0];
    const where = issue === undefined ? '' : ` at ${issue.path.join('.') || 'the top'}: ${issue.message}`;
    throw new CrmError('malformed_answer', `${what} did not answer as documented${where}.`);
  }
  return result.data;
}

async function exchange(call: HttpCall): Promise<{ status: number; headers: Headers; text: string }> {
  const limit = AbortSignal.timeout(call.timeoutMs);
  const signal = call.signal === undefined ? limit : AbortSignal.any([limit, call.signal]);
  try {
    const answer = await request(call.url, {
      method: call.method,
      headers: {
        accept: 'application/json',
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...call.headers,
      },
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal,
      ...(call.dispatcher === undefined ? {} : { dispatcher: call.dispatcher }),
    });
    const text = await readLimited(call, answer.body);
    return { status: answer.statusCode, headers: answer.headers, text };
  } catch (cause) {
    if (cause instanceof CrmError) {
      throw cause;
    }
    const why = limit.aborted
      ? `did not answer within ${call.timeoutMs} ms`
      : `could not be reached (${nameOf(cause)})`;
    throw new CrmError('unavailable', `${call.system} ${why}. The call can be repeated.`, { cause });
  }
}

type Headers = Record<string, string | string[] | undefined>;

async function readLimited(call: HttpCall, body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > call.maxBytes) {
      throw new CrmError('malformed_answer', `${call.system} answered with more than ${call.maxBytes} bytes.`);
    }
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseAnswer(call: HttpCall, text: string): unknown {
  if (text.trim() === '') {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CrmError('malformed_answer', `${call.system} answered ${call.method} with something that is not JSON.`, {
      cause,
    });
  }
}

function errorOfStatus(call: HttpCall, status: number, headers: Headers, text: string): CrmError {
  const own = call.meaning?.({ status, headers, text });
  const { code, hint } = own ?? meaningOf(status);
  const said = saidBy(text);
  const message = `${call.system} answered ${status} to ${call.method} ${new URL(call.url).pathname}${said}. ${hint}`;
  const retryAfterMs = own?.retryAfterMs ?? readRetryAfter(headers['retry-after'], new Date());
  return new CrmError(code, message, retryAfterMs === undefined ? {} : { retryAfterMs });
}

/** Decides by status alone; messages are for people and change without notice. */
function meaningOf(status: number): { code: CrmErrorCode; hint: string } {
  if (status === 401) {
    return { code: 'unauthorized', hint: 'Check the access token.' };
  }
  if (status === 403) {
    return { code: 'unauthorized', hint: 'The access token lacks a scope for this call.' };
  }
  if (status === 404 || status === 410) {
    return { code: 'not_found', hint: 'Nothing exists under this id, or the token may not see it.' };
  }
  if (status === 429) {
    return { code: 'rate_limited', hint: 'The call is repeated later.' };
  }
  // 423 (locked) and 477 (portal being moved) are HubSpot's own "later"; 408 and 425 are HTTP's.
  if (status >= 500 || [408, 423, 425, 477].includes(status)) {
    return { code: 'unavailable', hint: 'The call is repeated later.' };
  }
  if (status < 400) {
    return { code: 'configuration', hint: 'This is a redirect, which is not followed: check the base URL.' };
  }
  return { code: 'refused', hint: "Check the CRM's own rules for this record and the configured property names." };
}

/** `error` is Pipedrive's name for it. */
const errorBodySchema = z.object({
  message: z.string().optional(),
  category: z.string().optional(),
  error: z.string().optional().catch(undefined),
});

/** The CRM's own words, short enough for a log line. */
function saidBy(text: string): string {
  try {
    const { message, category, error } = errorBodySchema.parse(JSON.parse(text));
    const words = [category, message, error].filter((part) => part !== undefined && part !== '').join(': ');
    return words === '' ? '' : ` (${words.slice(0, 300)})`;
  } catch {
    return '';
  }
}

/**
 * `Retry-After` in milliseconds, clamped to 1–30 s. Takes seconds, milliseconds (any number from 1,000 on) and a date.
 *
 * @returns undefined when the header is absent or unreadable
 */
export function readRetryAfter(header: string | string[] | undefined, now: Date): number | undefined {
  const value = Array.isArray(header) ? header[0] : header;
  if (value === undefined || value.trim() === '') {
    return undefined;
  }
  const number = Number(value);
  const wait = Number.isFinite(number)
    ? number >= 1_000
      ? number
      : number * 1_000
    : Date.parse(value) - now.getTime();
  if (Number.isNaN(wait)) {
    return undefined;
  }
  return Math.min(Math.max(wait, RETRY_AFTER_MS.least), RETRY_AFTER_MS.most);
}

function nameOf(cause: unknown): string {
  if (!(cause instanceof Error)) {
    return 'unknown reason';
  }
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
}
