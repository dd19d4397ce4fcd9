import type { LookupFunction } from 'node:net';
import { ApplicationFailure } from '@temporalio/activity';
import { signWebhook } from '../../skipup/index.ts';
import { type Kept, keptOf } from './http-keep.ts';
import { filledHeaders, filledUrl, secretHeadersOf } from './http-texts.ts';
import type { StepContext, StepKind, StepOf } from './kind.ts';
import { type OutboundAnswer, outboundCall } from './outbound-call.ts';
import { idempotencyKeyOf } from './outbound-id.ts';
import { retryAfterMs } from './outbound-retry-after.ts';
import { OutboundRefusal, outboundTarget } from './outbound-target.ts';
import { withoutSecrets } from './without-secrets.ts';

export interface HttpDependencies {
  /** Left out: nothing private is called, nothing is signed. */
  stepCalls?: StepCallOptions | undefined;
  /** What no sentence may show, however a receiver repeats it. */
  secrets?: readonly string[] | undefined;
}

interface StepCallOptions {
  /** Hosts (`name` or `name:port`) that may be called wherever they are. */
  allowPrivate: readonly string[];
  /** For one whole call. */
  timeoutSeconds: number;
  /** Every one signs; none: calls go unsigned. */
  signingSecrets: readonly string[];
  /** Of secret headers, by variable. */
  headerValues: Readonly<Record<string, string>>;
  /** What asks the system for a name's addresses. */
  lookup?: LookupFunction | undefined;
}

type HttpStep = StepOf<'http'>;
type HttpCall = NonNullable<HttpStep['undoWith']>;

const ANSWER_MAX_BYTES = 1_048_576;
/** Of an answer that says no, enough for a sentence. */
const REFUSAL_MAX_BYTES = 4_096;
const REFUSAL_MAX_CHARACTERS = 200;

/**
 * Calls any system that takes JSON. Every call is signed as SkipUp signs its webhooks and carries an `Idempotency-Key` that is
 * the same at each repetition: a call whose answer was lost is made again, and the receiver recognises it.
 */
export function httpKind({ stepCalls, secrets = [] }: HttpDependencies): StepKind<HttpStep> {
  const options = stepCalls ?? { allowPrivate: [], timeoutSeconds: 15, signingSecrets: [], headerValues: {} };
  return {
    async run(step, context) {
      const secretHeaders = secretHeadersOf(step.secretHeaders, options.headerValues);
      const made = await callOut(options, step, secretHeaders, context, context.marker, step.keep !== undefined);
      const { answer, what } = made;
      if (!isSuccess(answer.status)) throw refused(made, secrets);
      if (answer.cut) throw final(`${what} answered more than ${ANSWER_MAX_BYTES} bytes; nothing of it was kept.`);
      const kept: Kept = step.keep === undefined ? { ids: {}, missing: [] } : keptOf(step.keep, answer.text);
      const missing = kept.missing.length === 0 ? '' : `; not in the answer: ${kept.missing.join(', ')}`;
      return {
        detail: `${what} answered ${answer.status}${missing}`,
        ids: kept.ids,
        ...(kept.url === undefined ? {} : { url: kept.url }),
      };
    },
    async undo(step, outcome, context) {
      if (step.undoWith === undefined) return { state: 'left', detail: `${outcome.detail}: what that made stays` };
      // A variable that is not set is no answer of the receiver's: the call can be made when it is.
      const secretHeaders = secretHeadersOf(step.undoWith.secretHeaders, options.headerValues);
      try {
        const made = await callOut(options, step.undoWith, secretHeaders, context, `${context.marker}/undo`, false);
        const { status } = made.answer;
        // What is not there any more is undone.
        if (!isSuccess(status) && status !== 404 && status !== 410) throw refused(made, secrets);
        return { state: 'undone', detail: `${made.what} answered ${status}` };
      } catch (error) {
        if (!(error instanceof ApplicationFailure && error.nonRetryable === true)) throw error;
        return { state: 'left', detail: `${outcome.detail}: what that made stays. ${error.message}` };
      }
    },
  };
}

interface Made {
  answer: OutboundAnswer;
  /** The call in words: method and host. The rest of an address is often a secret. */
  what: string;
  /** What was sent. */
  headers: Record<string, string>;
}

async function callOut(
  options: StepCallOptions,
  call: HttpCall,
  secretHeaders: Record<string, string>,
  context: StepContext,
  marker: string,
  wantsAnswer: boolean,
): Promise<Made> {
  const body = call.body === undefined ? undefined : JSON.stringify(context.json(call.body));
  const headers: Record<string, string> = {
    accept: 'application/json',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...filledHeaders(call.headers, context.text),
    ...secretHeaders,
    'user-agent': 'kickoff',
    'idempotency-key': idempotencyKeyOf(marker),
    ...signatureOf(body ?? '', options.signingSecrets),
  };
  try {
    const target = outboundTarget(filledUrl(call.url, context.text), options.allowPrivate);
    const what = `${call.method} ${target.url.origin}`;
    const answer = await answerOf(what, {
      target,
      method: call.method,
      headers,
      body,
      timeoutMs: options.timeoutSeconds * 1_000,
      signal: context.signal,
      bytesOf: (status) => (isSuccess(status) ? (wantsAnswer ? ANSWER_MAX_BYTES : 0) : REFUSAL_MAX_BYTES),
      lookup: options.lookup,
    });
    return { what, headers, answer };
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof OutboundRefusal) throw final(error.message);
    throw error;
  }
}

/** @throws OutboundRefusal; an ApplicationFailure, retryable, when there is no answer */
async function answerOf(what: string, call: Parameters<typeof outboundCall>[0]): Promise<OutboundAnswer> {
  try {
    return await outboundCall(call);
  } catch (error) {
    const refusal = refusalIn(error);
    if (refusal !== undefined) throw refusal;
    const late = error instanceof Error && error.name === 'TimeoutError';
    const why = late ? `no answer within ${call.timeoutMs / 1_000} s` : nameOf(error);
    throw ApplicationFailure.retryable(`${what}: ${why}`, 'Http');
  }
}

/** One `v1` for each secret: during a rotation the receiver knows one of them. */
function signatureOf(body: string, secrets: readonly string[]): Record<string, string> {
  const timestamp = Math.floor(Date.now() / 1_000);
  const signed = secrets.map((secret) => signWebhook({ body, secret, timestamp }).replace(`t=${timestamp},`, ''));
  return signed.length === 0 ? {} : { 'x-webhook-signature': `t=${timestamp},${signed.join(',')}` };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** What an answer that is none of success means: repeat it, later, or never. */
function refused({ answer, what, headers: sent }: Made, secrets: readonly string[]): ApplicationFailure {
  const { status, headers, text } = answer;
  // Before it is cut: half a secret would not be known again.
  const words = withoutOurs(withoutSecrets(text, secrets), sent)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, REFUSAL_MAX_CHARACTERS);
  const said = `${what} answered ${status}${words === '' ? '' : `: ${words}`}`;
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const wait = retryAfterMs(headers['retry-after'], new Date());
    return ApplicationFailure.create({
      message: said,
      type: 'Http',
      nonRetryable: false,
      ...(wait === undefined ? {} : { nextRetryDelay: wait }),
    });
  }
  if (status >= 300 && status < 400)
    return final(`${said}. Redirects are not followed: write the address they lead to.`);
  return final(said);
}

/** An answer may repeat what was sent; our signature and the step's own headers stay out of what people read. */
function withoutOurs(text: string, headers: Record<string, string>): string {
  const { accept, 'content-type': type, 'user-agent': agent, ...own } = headers;
  const values = Object.values(own).flatMap((value) => [value, ...value.split(/[,=]/)]);
  // Longest first, so that no half of one is left; a short value would blot out words.
  const hidden = values.filter((value) => value.length >= 6).sort((one, other) => other.length - one.length);
  return hidden.reduce((clean, value) => clean.replaceAll(value, '[…]'), text);
}

function refusalIn(error: unknown): OutboundRefusal | undefined {
  if (error instanceof OutboundRefusal) return error;
  if (error instanceof AggregateError) return error.errors.map(refusalIn).find((one) => one !== undefined);
  return error instanceof Error && error.cause !== undefined ? refusalIn(error.cause) : undefined;
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function final(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'Http');
}
