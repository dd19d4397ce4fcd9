import { randomUUID } from 'node:crypto';
import type { ApiErrorType, HubspotErrorCategory } from '../errors.ts';

/** An error as SkipUp says it. */
export function skipupErrorBody(type: ApiErrorType, message: string) {
  return { error: { type, message } };
}

/** An error as HubSpot says it. */
export function hubspotErrorBody(category: HubspotErrorCategory, message: string) {
  return { status: 'error', message, correlationId: randomUUID(), category };
}

/**
 * What HubSpot says when it is asked too often.
 *
 * @param policy which of its limits it was: `SECONDLY` for searches, `TEN_SECONDLY_ROLLING` for everything
 */
export function hubspotRateBody(policy: 'SECONDLY' | 'TEN_SECONDLY_ROLLING' | 'DAILY') {
  return {
    status: 'error',
    message: `You have reached your ${policy.toLowerCase()} limit.`,
    errorType: 'RATE_LIMIT',
    correlationId: randomUUID(),
    policyName: policy,
    requestId: randomUUID(),
  };
}

const SKIPUP_TYPES: Readonly<Record<number, ApiErrorType>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  422: 'invalid_request',
  429: 'rate_limited',
};
const HUBSPOT_CATEGORIES: Readonly<Record<number, HubspotErrorCategory>> = {
  400: 'VALIDATION_ERROR',
  401: 'INVALID_AUTHENTICATION',
  403: 'MISSING_SCOPES',
  404: 'OBJECT_NOT_FOUND',
};

/** The body of an injected error, in the words of whoever is being played at this path. */
export function faultBody(path: string, status: number): unknown {
  const message = `Injected fault: ${status}`;
  if (path.startsWith('/hubspot') && status === 429) return hubspotRateBody('TEN_SECONDLY_ROLLING');
  if (path.startsWith('/hubspot')) return hubspotErrorBody(HUBSPOT_CATEGORIES[status] ?? 'INTERNAL_ERROR', message);
  if (path.startsWith('/slack')) return status === 429 ? 'rate_limited' : 'internal_error';
  return skipupErrorBody(SKIPUP_TYPES[status] ?? (status >= 500 ? 'server_error' : 'invalid_request'), message);
}
