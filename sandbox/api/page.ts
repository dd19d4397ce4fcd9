import { PAGE_LIMIT_DEFAULT } from '../../skipup/schemas.ts';
import { refused } from '../errors.ts';

interface PageQuery {
  limit?: number | undefined;
  cursor?: string | undefined;
}

/**
 * One page of a list, newest first.
 *
 * @param list names the list, so that a cursor of one is not taken for another's
 * @param items in any order; `seq` rises with age
 * @throws ApiError 422 for a cursor that this list did not give
 */
export function pageOf<T extends { seq: number }>(list: string, items: Iterable<T>, query: PageQuery) {
  const limit = query.limit ?? PAGE_LIMIT_DEFAULT;
  const before = query.cursor === undefined ? Number.POSITIVE_INFINITY : readCursor(list, query.cursor);
  const rest = [...items].filter(({ seq }) => seq < before).sort((a, b) => b.seq - a.seq);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const hasMore = rest.length > limit;
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
  if (name !== list || seq === undefined) throw refused('The cursor is not one that this list has given.');
  return Number(seq);
}
