import { z } from 'zod';
import type { Phase } from '../../workflows/messages.ts';
import { addressOf, BadAddress } from '../page/address.ts';
import { isPhase } from '../words/phase.ts';

/** Where a page of the list ends; the next begins after it. */
export interface Cursor {
  created_at: Date;
  workflow_id: string;
}

/** Everything that chooses what the list shows. It stands in the address, so that a view can be kept and passed on. */
export interface OverviewFilter {
  search?: string;
  phase?: Phase;
  before?: Cursor | undefined;
}

const querySchema = z.object({
  q: z.string().max(200).optional(),
  phase: z.string().optional(),
  before: z.string().optional(),
});
/** An instant with milliseconds, then the workflow's id. PostgreSQL's text has no NUL. */
const CURSOR = /^([12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)_([^\0]+)$/;

/** @throws {BadAddress} when a filter is given twice, is too long, or cannot be meant */
export function overviewFilter(query: unknown): OverviewFilter {
  const parsed = querySchema.safeParse(query);
  if (!parsed.success) throw new BadAddress('Give each filter once; a search has at most 200 characters.');
  const { q, phase, before } = parsed.data;
  const search = q?.trim() ?? '';
  return {
    ...(search === '' ? {} : { search }),
    ...(phase === undefined || phase === '' ? {} : { phase: phaseIn(phase) }),
    ...(before === undefined || before === '' ? {} : { before: cursorIn(before) }),
  };
}

export function overviewAddress({ search, phase, before }: OverviewFilter): string {
  const cursor = before && `${before.created_at.toISOString()}_${before.workflow_id}`;
  return addressOf('/', { q: search, phase, before: cursor });
}

function phaseIn(text: string): Phase {
  if (isPhase(text)) return text;
  throw new BadAddress('No kickoff is ever in that phase: choose one of those on the page of all kickoffs.');
}

function cursorIn(text: string): Cursor {
  const [, at, workflowId] = CURSOR.exec(text) ?? [];
  const created = new Date(at ?? Number.NaN);
  if (workflowId === undefined || Number.isNaN(created.getTime())) {
    throw new BadAddress('The address names no page of the list: begin at its first page.');
  }
  return { created_at: created, workflow_id: workflowId };
}
