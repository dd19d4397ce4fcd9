import type { LookupFunction } from 'node:net';
import { Agent, request } from 'undici';
import { checkLiteralHost, guardedLookup } from '../webhooks/endpoint-address.ts';

/** What came of one POST. */
export interface PostOutcome {
  /** Null when no answer came. */
  status: number | null;
  error?: string;
  /** The sandbox was closed meanwhile: the attempt does not count. */
  aborted?: boolean;
}

export interface PostInput {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** For the whole exchange, in real ms. */
  timeoutMs: number;
  /** Whether private addresses are closed to it. */
  guarded?: boolean;
}

const AGENT = { connections: 64, pipelining: 1 };
const CONNECT_TIMEOUT_MS = 10_000;

/** Sends what the sandbox has to tell others. Whatever goes wrong is an outcome, never an error. */
export class Poster {
  readonly #open = new Agent({ ...AGENT, connect: { timeout: CONNECT_TIMEOUT_MS } });
  /** Its connections lead only where they may: what they were opened under stays true for as long as they live. */
  readonly #guarded: Agent;
  readonly #underWay = new Set<AbortController>();
  #closed = false;

  /** @param lookup what asks the system for a name's addresses */
  constructor(lookup?: LookupFunction) {
    this.#guarded = new Agent({ ...AGENT, connect: { timeout: CONNECT_TIMEOUT_MS, lookup: guardedLookup(lookup) } });
  }

  async post({ url, headers, body, timeoutMs, guarded = false }: PostInput): Promise<PostOutcome> {
    if (this.#closed) return { status: null, aborted: true };
    // Not AbortSignal.timeout: it keeps all that hangs on it for the whole time, and thousands are sent in that time.
    const attempt = new AbortController();
    const { signal } = attempt;
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      attempt.abort();
    }, timeoutMs);
    this.#underWay.add(attempt);
    try {
      if (guarded) checkLiteralHost(url);
      const dispatcher = guarded ? this.#guarded : this.#open;
      const answer = await request(url, { method: 'POST', headers, body, dispatcher, signal });
      // The status decides; the answer's body is only taken off the wire.
      await answer.body.dump({ limit: 65_536 }).catch(() => undefined);
      return { status: answer.statusCode };
    } catch (error) {
      if (this.#closed) return { status: null, aborted: true };
      if (late) return { status: null, error: `no answer within ${timeoutMs / 1000} s` };
      return { status: null, error: reasonOf(error) };
    } finally {
      clearTimeout(limit);
      this.#underWay.delete(attempt);
    }
  }

  /** Gives up what is under way and closes every connection. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const attempt of this.#underWay) attempt.abort();
    await Promise.all([this.#open.destroy(), this.#guarded.destroy()]);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? `${error.code}: ${error.message}` : error.message;
}
