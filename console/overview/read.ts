import {
  type Database,
  findKickoff,
  inboxCounts,
  type KickoffRow,
  kickoffsByPhase,
  kickoffsInDoubt,
  listKickoffs,
  type PhaseName,
  type StepRow,
} from '../../database/index.ts';
import type { OverviewFilter } from './address.ts';
import { failedSteps } from './failed-steps.ts';
import { type LeadsOverview, readLeads } from './read-leads.ts';

/** A kickoff that a person must look at. */
export interface AttentionItem {
  row: KickoffRow;
  failed: StepRow[];
}

export interface Overview {
  attention: AttentionItem[];
  /** There are more than are shown. */
  hasMore: { waiting: boolean; failed: boolean };
  counts: Record<PhaseName, number>;
  deadEvents: number;
  leads: LeadsOverview;
  kickoffs: KickoffRow[];
  /** The filter of the next page, when there is one. */
  older?: OverviewFilter;
}

const ATTENTION_LIMIT = 20;
const PAGE_SIZE = 50;

export async function readOverview({ db }: Database, filter: OverviewFilter): Promise<Overview> {
  const [waiting, inDoubt, failed, counts, inbox, page, leads] = await Promise.all([
    listKickoffs(db, { phases: ['needs_attention'] }, { limit: ATTENTION_LIMIT }),
    kickoffsInDoubt(db, ATTENTION_LIMIT),
    failedSteps(db, ATTENTION_LIMIT + 1),
    kickoffsByPhase(db),
    inboxCounts(db),
    listKickoffs(
      db,
      { search: filter.search, phases: filter.phase === undefined ? [] : [filter.phase] },
      { before: filter.before, limit: PAGE_SIZE + 1 },
    ),
    readLeads(db),
  ]);
  const kickoffs = page.slice(0, PAGE_SIZE);
  const last = kickoffs.at(-1);
  return {
    attention: await withFailedSteps(db, [...waiting, ...inDoubt], failed.slice(0, ATTENTION_LIMIT)),
    hasMore: { waiting: counts.needs_attention > waiting.length, failed: failed.length > ATTENTION_LIMIT },
    counts,
    deadEvents: inbox.dead,
    leads,
    kickoffs,
    ...(page.length > PAGE_SIZE && last !== undefined
      ? { older: { ...filter, before: { created_at: last.created_at, workflow_id: last.workflow_id } } }
      : {}),
  };
}

/** Those that wait as a whole first, then those of which a step failed. */
async function withFailedSteps(
  db: Database['db'],
  waiting: readonly KickoffRow[],
  failed: readonly StepRow[],
): Promise<AttentionItem[]> {
  const items = new Map<string, AttentionItem>(waiting.map((row) => [row.workflow_id, { row, failed: [] }]));
  for (const step of failed) {
    const known = items.get(step.workflow_id);
    const row = known?.row ?? (await findKickoff(db, step.workflow_id));
    if (row === undefined) continue;
    items.set(step.workflow_id, { row, failed: [...(known?.failed ?? []), step] });
  }
  return [...items.values()];
}
