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
  const issue = error.issues[0];
  const path = [...prefix, ...(issue?.path ?? [])].map(String).join('.');
  return `at ${path === '' ? 'the top' : path}: ${issue?.message ?? 'not as expected'}`;
}
