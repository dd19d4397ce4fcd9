import { createHmac, timingSafeEqual } from 'node:crypto';
import { WebhookVerificationError } from './webhook-verification-error.ts';

/** Node reads 16 KB of headers in all; whatever is longer than this never came over HTTP. */
const HEADER_MAX = 1024 * 1024;

/** What the `X-Webhook-Signature` header says. */
interface WebhookSignature {
  /** As written: it is part of what is signed. */
  timestamp: string;
  /** Every `v1`, as written. */
  digests: string[];
}

/**
 * Takes the header `t=…,v1=…` apart: parts in any order, several `v1`, unknown schemes skipped. One pass, no
 * backtracking.
 * @throws WebhookVerificationError `missing_signature`, `malformed_signature`
 */
export function parseWebhookSignature(header: unknown): WebhookSignature {
  const text = headerText(header);
  let timestamp: string | undefined;
  const digests: string[] = [];
  for (const part of text.split(',')) {
    const equals = part.indexOf('=');
    if (equals < 0) continue;
    const name = part.slice(0, equals).trim();
    const value = part.slice(equals + 1).trim();
    if (name === 'v1') {
      digests.push(value);
    } else if (name === 't') {
      if (!/^\d+$/.test(value)) throw malformed('its t is not a number of seconds');
      if (timestamp !== undefined && timestamp !== value) throw malformed('it has two different t');
      timestamp = value;
    }
  }
  if (timestamp === undefined) throw malformed('it has no t');
  if (digests.every((digest) => digest === '')) throw malformed('it has no v1');
  return { timestamp, digests };
}

/** HMAC-SHA256 over `{timestamp}.{body}`; the body's raw bytes, never a decoded or re-serialised form. */
export function webhookDigest(secret: string, timestamp: string, body: Uint8Array): Buffer {
  return createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest();
}

/**
 * Which of the expected digests is among the given ones, in a time that does not tell how far they agree.
 *
 * @returns its place from 0; -1: none is
 */
export function placeOfMatch(digests: readonly string[], expected: readonly Buffer[]): number {
  const found: boolean[] = expected.map(() => false);
  for (const digest of digests) {
    // Whether a digest has the right form is no secret; what it holds is compared in constant time.
    if (!/^[0-9a-fA-F]{64}$/.test(digest)) continue;
    const bytes = Buffer.from(digest, 'hex');
    for (const [place, one] of expected.entries()) if (timingSafeEqual(bytes, one)) found[place] = true;
  }
  return found.indexOf(true);
}

/** Frameworks give a repeated header as an array; Node joins it with commas, which reads the same. */
function headerText(header: unknown): string {
  if (header === undefined || header === null) throw missing();
  if (typeof header === 'string') return sized(header);
  if (!Array.isArray(header)) throw malformed('it is not text');
  const lines: string[] = [];
  let length = 0;
  for (const line of header) {
    if (typeof line !== 'string') throw malformed('it is not text');
    length += line.length;
    if (length > HEADER_MAX) throw malformed('it is too long');
    lines.push(line);
  }
  return sized(lines.join(','));
}

function sized(text: string): string {
  if (text.trim() === '') throw missing();
  if (text.length > HEADER_MAX) throw malformed('it is too long');
  return text;
}

function missing(): WebhookVerificationError {
  return new WebhookVerificationError(
    'missing_signature',
    'The delivery has no X-Webhook-Signature header. SkipUp signs every delivery: refuse it.',
  );
}

function malformed(why: string): WebhookVerificationError {
  return new WebhookVerificationError(
    'malformed_signature',
    `The X-Webhook-Signature header does not read t=…,v1=…: ${why}. Refuse the delivery.`,
  );
}
