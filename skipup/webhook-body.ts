import { isUint8Array } from 'node:util/types';
import { type WebhookEvent, webhookEventSchema } from './schemas.ts';
import { WebhookVerificationError } from './webhook-verification-error.ts';

/**
 * The bytes that were signed. Text is taken as UTF-8.
 * @throws WebhookVerificationError `malformed_body` for anything else, most often an object that a framework has parsed
 */
export function webhookBytes(body: unknown): Uint8Array {
  if (typeof body === 'string') return Buffer.from(body, 'utf8');
  if (isUint8Array(body)) return body;
  throw new WebhookVerificationError(
    'malformed_body',
    'The body is neither bytes nor text. Pass the raw body as it came, before any JSON parser.',
  );
}

/**
 * Reads an event out of a body whose signature has been checked. Its name is `event` when that is a string, else
 * `event.type`, else `type`; it ends up in `event`, whichever it was. A missing `timestamp` is filled with the signed
 * one: refusing an authentic event would only make SkipUp repeat it and then switch the endpoint off.
 * @param signedAt - the signature's `t`, in seconds
 * @throws WebhookVerificationError `malformed_body`
 */
export function parseWebhookEvent(bytes: Uint8Array, signedAt: number): WebhookEvent {
  let json: unknown;
  try {
    // Fatal: bytes that are no UTF-8 must not turn into question marks. A byte order mark is dropped.
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The parser's own error quotes the body, which may hold people's data: it is not kept.
    throw malformed('it is not JSON in UTF-8');
  }
  if (!isRecord(json)) throw malformed('it is no JSON object');
  const { event, type, timestamp } = json;
  const inner = isRecord(event) ? event : {};
  const name = [event, inner.type, type].find((candidate) => typeof candidate === 'string' && candidate !== '');
  const read = webhookEventSchema.safeParse({
    ...inner,
    ...json,
    event: name,
    timestamp: typeof timestamp === 'string' && timestamp !== '' ? timestamp : new Date(signedAt * 1000).toISOString(),
  });
  if (!read.success) throw malformed('it names no event');
  return read.data;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(why: string): WebhookVerificationError {
  return new WebhookVerificationError(
    'malformed_body',
    `The delivery's body cannot be read: ${why}. Its signature is right: keep the body and tell SkipUp's support.`,
  );
}
