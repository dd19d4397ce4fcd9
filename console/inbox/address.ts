import { DateTime } from 'luxon';
import { z } from 'zod';
import type { InboxSearch, InboxSource, InboxStatus } from '../../database/index.ts';
import { addressOf, BadAddress, isoDay } from '../page/address.ts';
import { isInboxSource, isInboxStatus } from '../words/inbox.ts';

/** Everything that chooses what the inbox shows. */
export interface InboxPageFilter {
  status?: InboxStatus;
  source?: InboxSource;
  /** A subject, a workflow, a part of an event's name. */
  q?: string;
  /** Days (`2026-02-10`), in the viewer's zone; both are shown. */
  since?: string;
  until?: string;
  /** Only rows with a smaller number. */
  before?: number | undefined;
}

const day = z.union([z.literal(''), isoDay]).optional();
const querySchema = z.object({
  status: z.string().optional(),
  source: z.string().optional(),
  // PostgreSQL's text has no NUL.
  q: z
    .string()
    .max(200)
    .regex(/^[^\0]*$/)
    .optional(),
  since: day,
  until: day,
  // PostgreSQL's bigint is larger; no row's number is.
  before: z.union([z.literal(''), z.string().regex(/^[1-9]\d{0,14}$/)]).optional(),
});

/** @throws {BadAddress} when a filter is given twice or cannot be meant */
export function inboxFilter(query: unknown): InboxPageFilter {
  const parsed = querySchema.safeParse(query);
  if (!parsed.success) throw new BadAddress('The address names no page of the inbox: begin at its first page.');
  const { status = '', source = '', q = '', since = '', until = '', before = '' } = parsed.data;
  if (status !== '' && !isInboxStatus(status)) {
    throw new BadAddress('No event ever has that status: choose one of those on the inbox’s page.');
  }
  if (source !== '' && !isInboxSource(source)) {
    throw new BadAddress('No event ever comes from there: choose one of those on the inbox’s page.');
  }
  return {
    ...(status === '' ? {} : { status }),
    ...(source === '' ? {} : { source }),
    ...(q.trim() === '' ? {} : { q: q.trim() }),
    ...(since === '' ? {} : { since }),
    ...(until === '' ? {} : { until }),
    ...(before === '' ? {} : { before: Number(before) }),
  };
}

/**
 * The filter in an address that `inboxAddress` has made.
 *
 * @returns undefined when it is none
 */
export function filterInAddress(address: string): InboxPageFilter | undefined {
  const [path, query = '', ...more] = address.split('?');
  if (path !== '/inbox' || more.length > 0) return undefined;
  try {
    return inboxFilter(Object.fromEntries(new URLSearchParams(query)));
  } catch (error) {
    if (error instanceof BadAddress) return undefined;
    throw error;
  }
}

export function inboxAddress({ status, source, q, since, until, before }: InboxPageFilter): string {
  const page = before === undefined ? undefined : String(before);
  return addressOf('/inbox', { status, source, q, since, until, before: page });
}

/** @param zone IANA: whose days are meant */
export function inboxSearch({ q, since, until, ...rest }: InboxPageFilter, zone: string): InboxSearch {
  return {
    ...rest,
    text: q,
    since: since === undefined ? undefined : startOf(since, zone),
    until: until === undefined ? undefined : startOf(until, zone, 1),
  };
}

function startOf(date: string, zone: string, daysLater = 0): Date {
  const local = DateTime.fromISO(date, { zone });
  return (local.isValid ? local : DateTime.fromISO(date, { zone: 'utc' })).plus({ days: daysLater }).toJSDate();
}
