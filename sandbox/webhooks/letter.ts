import type { Faults } from '../faults.ts';
import { ATTEMPT_FAULTS } from '../faults.ts';
import type { Delivery, Endpoint } from '../state/schema.ts';
import { inOtherKeyOrder } from './key-order.ts';
import { signedHeaders } from './signature.ts';

/** What one attempt sends. */
export interface Letter {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** The faults that struck it. */
  faults: string[];
}

/**
 * Writes and signs one attempt of a delivery. The endpoint's own headers come along, but never in the place of those that
 * say what it is and sign it.
 *
 * @param second what it is dated, in the wall clock's seconds
 * @param faults those in force; each that strikes is counted
 */
export function letterOf(delivery: Delivery, endpoint: Endpoint, second: number, faults: Faults): Letter {
  let body = JSON.stringify(delivery.payload);
  let { secret } = endpoint;
  let timestamp = second;
  const struck: string[] = [];
  for (const fault of faults.forWebhook(ATTEMPT_FAULTS, delivery.eventType, endpoint.id)) {
    struck.push(fault.fault);
    switch (fault.fault) {
      case 'webhook_other_key_order':
        body = inOtherKeyOrder(delivery.payload);
        break;
      case 'webhook_stale_timestamp':
        timestamp -= fault.staleSeconds;
        break;
      case 'webhook_wrong_signature':
        secret = `not ${secret}`;
        break;
    }
  }
  const own = Object.fromEntries(endpoint.headers.map(({ key, value }) => [key.toLowerCase(), value]));
  const headers = {
    'user-agent': 'SkipUp-Webhooks/1.0 (sandbox)',
    ...own,
    'content-type': 'application/json',
    ...signedHeaders(body, delivery.eventType, secret, timestamp),
  };
  return { url: endpoint.url, headers, body, faults: struck };
}
