import { webhookBytes } from './webhook-body.ts';
import { webhookDigest } from './webhook-signature.ts';
import { WebhookVerificationError } from './webhook-verification-error.ts';

export interface SignWebhookOptions {
  /** The raw body that will be sent. */
  body: Uint8Array | string;
  secret: string;
  /** When it is sent: a Date, or whole seconds since the epoch. */
  timestamp: Date | number;
}

/**
 * Signs a delivery as SkipUp does: for sandboxes, tests, and senders that reuse the scheme.
 * @returns the value of the `X-Webhook-Signature` header
 * @throws WebhookVerificationError `configuration` for an empty secret or a time that is none
 */
export function signWebhook({ body, secret, timestamp }: SignWebhookOptions): string {
  const seconds = typeof timestamp === 'number' ? timestamp : Math.floor(timestamp.getTime() / 1000);
  if (!Number.isSafeInteger(seconds) || seconds < 0) {
    throw new WebhookVerificationError('configuration', 'A signature needs a time: a Date, or whole seconds.');
  }
  if (secret === '') {
    throw new WebhookVerificationError('configuration', 'A signature needs a secret that is not empty.');
  }
  return `t=${seconds},v1=${webhookDigest(secret, String(seconds), webhookBytes(body)).toString('hex')}`;
}
