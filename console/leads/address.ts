import { z } from 'zod';
import type { RecoveryCursor } from '../../database/index.ts';
import type { RecoveryPhase } from '../../workflows/messages.ts';
import { addressOf, BadAddress } from '../page/address.ts';
import { isRecoveryPhase } from '../words/recovery.ts';

/** Everything that chooses what the list shows; it stands in the address. */
export interface LeadsFilter {
  search?: string;
  phase?: RecoveryPhase;
  before?: RecoveryCursor | undefined;
}

const querySchema = z.object({
  q: z.string().max(200).optional(),
  phase: z.string().optional(),
  before: z.string().optional(),
});
/** An instant with milliseconds, then the workflow's id. PostgreSQL's text has no NUL. */
const CURSOR = /^([12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)_([^\0]+)$/;

/** @throws {BadAddress} when a filter is given twice, is too long, or cannot be meant */
export function leadsFilter(query: unknown): LeadsFilter {
  const parsed = querySchema.safeParse(query);
  if (!parsed.success) throw new BadAddress('Give each filter once; a search has at most 200 characters.');
  const { q = '', phase = '', before = '' } = parsed.data;
  if (phase !== '' && !isRecoveryPhase(phase)) {
    throw new BadAddress('No lead is ever in that phase: choose one of those on the page of all leads.');
  }
  const search = q.trim();
  return {
    ...(search !== '' && { search }),
    ...(isRecoveryPhase(phase) && { phase }),
    ...(before !== '' && { before: cursorIn(before) }),
  };
}

export function leadsAddress({ search, phase, before }: LeadsFilter): string {
  const cursor = before && `${before.created_at.toISOString()}_${before.workflow_id}`;
  return addressOf('/leads', { q: search, phase, before: cursor });
}

function cursorIn(text: string): RecoveryCursor {
  const [, at, workflowId] = CURSOR.exec(text) ?? [];
  const created = new Date(at ?? Number.NaN);
  if (workflowId === undefined || Number.isNaN(created.getTime())) {
    throw new BadAddress('The address names no page of the list: begin at its first page.');
  }
  return { created_at: created, workflow_id: workflowId };
}
