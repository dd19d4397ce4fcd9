import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { ApiError, invalid, refused } from '../errors.ts';
import { describeIssues, headerOf, jsonOf, NotJson } from '../http/read.ts';
import { nestsDeeperThan } from './nesting.ts';

/** Rails reads JSON so deep and no deeper. It also keeps what is written to the journal readable. */
const DEPTH_LIMIT = 100;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/**
 * The call's JSON; `undefined` when there is none.
 *
 * @throws ApiError 415 when it is declared as something else, 422 `invalid_request` when it cannot be read
 */
function readJson(request: FastifyRequest): unknown {
  if (request.method === 'GET' && bringsBody(request)) throw refused('A GET takes no body.');
  const { body } = request;
  if (typeof body !== 'string' || body.trim() === '') return undefined;
  // Without a declaration it may be guessed (RFC 9110, 8.3), and there is one guess.
  if (!JSON_TYPE.test(headerOf(request, 'content-type') ?? 'application/json')) {
    throw new ApiError(415, 'invalid_request', 'The body must be JSON, with Content-Type: application/json.');
  }
  if (nestsDeeperThan(DEPTH_LIMIT, body)) throw refused(`The body is nested deeper than ${DEPTH_LIMIT} levels.`);
  try {
    return jsonOf(request);
  } catch (error) {
    if (error instanceof NotJson) throw refused(error.message);
    throw error;
  }
}

/** Fastify leaves a GET's body unread. */
function bringsBody(request: FastifyRequest): boolean {
  const length = headerOf(request, 'content-length');
  return (length !== undefined && length !== '0') || headerOf(request, 'transfer-encoding') !== undefined;
}

/** Checks JSON against a schema. @throws ApiError 422 `validation_error`, unknown parameters included */
export function check<T extends z.ZodType>(schema: T, given: unknown): z.output<T> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw invalid(describeIssues(parsed.error));
}

/** The call's body, checked; none is as good as an empty object. @throws ApiError 415 or 422 */
export function readBody<T extends z.ZodType>(request: FastifyRequest, schema: T): z.output<T> {
  const given = readJson(request);
  return check(schema, given === undefined ? {} : given);
}

/** The call's query, checked. @throws ApiError 422 */
export function readQuery<T extends z.ZodType>(request: FastifyRequest, schema: T): z.output<T> {
  return check(schema, request.query);
}
