import { PAGE_LIMIT_DEFAULT } from '../../skipup/schemas.ts';
import { refused } from '../errors.ts';

interface PageQuery {
  limit?: number | undefined;
  cursor?: string | undefined;
}

/**
 * One page of a list, newest first. Looks at each item once and keeps no more than two pages of them: a workspace may have
 * tens of thousands.
 *
 * @param list names the list, so that a cursor of one is not taken for another's
 * @param items in the order in which they were made, as the state's maps have them
 * @param passes which of them belong to the list; all when left out
 * @throws ApiError 422 for a cursor that this list did not give
 */
export function pageOf<T extends { seq: number }>(
  list: string,
  items: Iterable<T>,
  query: PageQuery,
  passes: (item: T) => boolean = () => true,
) {
  const limit = query.limit ?? PAGE_LIMIT_DEFAULT;
  const before = query.cursor === undefined ? Number.POSITIVE_INFINITY : readCursor(list, query.cursor);
  let newest: T[] = [];
  for (const item of items) {
    if (item.seq >= before) break;
    if (!passes(item)) continue;
    newest.push(item);
    if (newest.length > 2 * limit) newest = newest.slice(-limit - 1);
  }
  const hasMore = newest.length > limit;
  const page = newest.slice(-limit).reverse();
  const last = page.at(-1);
  const next = hasMore && last !== undefined ? { next_cursor: writeCursor(list, last.seq) } : {};
  return { page, meta: { limit, has_more: hasMore, ...next } };
}

function writeCursor(list: string, seq: number): string {
  return Buffer.from(`${list}:${seq}`).toString('base64url');
}

function readCursor(list: string, cursor: string): number {
  const [name, seq] = Buffer.from(cursor, 'base64url')
    .toString('utf8')
    .split(/:(?=\d{1,15}$)/);
  // Decoding is lenient: only what would be written the same way was written here.
  if (name !== list || seq === undefined || writeCursor(list, Number(seq)) !== cursor) {
    throw refused('The cursor is not one that this list has given.');
  }
  return Number(seq);
}
