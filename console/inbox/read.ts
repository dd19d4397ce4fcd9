import {
  type Database,
  type InboxLine,
  type InboxRow,
  openInboxCounts,
  readInboxRow,
  searchInbox,
} from '../../database/index.ts';
import { type InboxPageFilter, inboxSearch } from './address.ts';

export interface Inbox {
  counts: Awaited<ReturnType<typeof openInboxCounts>>;
  events: InboxLine[];
  /** The filter of the next page, when there is one. */
  older?: InboxPageFilter;
}

const PAGE_SIZE = 50;

/** @param zone IANA: whose days the filter means */
export async function readInbox({ db }: Database, filter: InboxPageFilter, zone: string): Promise<Inbox> {
  const [counts, page] = await Promise.all([
    openInboxCounts(db),
    searchInbox(db, inboxSearch(filter, zone), PAGE_SIZE + 1),
  ]);
  const events = page.slice(0, PAGE_SIZE);
  const last = events.at(-1);
  return {
    counts,
    events,
    ...(page.length > PAGE_SIZE && last !== undefined ? { older: { ...filter, before: last.id } } : {}),
  };
}

/** One event, and what else came about the same thing. */
export interface InboxEvent {
  row: InboxRow;
  others: InboxLine[];
}

const OTHERS = 20;

export async function readInboxEvent({ db }: Database, id: number): Promise<InboxEvent | undefined> {
  const row = await readInboxRow(db, id);
  if (row === undefined) return undefined;
  if (row.subject === null) return { row, others: [] };
  const same = await searchInbox(db, { source: row.source, subject: row.subject }, OTHERS + 1);
  return { row, others: same.filter((other) => other.id !== id).slice(0, OTHERS) };
}
