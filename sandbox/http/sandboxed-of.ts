import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Namespaces } from '../namespaces.ts';
import type { Sandboxed } from '../sandboxed.ts';
import { headerOf, pathOf } from './read.ts';

/** The path names a namespace that there is none of. */
export class UnknownNamespace extends Error {
  override readonly name = 'UnknownNamespace';
  readonly statusCode = 404;
}

const addressees = new WeakMap<FastifyRequest, Sandboxed>();

/** Paths that name their namespace; all others mean `main` or say it by their credential. */
const NAMED = /^\/(?:_sandbox\/namespaces\/(?<control>[^/]+)\/.|slack\/(?<slack>[^/]+)\/(?:services|api)\/)/;

/**
 * Finds out, before anything else looks at a call, which namespace it is for: SkipUp's API by its key, the CRM by its
 * access token, Slack and the control by their path. Whatever names none, or has an unknown credential, is for `main`.
 */
export function addressCalls(app: FastifyInstance, namespaces: Namespaces): void {
  app.addHook('onRequest', async (request) => {
    addressees.set(request, namespaces.main);
    const path = pathOf(request);
    const { control, slack } = NAMED.exec(path)?.groups ?? {};
    const name = control ?? slack;
    const found = name === undefined ? byCredential(namespaces, path, request) : namespaces.get(name);
    if (found !== undefined) addressees.set(request, found);
    else if (name !== undefined) throw new UnknownNamespace(`There is no namespace ${name}.`);
  });
}

/** The namespace that a call is for. */
export function sandboxedOf(request: FastifyRequest): Sandboxed {
  const found = addressees.get(request);
  if (found === undefined) throw new Error('The call was never addressed: addressCalls must come before every route.');
  return found;
}

/** The token of an `Authorization: Bearer` header. */
export function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer (\S+)$/i.exec(headerOf(request, 'authorization') ?? '')?.[1];
}

function byCredential(namespaces: Namespaces, path: string, request: FastifyRequest): Sandboxed | undefined {
  const token = bearerOf(request);
  if (token === undefined) return undefined;
  if (path.startsWith('/api/')) return namespaces.withApiKey(token);
  return path.startsWith('/hubspot/') ? namespaces.withAccessToken(token) : undefined;
}
