import { type Kysely, sql } from 'kysely';
import {
  findRecovery,
  listRecoveries,
  type RecoveryRow,
  recoveriesByPhase,
  type Schema,
  type StepRow,
} from '../../database/index.ts';

/** The recoveries of leads, as far as the overview shows them. */
export interface LeadsOverview {
  /** By phase; phases without any are left out. */
  counts: Record<string, number>;
  /** Those that wait for a person, then those of which a step failed. */
  attention: { row: RecoveryRow; failed: StepRow[] }[];
  hasMore: boolean;
}

const ATTENTION_LIMIT = 20;
/** A recovery that has ended otherwise than it should says so for a while, not for ever: there may be many. */
const FAILED_DAYS = 30;

export async function readLeads(db: Kysely<Schema>): Promise<LeadsOverview> {
  const [counts, waiting, failed] = await Promise.all([
    recoveriesByPhase(db),
    listRecoveries(db, { phase: 'needs_attention', limit: ATTENTION_LIMIT + 1 }),
    failedSteps(db),
  ]);
  const items = new Map<string, LeadsOverview['attention'][number]>();
  for (const row of waiting.slice(0, ATTENTION_LIMIT)) items.set(row.workflow_id, { row, failed: [] });
  for (const step of failed.slice(0, ATTENTION_LIMIT)) {
    const known = items.get(step.workflow_id);
    const row = known?.row ?? (await findRecovery(db, step.workflow_id));
    if (row !== undefined) items.set(step.workflow_id, { row, failed: [...(known?.failed ?? []), step] });
  }
  const hasMore = waiting.length > ATTENTION_LIMIT || failed.length > ATTENTION_LIMIT;
  return { counts, attention: [...items.values()], hasMore };
}

/** Of recoveries that a person can still do something about; one more than is shown. */
async function failedSteps(db: Kysely<Schema>): Promise<StepRow[]> {
  return await db
    .selectFrom('steps as s')
    .innerJoin('recoveries as r', 'r.workflow_id', 's.workflow_id')
    .selectAll('s')
    .where('s.status', '=', 'failed')
    .where((eb) => eb.or([eb('r.phase', '<>', 'booked'), eb('r.ended_at', 'is', null)]))
    .where('s.finished_at', '>', sql<Date>`now() - make_interval(days => ${FAILED_DAYS})`)
    .orderBy('s.finished_at', 'desc')
    .orderBy('s.workflow_id')
    .orderBy('s.step_id')
    .limit(ATTENTION_LIMIT + 1)
    .execute();
}
