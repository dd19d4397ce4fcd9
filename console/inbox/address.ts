import { z } from 'zod';
import type { InboxStatus } from '../../database/index.ts';
import { addressOf, BadAddress } from '../page/address.ts';
import { isInboxStatus } from '../words/inbox.ts';

/** Everything that chooses what the inbox shows. */
export interface InboxPageFilter {
  status?: InboxStatus;
  /** Only rows with a smaller number. */
  before?: number | undefined;
}

const querySchema = z.object({
  status: z.string().optional(),
  // PostgreSQL's bigint is larger; no row's number is.
  before: z.union([z.literal(''), z.string().regex(/^[1-9]\d{0,14}$/)]).optional(),
});

/** @throws {BadAddress} when a filter is given twice or cannot be meant */
export function inboxFilter(query: unknown): InboxPageFilter {
  const parsed = querySchema.safeParse(query);
  if (!parsed.success) throw new BadAddress('The address names no page of the inbox: begin at its first page.');
  const { status = '', before = '' } = parsed.data;
  if (status !== '' && !isInboxStatus(status)) {
    throw new BadAddress('No event ever has that status: choose one of those on the inbox’s page.');
  }
  return { ...(status === '' ? {} : { status }), ...(before === '' ? {} : { before: Number(before) }) };
}

export function inboxAddress({ status, before }: InboxPageFilter): string {
  return addressOf('/inbox', { status, before: before === undefined ? undefined : String(before) });
}
