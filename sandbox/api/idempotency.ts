import { createHash } from 'node:crypto';
import { IDEMPOTENCY_TTL_HOURS } from '../../skipup/schemas.ts';
import { refused } from '../errors.ts';
import type { ApiKey, IdempotentAnswer } from '../state/schema.ts';
import { idempotencySlot } from '../state/schema.ts';
import type { Workspace } from '../workspace.ts';

/** The answers that were given under an idempotency key, each for 24 hours of the sandbox's own time. */
export class Idempotency {
  readonly #workspace: Workspace;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /**
   * The answer to give again.
   *
   * @throws ApiError 422 `invalid_request` when the key was used with another body, unless the setting says to replay
   */
  find(apiKey: ApiKey, key: string, body: unknown): IdempotentAnswer | undefined {
    const slot = idempotencySlot(apiKey.id, key);
    const known = this.#workspace.state.idempotency.get(slot);
    if (known === undefined) return undefined;
    if (known.expiresAt <= this.#workspace.now()) {
      this.#workspace.state.idempotency.delete(slot);
      return undefined;
    }
    if (known.bodyHash === bodyHash(body)) return known;
    const policy = this.#workspace.state.settings.idempotencyConflict;
    this.#workspace.log.error({ idempotencyKey: key, policy }, 'IDEMPOTENCY KEY USED AGAIN WITH ANOTHER BODY');
    if (policy === 'replay') return known;
    throw refused(`The idempotency key ${key} was used with another body. Use a new key for a new request.`);
  }

  keep(apiKey: ApiKey, key: string, body: unknown, status: number, answer: unknown): void {
    const { idempotency } = this.#workspace.state;
    const now = this.#workspace.now();
    // The oldest stand first and live equally long: nothing behind the first live one is dead.
    for (const [slot, kept] of idempotency) {
      if (kept.expiresAt > now) break;
      idempotency.delete(slot);
    }
    const expiresAt = now + IDEMPOTENCY_TTL_HOURS * 3_600_000;
    const kept = { keyId: apiKey.id, key, bodyHash: bodyHash(body), status, answer, expiresAt };
    idempotency.set(idempotencySlot(apiKey.id, key), kept);
  }
}

/** The order of fields does not matter. */
function bodyHash(body: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(body)) ?? '')
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  // Pairs, not an object: a field called __proto__ stays a field.
  return entries.map(([name, field]) => [name, sorted(field)]);
}
