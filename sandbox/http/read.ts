import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { notesOf } from './notes.ts';

/** What was sent cannot be read as JSON. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
}

/**
 * The body as JSON; `undefined` when there is none.
 *
 * @throws NotJson
 */
export function jsonOf(request: FastifyRequest): unknown {
  const { body } = request;
  if (typeof body !== 'string' || body.trim() === '') return undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    notesOf(request).body = parsed;
    return parsed;
  } catch (cause) {
    throw new NotJson('The body is not valid JSON.', { cause });
  }
}

/** Every fault that zod has found, each with its path, in one line; unknown fields are called by their names. */
export function describeIssues(error: z.ZodError): string {
  return error.issues
    .flatMap((issue) => {
      const path = issue.path.map(String).join('.');
      if (issue.code !== 'unrecognized_keys') return [path === '' ? issue.message : `${path}: ${issue.message}`];
      return issue.keys.map((key) => `Unknown parameter: ${path === '' ? key : `${path}.${key}`}`);
    })
    .join('; ');
}

const paramsSchema = z.record(z.string(), z.string());

/** A parameter of the route's path; `''` when the route has none of that name. */
export function paramOf(request: FastifyRequest, name: string): string {
  const params = paramsSchema.safeParse(request.params);
  return params.success ? (params.data[name] ?? '') : '';
}

/** A header that came once; `undefined` when it did not come. */
export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** The path without its query. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? request.url;
}
