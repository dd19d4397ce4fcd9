import type { LinearError } from '@linear/sdk';
import { ApplicationFailure } from '@temporalio/activity';
import { z } from 'zod';
import { clampedWait } from './outbound-retry-after.ts';

export interface LinearDependencies {
  linear?: LinearOptions | undefined;
}

interface LinearOptions {
  /** Linear's GraphQL endpoint. */
  baseUrl: string;
  /** A secret. Undefined: steps fail with a sentence that says what to set. */
  apiKey: string | undefined;
}

/** One request; Linear answers in well under this. */
const TIMEOUT_MS = 10_000;
/** Linear's limits are by the hour and fill up all the time. */
const RATE_LIMIT_WAIT_MS = 60_000;

/** Errors that a repetition may mend. Source: `LinearErrorType` of Linear's SDK. */
const PASSING = new Set(['NetworkError', 'InternalError', 'LockTimeout', 'BootstrapError', 'Unknown', 'Other']);

/** A document of GraphQL, and what its answer must have. */
export interface LinearDocument<Answer> {
  text: string;
  answer: z.ZodType<Answer>;
}

/** Asks Linear. `refusal` is what it says to input that it does not take: an id that is there already, among others. */
export type LinearAnswer<Answer> = { data: Answer; refusal?: never } | { data?: never; refusal: string };

/** Calls to Linear for one step, through its SDK's client. */
export class LinearApi {
  readonly #linear: LinearOptions | undefined;
  readonly #signal: AbortSignal;

  constructor({ linear }: LinearDependencies, signal: AbortSignal) {
    this.#linear = linear;
    this.#signal = signal;
  }

  /** @throws ApplicationFailure, not retryable for whatever a person must mend */
  async ask<Answer>(document: LinearDocument<Answer>, variables: Record<string, unknown>): Promise<Answer> {
    const { data, refusal } = await this.tell(document, variables);
    if (data === undefined) throw refused(refusal ?? 'no answer');
    return data;
  }

  /** The same, where input that is refused is an answer, too. */
  async tell<Answer>(
    document: LinearDocument<Answer>,
    variables: Record<string, unknown>,
  ): Promise<LinearAnswer<Answer>> {
    const { baseUrl, apiKey } = this.#linear ?? {};
    if (baseUrl === undefined || apiKey === undefined)
      throw final('No key for Linear is configured. Set LINEAR_API_KEY.', 'Configuration');
    if (!URL.canParse(baseUrl) || !isSafe(new URL(baseUrl))) {
      throw final('linear.baseUrl is not an https address. Correct it, then restart the workers.', 'Configuration');
    }
    // Loaded when it is needed: it is 3 MB of code.
    const { LinearClient, LinearError: KnownError } = await import('@linear/sdk');
    const { client } = new LinearClient({
      apiKey,
      apiUrl: baseUrl,
      redirect: 'error',
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    let data: unknown;
    try {
      ({ data } = await client.rawRequest<unknown, Record<string, unknown>>(document.text, variables));
    } catch (error) {
      this.#signal.throwIfAborted();
      if (!(error instanceof KnownError)) throw ApplicationFailure.retryable(`Linear: ${nameOf(error)}`, 'Linear');
      if (error.type === 'InvalidInput') return { refusal: sentenceOf(error) };
      throw linearFailure(error);
    }
    const read = document.answer.safeParse(data);
    if (read.success) return { data: read.data };
    const [issue] = read.error.issues;
    throw ApplicationFailure.retryable(
      `Linear answered without ${issue?.path.join('.') ?? 'what was asked'}`,
      'Linear',
    );
  }
}

/** The key goes there; the SDK takes plain HTTP for this machine alone, too. */
function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

/** What Linear does not take, a person must mend. */
export function refused(sentence: string): ApplicationFailure {
  return final(`Linear refused it: ${sentence}. Correct the step, then retry it.`, 'Linear');
}

/** @param error what Linear's SDK throws: its classes tell by `extensions.type`, else by HTTP status */
function linearFailure(error: LinearError): ApplicationFailure {
  const { status = 0, type = 'Unknown' } = error;
  const said = `${sentenceOf(error)}${status === 0 || status === 200 ? '' : ` (${status})`}`;
  if (isRateLimit(error)) {
    return ApplicationFailure.create({
      message: `Linear's rate limit is used up: ${said}`,
      type: 'Linear',
      nonRetryable: false,
      nextRetryDelay: clampedWait(waitOf(error)),
    });
  }
  // Without an error of GraphQL's the SDK takes every 4xx for a wrong key.
  const explained = (error.errors ?? []).length > 0;
  if (explained ? type === 'AuthenticationError' : status === 401) {
    return final(`Linear does not know the key: ${said}. Correct LINEAR_API_KEY, restart the workers, retry the step.`);
  }
  if (explained ? type === 'Forbidden' : status === 403) {
    return final(`Linear does not let the key do this: ${said}. Give it access to the team and leave to write.`);
  }
  const passing = explained ? PASSING.has(type) : status === 408 || status === 0 || status >= 500;
  return passing ? ApplicationFailure.retryable(`Linear: ${said}`, 'Linear') : final(`Linear: ${said}`);
}

const rateLimitSchema = z.object({
  response: z.object({
    errors: z.array(z.object({ extensions: z.object({ code: z.literal('RATELIMITED') }) })).min(1),
  }),
});
const waitSchema = z.object({
  retryAfter: z.number().optional(),
  requestsResetAt: z.number().optional(),
});

/** Linear says so with status 400 and a code in `extensions`, or with 429. */
function isRateLimit(error: LinearError): boolean {
  return error.type === 'Ratelimited' || error.status === 429 || rateLimitSchema.safeParse(error.raw).success;
}

function waitOf(error: LinearError): number {
  const { retryAfter, requestsResetAt } = waitSchema.catch({}).parse(error);
  if (retryAfter !== undefined) return retryAfter * 1_000;
  // In milliseconds since the epoch.
  return requestsResetAt === undefined
    ? RATE_LIMIT_WAIT_MS
    : Math.min(requestsResetAt - Date.now(), RATE_LIMIT_WAIT_MS);
}

function sentenceOf(error: LinearError): string {
  const words = error.errors?.[0]?.message ?? error.message;
  return words
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replace(/\.$/, '')
    .slice(0, 300);
}

/** `fetch` hides the reason in its cause. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1_000} s`;
  const { cause } = error;
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : error.message;
}

function final(message: string, type = 'Linear'): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}
