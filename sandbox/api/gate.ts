import type { FastifyRequest } from 'fastify';
import type { ApiScope } from '../../skipup/schemas.ts';
import { apiKeyIn } from '../credentials.ts';
import { ApiError } from '../errors.ts';
import { notesOf } from '../http/notes.ts';
import { bearerOf, sandboxedOf } from '../http/sandboxed-of.ts';
import type { ApiKey } from '../state/schema.ts';
import type { Workspace } from '../workspace.ts';

const MINUTE_MS = 60_000;

/**
 * Lets calls in: a known key, not too many a minute, with the scope that the call needs.
 *
 * @throws ApiError 401, 429 or 403
 */
export function enter(request: FastifyRequest, scope: ApiScope): ApiKey {
  const { workspace } = sandboxedOf(request);
  const given = bearerOf(request);
  const key = given?.startsWith('sk_') ? apiKeyIn(workspace.state, given) : undefined;
  if (key === undefined) throw new ApiError(401, 'unauthorized', 'Invalid or missing API key.');
  notesOf(request).key = key.name;
  countCall(workspace, key);
  if (!key.scopes.includes(scope)) {
    throw new ApiError(403, 'forbidden', `This API key does not have the ${scope} scope.`);
  }
  return key;
}

/** Keeps when the key called over the last minute of the sandbox's own time. */
function countCall(workspace: Workspace, key: ApiKey): void {
  const limit = workspace.state.settings.rateLimitPerMinute;
  if (limit === 0) return;
  const now = workspace.now();
  key.calls = key.calls.filter((at) => at > now - MINUTE_MS && at <= now);
  if (key.calls.length >= limit) {
    throw new ApiError(429, 'rate_limited', `Rate limit exceeded: ${limit} requests per minute.`);
  }
  key.calls.push(now);
}
