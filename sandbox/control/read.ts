import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { ControlError } from '../errors.ts';
import { describeIssues, jsonOf, NotJson } from '../http/read.ts';

/** Checks what a control call was given. @throws ControlError 400 */
export function check<T>(schema: z.ZodType<T>, given: unknown): T {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ControlError(400, describeIssues(parsed.error));
}

/** The body of a control call; none is as good as an empty object. @throws ControlError 400 */
export function readBody<T>(request: FastifyRequest, schema: z.ZodType<T>): T {
  try {
    return check(schema, jsonOf(request) ?? {});
  } catch (error) {
    if (error instanceof NotJson) throw new ControlError(400, error.message);
    throw error;
  }
}
