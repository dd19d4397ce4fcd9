import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { sandboxedOf } from '../http/sandboxed-of.ts';
import type { Operation } from '../openapi/index.ts';
import type { Sandboxed } from '../sandboxed.ts';
import type { ApiKey } from '../state/schema.ts';
import { enter } from './gate.ts';
import { readBody, readQuery } from './read.ts';

/** A call that was let in and checked. */
export interface Call<Query, Body, Found> {
  request: FastifyRequest;
  sandboxed: Sandboxed;
  apiKey: ApiKey;
  query: Query;
  body: Body;
  /** What the path's id stands for. */
  found: Found;
}

/**
 * Makes the route of an operation. Every call is looked at in the same order: the key (401), how often it calls (429), its
 * scope (403), the query (422), what the path names (404), the body (415, 422). What is left is the handler's.
 *
 * @param find what the path's id stands for. @throws ApiError 404
 * @param handle returns the answer's body; nothing for a 204
 */
export function serve<Query extends z.ZodType, Body extends z.ZodType, Found>(
  api: FastifyInstance,
  operation: Operation<Query, Body>,
  find: (request: FastifyRequest) => Found,
  handle: (call: Call<z.output<Query>, z.output<Body>, Found>) => unknown,
): void {
  const { method, path, scope, answer } = operation;
  const handler = async (request: FastifyRequest) => {
    const apiKey = enter(request, scope);
    const query = readQuery(request, operation.query);
    const found = find(request);
    const body = readBody(request, operation.body);
    return await handle({ request, sandboxed: sandboxedOf(request), apiKey, query, body, found });
  };
  api.route({
    method,
    url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
    handler: async (request, reply) => reply.code(answer.status).send(await handler(request)),
  });
}

/** For operations on a whole collection. */
export function nothingToFind(): undefined {
  return undefined;
}
