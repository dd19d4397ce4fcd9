import { createHmac } from 'node:crypto';

/**
 * The headers that sign a webhook: HMAC-SHA256 over `{timestamp}.{raw body}`.
 *
 * @param timestamp the wall clock's second
 */
export function signedHeaders(
  body: string,
  event: string,
  secret: string,
  timestamp: number,
): Record<'x-webhook-signature' | 'x-webhook-timestamp' | 'x-webhook-event', string> {
  const v1 = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return {
    'x-webhook-signature': `t=${timestamp},v1=${v1}`,
    'x-webhook-timestamp': String(timestamp),
    'x-webhook-event': event,
  };
}
