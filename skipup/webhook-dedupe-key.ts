import { createHash } from 'node:crypto';
import { isUint8Array } from 'node:util/types';
import { canonicalJson } from './canonical-json.ts';
import { webhookBytes } from './webhook-body.ts';
import { WebhookVerificationError } from './webhook-verification-error.ts';

/**
 * A delivery's key. SkipUp sends no delivery id and no event id, so two deliveries are the same event when they say the
 * same: the key is made of the body's canonical JSON (RFC 8785), and neither the order of the keys nor spaces nor a byte
 * order mark make another one. A body that is no JSON in UTF-8 has the key of its raw bytes.
 *
 * Two spellings of one number (`1`, `1.0`) are one, and so are whole numbers beyond 2^53 that JavaScript cannot tell
 * apart; every event carries its time in text, which keeps events apart.
 * @param body - the raw body, as it came
 * @returns SHA-256 in hex; the same as `webhookDedupeKeyOf` for the parsed body
 * @throws WebhookVerificationError `malformed_body` for what is neither bytes nor text
 */
export function webhookDedupeKey(body: Uint8Array | string): string {
  const bytes = webhookBytes(body);
  return sha256(canonicalBody(bytes) ?? bytes);
}

/**
 * The key of an event that has been parsed already: a payload out of SkipUp's list of deliveries has the key that its
 * webhook had.
 *
 * ```ts
 * for await (const delivery of client.webhookEndpoints.deliveries(id, { status: 'failed' })) {
 *   if (delivery.payload) await store(webhookDedupeKeyOf(delivery.payload), delivery.payload);
 * }
 * ```
 *
 * @param payload - all of what was sent, not the event that `verifyWebhook` returns: that one may have been completed
 * @returns SHA-256 in hex
 * @throws WebhookVerificationError `malformed_body` for what is no JSON object
 */
export function webhookDedupeKeyOf(payload: unknown): string {
  const isObject = typeof payload === 'object' && payload !== null && !Array.isArray(payload) && !isUint8Array(payload);
  const canonical = isObject ? canonicalJson(payload) : undefined;
  if (canonical === undefined) {
    throw new WebhookVerificationError(
      'malformed_body',
      'The payload is no JSON object. Pass it as it was parsed, or the raw body to webhookDedupeKey.',
    );
  }
  return sha256(canonical);
}

function canonicalBody(bytes: Uint8Array): string | undefined {
  try {
    return canonicalJson(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch {
    // No JSON, or no UTF-8: the bytes themselves are all there is to compare.
    return undefined;
  }
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
