import type { z } from 'zod';
import { TriggerRefused } from './port.ts';

/**
 * The JSON value in a request's body.
 *
 * @throws TriggerRefused `malformed_body` when the bytes are not UTF-8 or not JSON
 */
export function parseJsonBody(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new TriggerRefused('malformed_body', 'The body is not JSON in UTF-8. Send one JSON document.', { cause });
  }
}

/** The first thing zod found wrong, as "at <path>: <what>". `prefix` names the place of the checked value in the body. */
export function firstProblem(error: z.ZodError, prefix: PropertyKey[] = []): string {
  return problem(error.issues[0], prefix);
}

/** More than these help nobody, and a body of the sender's making decides how many there are. */
const MAX_PROBLEMS = 20;
/** Characters of one: names in it are the sender's. */
const MAX_PROBLEM_LENGTH = 200;

/** Everything that zod found wrong, up to 20, as "at <path>: <what>; at <path>: <what>". */
export function everyProblem(error: z.ZodError): string {
  const problems = error.issues.map((issue) => problem(issue, []).slice(0, MAX_PROBLEM_LENGTH));
  const more = problems.length - MAX_PROBLEMS;
  return [...problems.slice(0, MAX_PROBLEMS), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function problem(issue: z.core.$ZodIssue | undefined, prefix: PropertyKey[]): string {
  const path = [...prefix, ...(issue?.path ?? [])].map(String).join('.');
  return `at ${path === '' ? 'the top' : path}: ${issue?.message ?? 'not as expected'}`;
}
