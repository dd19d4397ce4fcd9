import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { ApiScope } from '../../skipup/schemas.ts';
import { ApiError } from '../errors.ts';
import { notesOf } from '../http/notes.ts';
import { headerOf } from '../http/read.ts';
import type { ApiKey } from '../state/schema.ts';
import type { Workspace } from '../workspace.ts';

const MINUTE_MS = 60_000;

function fingerprint(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Lets calls in: a known key, not too many a minute, with the scope that the call needs. */
export class Gate {
  readonly #workspace: Workspace;
  /** When each key called, in ms, over the last minute of the sandbox's own time. */
  readonly #calls = new WeakMap<ApiKey, number[]>();

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** @throws ApiError 401, 429 or 403 */
  enter(request: FastifyRequest, scope: ApiScope): ApiKey {
    const key = this.#keyOf(request);
    notesOf(request).key = key.name;
    this.#count(key);
    if (!key.scopes.includes(scope)) {
      throw new ApiError(403, 'forbidden', `This API key does not have the ${scope} scope.`);
    }
    return key;
  }

  #keyOf(request: FastifyRequest): ApiKey {
    const given = /^Bearer (sk_\S+)$/i.exec(headerOf(request, 'authorization') ?? '')?.[1];
    // Digests are compared, not keys: how long it takes tells nothing about how much of a key was right.
    const wanted = given === undefined ? undefined : fingerprint(given);
    for (const key of this.#workspace.state.keys.values()) if (fingerprint(key.key) === wanted) return key;
    throw new ApiError(401, 'unauthorized', 'Invalid or missing API key.');
  }

  #count(key: ApiKey): void {
    const limit = this.#workspace.state.settings.rateLimitPerMinute;
    if (limit === 0) return;
    const now = this.#workspace.now();
    const recent = (this.#calls.get(key) ?? []).filter((at) => at > now - MINUTE_MS && at <= now);
    this.#calls.set(key, recent);
    if (recent.length >= limit) {
      throw new ApiError(429, 'rate_limited', `Rate limit exceeded: ${limit} requests per minute.`);
    }
    recent.push(now);
  }
}
