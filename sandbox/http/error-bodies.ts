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
  404: 'OBJECT_NOT_FOUND',
  429: 'RATE_LIMITS',
};

/** The body of an injected error, in the words of whoever is being played at this path. */
export function faultBody(path: string, status: number): unknown {
  const message = `Injected fault: ${status}`;
  if (path.startsWith('/hubspot')) return hubspotErrorBody(HUBSPOT_CATEGORIES[status] ?? 'INTERNAL_ERROR', message);
  if (path.startsWith('/slack')) return status === 429 ? 'rate_limited' : 'internal_error';
  return skipupErrorBody(SKIPUP_TYPES[status] ?? (status >= 500 ? 'server_error' : 'invalid_request'), message);
}
