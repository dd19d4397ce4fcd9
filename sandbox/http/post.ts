import { Agent, request } from 'undici';

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
}

/** Sends what the sandbox has to tell others. Whatever goes wrong is an outcome, never an error. */
export class Poster {
  readonly #agent = new Agent({ connections: 64, pipelining: 1, connect: { timeout: 10_000 } });
  readonly #closing = new AbortController();

  async post({ url, headers, body, timeoutMs }: PostInput): Promise<PostOutcome> {
    const limit = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([limit, this.#closing.signal]);
    try {
      const answer = await request(url, { method: 'POST', headers, body, dispatcher: this.#agent, signal });
      // The status decides; the answer's body is only taken off the wire.
      await answer.body.dump({ limit: 65_536 }).catch(() => undefined);
      return { status: answer.statusCode };
    } catch (error) {
      if (this.#closing.signal.aborted) return { status: null, aborted: true };
      if (limit.aborted) return { status: null, error: `no answer within ${timeoutMs / 1000} s` };
      return { status: null, error: reasonOf(error) };
    }
  }

  /** Gives up what is under way and closes every connection. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#agent.destroy();
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? `${error.code}: ${error.message}` : error.message;
}
