import { createHash } from 'node:crypto';
import type { ApiKey, State } from './state/schema.ts';

/** Digests are compared, not secrets: how long it takes tells nothing about how much of a secret was right. */
function fingerprint(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** A key's digest, which is taken once. */
const known = new WeakMap<ApiKey, { key: string; digest: string }>();

function fingerprintOf(apiKey: ApiKey): string {
  const kept = known.get(apiKey);
  if (kept?.key === apiKey.key) return kept.digest;
  const digest = fingerprint(apiKey.key);
  known.set(apiKey, { key: apiKey.key, digest });
  return digest;
}

/** The record of an API key that was given. */
export function apiKeyIn({ keys }: Pick<State, 'keys'>, given: string): ApiKey | undefined {
  const wanted = fingerprint(given);
  for (const apiKey of keys.values()) if (fingerprintOf(apiKey) === wanted) return apiKey;
  return undefined;
}

/** Whether this is the CRM's access token. */
export function isAccessToken({ crm }: Pick<State, 'crm'>, given: string): boolean {
  return fingerprint(crm.accessToken) === fingerprint(given);
}
