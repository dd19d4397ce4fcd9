import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { invalid, refused } from '../errors.ts';
import { describeIssues, jsonOf, NotJson } from '../http/read.ts';

/** The body of a call that takes none; an empty object is as good. */
export const nothingSchema = z.strictObject({});

/**
 * The call's JSON.
 *
 * @throws ApiError 422 `invalid_request` when it is none
 */
export function readJson(request: FastifyRequest): unknown {
  try {
    return jsonOf(request);
  } catch (error) {
    if (error instanceof NotJson) throw refused(error.message);
    throw error;
  }
}

/** Checks JSON against a schema. @throws ApiError 422 `validation_error`, unknown parameters included */
export function check<T>(schema: z.ZodType<T>, given: unknown): T {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw invalid(describeIssues(parsed.error));
}

/** The call's body, checked. @throws ApiError 422 */
export function readBody<T>(request: FastifyRequest, schema: z.ZodType<T>): T {
  return check(schema, readJson(request) ?? {});
}

/** The call's query, checked. @throws ApiError 422 */
export function readQuery<T>(request: FastifyRequest, schema: z.ZodType<T>): T {
  return check(schema, request.query);
}
