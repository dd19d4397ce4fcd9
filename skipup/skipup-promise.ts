import type { SkipUpResponse, WithResponse } from './api-response.ts';

/**
 * What every call returns: a promise of its data that can tell of the answer, too. The call has begun already; asking
 * for the response sends nothing more.
 *
 * ```ts
 * const request = await client.meetingRequests.get(id);
 * const { data, response } = await client.meetingRequests.get(id).withResponse();
 * console.log(response.status, response.requestId, response.attempts);
 * ```
 */
export class SkipUpPromise<T> extends Promise<T> {
  readonly #answered: Promise<WithResponse<T>>;

  /** `then`, `catch` and `finally` return plain promises. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  constructor(answered: Promise<WithResponse<T>>) {
    super((resolve, reject) => {
      answered.then(({ data }) => resolve(data), reject);
    });
    this.#answered = answered;
  }

  /**
   * The data together with the answer it came in.
   * @throws what the call itself throws
   */
  withResponse(): Promise<WithResponse<T>> {
    // The failure is told by the promise returned here; that nobody waits for this one is no unhandled rejection.
    this.catch(() => undefined);
    return this.#answered;
  }

  /** The answer alone. */
  async asResponse(): Promise<SkipUpResponse> {
    return (await this.withResponse()).response;
  }
}
