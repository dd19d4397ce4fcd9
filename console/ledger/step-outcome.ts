import { z } from 'zod';
import type { StepRow } from '../../database/index.ts';

const outcomeSchema = z
  .object({ detail: z.string().optional().catch(undefined), url: z.string().optional().catch(undefined) })
  .catch({});

/** What a step made, in words, and where; or why it failed, or what became of it when the meeting fell through. */
export function stepOutcome(row: Pick<StepRow, 'status' | 'outcome' | 'error'>): { detail: string; url?: string } {
  if (row.status === 'failed') return { detail: row.error ?? '' };
  const { detail, url } = outcomeSchema.parse(row.outcome ?? {});
  const settled = row.status === 'undone' || row.status === 'left' ? row.error : undefined;
  return { detail: settled ?? detail ?? '', ...(url === undefined ? {} : { url }) };
}
