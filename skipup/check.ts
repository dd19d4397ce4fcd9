import type { z } from 'zod';
import { SkipUpValidationError } from './errors.ts';
import { resourceIdSchema } from './schemas.ts';

/**
 * Checks what is about to be sent.
 * @param what - for the message, e.g. `The meeting request`
 * @throws SkipUpValidationError with the path of every field that is wrong; no value is shown, it may be a person's
 */
export function check<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  const list = issues
    .slice(0, 10)
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    .join('; ');
  throw new SkipUpValidationError(`${what} was not sent. ${list}.`, { issues });
}

/**
 * An id as one segment of a URL path.
 * @throws SkipUpValidationError for an empty one, or one that would reach another path
 */
export function pathSegment(id: unknown): string {
  return encodeURIComponent(check(resourceIdSchema, id, 'The call'));
}
