import { z } from 'zod';
import type { ApiErrorType } from '../errors.ts';
import type { Operation } from './operation.ts';

/** The types that go with each status. */
const TYPES = {
  401: ['unauthorized'],
  403: ['forbidden'],
  404: ['not_found'],
  413: ['invalid_request'],
  415: ['invalid_request'],
  422: ['validation_error', 'invalid_request'],
  429: ['rate_limited'],
  431: ['invalid_request'],
} as const satisfies Record<number, readonly ApiErrorType[]>;
export type RefusalStatus = keyof typeof TYPES;

/** `{"error": {"type", "message"}}`. Act on the status; the type is for people, and the message names what is wrong. */
export const errorAnswerSchema = z.strictObject({
  error: z.strictObject({
    type: z.enum(Object.values(TYPES).flat()),
    message: z.string().min(1),
  }),
});

export const REFUSALS: Readonly<Record<RefusalStatus, { name: string; description: string; example: string }>> = {
  401: {
    name: 'Unauthorized',
    description: 'No API key, or an unknown one.',
    example: 'Invalid or missing API key.',
  },
  403: {
    name: 'Forbidden',
    description: 'The API key does not have the scope that the call needs.',
    example: 'This API key does not have the meeting_requests.write scope.',
  },
  404: { name: 'NotFound', description: 'There is nothing of this id.', example: 'Meeting request mr_x not found.' },
  413: { name: 'TooLarge', description: 'The body is larger than 256 KB.', example: 'Request body is too large' },
  415: {
    name: 'NotJson',
    description: 'The body is declared as something else than JSON.',
    example: 'The body must be JSON, with Content-Type: application/json.',
  },
  422: {
    name: 'Unprocessable',
    description:
      '`validation_error`: a field is missing, wrong or unknown. `invalid_request`: the call cannot be done in the ' +
      'present state, or cannot be read at all.',
    example: 'organizer_email: nobody@yourcompany.example is not an active member of this workspace',
  },
  429: {
    name: 'RateLimited',
    description: 'Too many calls with this API key within a minute. Wait, with a growing and random delay, and repeat.',
    example: 'Rate limit exceeded: 120 requests per minute.',
  },
  431: {
    name: 'HeadTooLarge',
    description: 'The URL and the headers are longer than 16 KB together.',
    example: 'The URL and the headers are longer than 16 KB together.',
  },
};

export const REFUSAL_STATUSES: readonly RefusalStatus[] = [401, 403, 404, 413, 415, 422, 429, 431];

/** The types of a status, the one of the example first. */
export function typesOf(status: RefusalStatus): readonly ApiErrorType[] {
  return TYPES[status];
}

/** How a call can be refused. */
export function refusalsOf({ method, path }: Pick<Operation, 'method' | 'path'>): RefusalStatus[] {
  const takesBody = method !== 'GET';
  return REFUSAL_STATUSES.filter(
    (status) => (status !== 404 || path.includes('{id}')) && ((status !== 413 && status !== 415) || takesBody),
  );
}
