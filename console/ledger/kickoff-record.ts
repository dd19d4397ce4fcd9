import { z } from 'zod';
import { fellThrough, type KickoffRow } from '../../database/index.ts';

/**
 * The ledger's JSON columns, as the console shows them. They were written by this version or by another: what cannot be
 * read is left empty, and nothing is a reason not to show the page.
 */
const text = z.string().optional().catch(undefined);
const texts = z.array(z.string()).catch([]);

const participantSchema = z.object({
  email: text,
  name: text,
  timezone: text,
  side: text,
  roles: texts,
  attendance: text,
  from: text,
});
export type ParticipantRecord = z.infer<typeof participantSchema>;

const organizerSchema = z.object({ email: z.string(), name: text, timezone: text, from: text });
const excludedSchema = z.object({ email: text, name: text, reason: text });
const gapSchema = z.object({
  code: text,
  severity: z.enum(['block', 'warn']).catch('warn'),
  message: text,
  acceptable: z.boolean().catch(false),
});
export type GapRecord = z.infer<typeof gapSchema>;

const dealSchema = z
  .object({
    name: text,
    url: text,
    stage: text,
    closedAt: text,
    amount: z.number().optional().catch(undefined),
    currency: text,
  })
  .catch({});
const originSchema = z
  .object({ kind: z.string().catch(''), reference: z.string().catch(''), receivedAt: text })
  .catch({ kind: '', reference: '' });

const recordSchema = z.object({
  deal: dealSchema,
  origin: originSchema,
  organizer: organizerSchema.optional().catch(undefined),
  participants: z.array(participantSchema).catch([]),
  excluded: z.array(excludedSchema).catch([]),
  gaps: z.array(gapSchema).catch([]),
  needs: texts,
});
export type KickoffRecord = z.infer<typeof recordSchema>;

export function kickoffRecord(row: KickoffRow): KickoffRecord {
  return recordSchema.parse(row);
}

/** What a person is asked to settle: as the workflow said it, else the gaps that block (a moment before it says so). */
export function needsOf(row: Pick<KickoffRow, 'phase'>, record: KickoffRecord): string[] {
  // Also one that goes on asks: its deal is not won any more, its organizer has left.
  if (row.phase !== 'needs_attention') return fellThrough(row) ? [] : record.needs;
  if (record.needs.length > 0) return record.needs;
  return record.gaps.flatMap((gap) => (gap.severity === 'block' && gap.message !== undefined ? [gap.message] : []));
}

/** The account, and the deal where that says more. */
export function kickoffTitle(row: Pick<KickoffRow, 'account_name'>, record: KickoffRecord): string {
  const { name } = record.deal;
  return name === undefined || name === row.account_name ? row.account_name : `${row.account_name}: ${name}`;
}
