import {
  askingKickoffs,
  askingRecoveries,
  type Database,
  failedKickoffSteps,
  failedRecoverySteps,
  type InboxRow,
  type KickoffRow,
  type RecoveryRow,
  type StepRow,
} from '../../database/index.ts';
import { kickoffRecord, needsOf } from '../ledger/kickoff-record.ts';
import { leadRecord } from '../ledger/lead-record.ts';

/** Something that waits for a person. */
export type Ask = { since: Date } & (
  | { kind: 'kickoff'; row: KickoffRow; needs: readonly string[]; failed: readonly StepRow[] }
  | { kind: 'lead'; row: RecoveryRow; needs: readonly string[]; failed: readonly StepRow[] }
  | { kind: 'event'; row: InboxRow }
);

export interface Asks {
  /** The longest waiting first. */
  shown: Ask[];
  /** There are more of them than are shown. */
  more: { kickoffs: boolean; leads: boolean };
}

/** A page of work. What is older is more urgent, so nothing is hidden by what has come since. */
const SHOWN = 10;

/** @param dead events that could not be delivered, the oldest first */
export async function readAsks({ db }: Database, dead: readonly InboxRow[]): Promise<Asks> {
  const [kickoffs, steps, leads, leadSteps] = await Promise.all([
    askingKickoffs(db, SHOWN + 1),
    failedKickoffSteps(db, SHOWN + 1),
    askingRecoveries(db, SHOWN + 1),
    failedRecoverySteps(db, SHOWN + 1),
  ]);
  const all: Ask[] = [
    ...byWorkflow(kickoffs, steps).map((one): Ask => {
      const needs = withoutSteps(needsOf(one.row, kickoffRecord(one.row)), one.failed);
      return { kind: 'kickoff', needs, ...one };
    }),
    ...byWorkflow(leads, leadSteps).map((one): Ask => {
      const needs = one.row.phase === 'needs_attention' ? leadRecord(one.row).needs : [];
      return { kind: 'lead', needs: withoutSteps(needs, one.failed), ...one };
    }),
    ...dead.map((row): Ask => ({ kind: 'event', row, since: row.received_at })),
  ];
  const sorted = all.sort((a, b) => a.since.getTime() - b.since.getTime());
  const hidden = sorted.slice(SHOWN);
  const isCut = (rows: readonly unknown[]) => rows.length > SHOWN;
  return {
    shown: sorted.slice(0, SHOWN),
    more: {
      kickoffs: isCut(kickoffs) || isCut(steps) || hidden.some(({ kind }) => kind === 'kickoff'),
      leads: isCut(leads) || isCut(leadSteps) || hidden.some(({ kind }) => kind === 'lead'),
    },
  };
}

interface Waiting<R> {
  row: R;
  since: Date;
  failed: StepRow[];
}

/** What waits as a whole and what has failed steps, each once; since the first of both. */
function byWorkflow<R extends { workflow_id: string; updated_at: Date }>(
  waiting: readonly R[],
  steps: readonly { step: StepRow; row: R }[],
): Waiting<R>[] {
  const known = new Map<string, Waiting<R>>();
  for (const row of waiting) known.set(row.workflow_id, { row, since: row.updated_at, failed: [] });
  for (const { step, row } of steps) {
    const at = step.finished_at ?? step.started_at;
    const one = known.get(row.workflow_id);
    if (one === undefined) known.set(row.workflow_id, { row, since: at, failed: [step] });
    else {
      one.failed.push(step);
      if (at < one.since) one.since = at;
    }
  }
  return [...known.values()];
}

/** A failed step stands in the list by itself, with its buttons. */
function withoutSteps(needs: readonly string[], failed: readonly StepRow[]): string[] {
  return needs.filter((need) => !failed.some(({ step_id: id }) => need.startsWith(`Step ${id} failed: `)));
}
