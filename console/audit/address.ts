import { z } from 'zod';
import type { AuditFilter } from '../../database/index.ts';
import { addressOf, BadAddress } from '../page/address.ts';

export type AuditChoice = Omit<AuditFilter, 'limit'>;

/** What may have come of an attempt, in the order of the list to choose from. */
export const OUTCOMES = ['done', 'refused', 'failed', 'unanswered'] as const;

const text = z
  .string()
  .trim()
  .max(1_000)
  .refine((value) => !value.includes('\0'))
  .transform((value) => (value === '' ? undefined : value))
  .optional();
const querySchema = z.object({
  who: text,
  action: text,
  target: text,
  bulk: text,
  outcome: z.enum(['', ...OUTCOMES]).optional(),
  before: z
    .string()
    .regex(/^\d{0,15}$/)
    .optional(),
});

/** @throws {BadAddress} when a filter is given twice, is too long, or cannot be meant */
export function auditChoice(query: unknown): AuditChoice {
  const parsed = querySchema.safeParse(query ?? {});
  if (!parsed.success) {
    throw new BadAddress(
      `Give each filter once, with at most 1,000 characters; outcomes are ${OUTCOMES.join(', ')}; begin at the log’s first page.`,
    );
  }
  const { who, action, target, bulk, outcome, before } = parsed.data;
  return {
    who,
    action,
    target,
    bulk,
    outcome: outcome === '' ? undefined : outcome,
    before: before === undefined || before === '' ? undefined : Number(before),
  };
}

/** @param path also of the download: `/audit.csv` */
export function auditAddress({ before, ...filter }: AuditChoice, path = '/audit'): string {
  return addressOf(path, { ...filter, before: before?.toString() });
}

export function isFiltered({ who, action, target, bulk, outcome }: AuditChoice): boolean {
  return [who, action, target, bulk, outcome].some((value) => value !== undefined);
}
