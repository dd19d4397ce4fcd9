import type { StepRow } from '../../database/index.ts';
import type { KickoffStatus, StepStatus } from '../../workflows/messages.ts';
import { stepOutcome } from '../ledger/step-outcome.ts';

/** One run of a step, out of what the ledger has and what the workflow says. */
export interface StepView {
  id: string;
  list: string;
  kind: string;
  occurrence: string;
  state: StepStatus['state'];
  /** What it made, why it failed, or what it waits for, in words. */
  detail: string;
  url?: string;
  attempts: number;
  at?: Date;
  /** Only of a revision that is over. */
  revision?: number;
  /** A person may run it again, or let it go. */
  canSettle: boolean;
}

/**
 * The steps in the order in which they were begun, then those that wait for their turn, of which only the workflow knows.
 *
 * @param revision the kickoff's own
 */
export function stepViews(rows: readonly StepRow[], revision: number, status: KickoffStatus | undefined): StepView[] {
  const known = status?.steps ?? [];
  const settleable = settleableIds(status);
  const told = rowsOf(known, rows, revision);
  const views = rows.map((row): StepView => {
    const step = told.get(row);
    // A step of the deal's close stays when the next revision begins: the workflow knows which are over.
    const isOver = status === undefined ? row.revision < revision : step === undefined || step.revision !== undefined;
    const isCurrent = row.revision === revision || !isOver;
    const { detail, url } = stepOutcome(row);
    const state = isCurrent && step !== undefined ? step.state : row.status;
    return {
      id: row.step_id,
      list: row.list,
      kind: row.kind,
      occurrence: occurrenceWords(row),
      state,
      detail: state === row.status ? detail : (step?.detail ?? detail),
      ...(url !== undefined && { url }),
      attempts: row.attempts,
      at: row.finished_at ?? row.started_at,
      ...(!isCurrent && { revision: row.revision }),
      canSettle: step !== undefined && step.revision === undefined && settleable.has(row.step_id),
    };
  });
  const rowless = known
    .filter((step) => ![...told.values()].includes(step))
    .map(
      (step): StepView => ({
        id: step.id,
        list: step.list,
        kind: step.kind,
        occurrence: '',
        state: step.state,
        detail: step.detail ?? '',
        ...(step.url !== undefined && { url: step.url }),
        attempts: 0,
        ...(step.revision !== undefined && { revision: step.revision }),
        canSettle: step.revision === undefined && settleable.has(step.id),
      }),
    );
  return [...views, ...rowless];
}

/** The steps that `retryStep` would take: failed ones, and the one that the workflow itself gives as its example. */
function settleableIds(status: KickoffStatus | undefined): Set<string> {
  const retry = status?.commands.find(({ name }) => name === 'retryStep');
  if (status === undefined || retry === undefined) return new Set();
  const example = retry.example !== undefined && 'id' in retry.example ? retry.example.id : undefined;
  const failed = status.steps.filter(({ state, revision }) => state === 'failed' && revision === undefined);
  return new Set([...failed.map(({ id }) => id), ...(typeof example === 'string' ? [example] : [])]);
}

/**
 * Which row each step of the workflow has. A list may run often in a revision, at every follow-up: both stand in the order
 * in which they began, so the first has the first.
 */
function rowsOf(known: readonly StepStatus[], rows: readonly StepRow[], revision: number): Map<StepRow, StepStatus> {
  const told = new Map<StepRow, StepStatus>();
  const isFree = (row: StepRow, step: StepStatus) =>
    row.step_id === step.id && row.list === step.list && !told.has(row);
  const others: StepStatus[] = [];
  for (const step of known) {
    const row = rows.find((one) => one.revision === (step.revision ?? revision) && isFree(one, step));
    if (row !== undefined) told.set(row, step);
    else if (step.revision === undefined) others.push(step);
  }
  // A step of the deal's close stays when the next revision begins.
  for (const step of others) {
    const row = rows.findLast((one) => isFree(one, step));
    if (row !== undefined) told.set(row, step);
  }
  return told;
}

const TOLD: Record<string, string> = { csm: 'for the CSM', manager: 'for the manager' };

/** Which run of its list it was, where a list runs more than once in a revision: `1.manager`, `1.3`. */
function occurrenceWords({ occurrence, revision }: StepRow): string {
  if (occurrence === String(revision)) return '';
  const rest = occurrence.startsWith(`${revision}.`) ? occurrence.slice(`${revision}.`.length) : occurrence;
  return TOLD[rest] ?? (/^\d+$/.test(rest) ? `number ${rest}` : rest);
}
