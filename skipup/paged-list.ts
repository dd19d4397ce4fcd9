import type { SkipUpResponse, WithResponse } from './api-response.ts';
import { SkipUpDecodingError, SkipUpValidationError } from './errors.ts';
import type { PageMeta } from './schemas.ts';

/** One page of a list. */
export interface Page<T> {
  items: T[];
  meta: PageMeta;
  /** Where the next page starts; undefined on the last. A later `list({ cursor })` goes on from here. */
  nextCursor: string | undefined;
  /** The answer that the page was read from. */
  response: SkipUpResponse;
}

/** What the API answers to a list. */
export interface PageAnswer<T> {
  data: T[];
  meta?: PageMeta | undefined;
}

/**
 * A list that is fetched page by page as it is read. Nothing is sent before the first item is asked for, and each new
 * loop starts from the beginning.
 *
 * ```ts
 * for await (const request of client.meetingRequests.list({ status: 'active' })) console.log(request.id);
 * const newest = await client.meetingRequests.list().toArray({ limit: 10 });
 * ```
 */
export class PagedList<T> implements AsyncIterable<T> {
  readonly #fetchPage: (cursor: string | undefined) => Promise<WithResponse<PageAnswer<T>>>;
  readonly #firstCursor: string | undefined;

  /**
   * @param fetchPage - fetches the page that starts at a cursor
   * @param firstCursor - where to start; undefined for the newest
   */
  constructor(fetchPage: (cursor: string | undefined) => Promise<WithResponse<PageAnswer<T>>>, firstCursor?: string) {
    this.#fetchPage = fetchPage;
    this.#firstCursor = firstCursor;
  }

  /** Every item, newest first. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const page of this.pages()) yield* page.items;
  }

  /**
   * Page by page, for callers that keep a checkpoint.
   * @throws SkipUpDecodingError when SkipUp leads in a circle, or promises a next page and does not say where
   */
  async *pages(): AsyncGenerator<Page<T>, void, undefined> {
    const seen = new Set<string>();
    let cursor = this.#firstCursor;
    for (;;) {
      if (cursor !== undefined) seen.add(cursor);
      const { data: answer, response } = await this.#fetchPage(cursor);
      const meta = answer.meta ?? {};
      const next = nextCursor(meta);
      yield { items: answer.data, meta, nextCursor: next, response };
      if (next === undefined) return;
      if (seen.has(next)) {
        throw new SkipUpDecodingError(
          'SkipUp answered a cursor it had answered before: the list would never end. Read it again, or in smaller spans of time.',
          true,
        );
      }
      cursor = next;
    }
  }

  /** The first page alone. */
  async firstPage(): Promise<Page<T>> {
    for await (const page of this.pages()) return page;
    throw new SkipUpDecodingError('SkipUp answered no page.', true);
  }

  /**
   * The first items, as an array.
   * @param options.limit - how many at most; needed, since a workspace's list has no bound
   */
  async toArray(options: { limit: number }): Promise<T[]> {
    const limit = options?.limit;
    if (!Number.isInteger(limit) || limit < 0) {
      throw new SkipUpValidationError('toArray needs a limit: a whole number, 0 or more.');
    }
    const items: T[] = [];
    if (limit === 0) return items;
    for await (const item of this) {
      items.push(item);
      if (items.length >= limit) break;
    }
    return items;
  }
}

function nextCursor(meta: PageMeta): string | undefined {
  if (meta.has_more === false) return undefined;
  if (meta.next_cursor) return meta.next_cursor;
  if (meta.has_more !== true) return undefined;
  throw new SkipUpDecodingError(
    'SkipUp says that the list goes on but not where: reading on would leave items out. Read it in smaller spans of time.',
    true,
  );
}
