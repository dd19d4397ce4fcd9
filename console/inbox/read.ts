import { type Database, type InboxRow, type InboxStatus, inboxCounts, listInbox } from '../../database/index.ts';
import type { InboxPageFilter } from './address.ts';

export interface Inbox {
  counts: Record<InboxStatus, number>;
  events: InboxRow[];
  /** The filter of the next page, when there is one. */
  older?: InboxPageFilter;
}

const PAGE_SIZE = 50;

export async function readInbox({ db }: Database, filter: InboxPageFilter): Promise<Inbox> {
  const [counts, page] = await Promise.all([inboxCounts(db), listInbox(db, { ...filter, limit: PAGE_SIZE + 1 })]);
  const events = page.slice(0, PAGE_SIZE);
  const last = events.at(-1);
  return {
    counts,
    events,
    ...(page.length > PAGE_SIZE && last !== undefined ? { older: { ...filter, before: last.id } } : {}),
  };
}
