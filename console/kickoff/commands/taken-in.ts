import { failedStepsOf, type KickoffRow, type PhaseName } from '../../../database/index.ts';
import type { ConsoleContext } from '../../context.ts';
import { phaseWordsOf } from '../../words/phase.ts';
import type { KickoffCommand } from './names.ts';

/** In which phases a kickoff takes a command, as its workflow has it. `test/unit/console/taken-in.test.ts` compares. */
export const TAKEN_IN = {
  cancel: ['resolving', 'needs_attention', 'requesting', 'scheduling', 'paused'],
  pause: ['scheduling'],
  resume: ['paused'],
  proceed: ['needs_attention'],
  changeOrganizer: ['needs_attention', 'scheduling', 'paused'],
  retryStep: ['needs_attention', 'scheduling', 'paused', 'booked', 'onboarding', 'done', 'cancelled', 'expired'],
} as const satisfies Partial<Record<KickoffCommand, readonly PhaseName[]>>;

/**
 * Which kickoffs would not take a command, and why, by what the database knows: asking hundreds of workflows takes too long.
 * Those that the workflow refuses all the same say so when it is done.
 */
export async function whyNotTaken(
  { database }: Pick<ConsoleContext, 'database'>,
  command: keyof typeof TAKEN_IN,
  rows: readonly KickoffRow[],
): Promise<ReadonlyMap<string, string>> {
  const ids = rows.map((row) => row.workflow_id);
  const failed = command === 'retryStep' ? await failedStepsOf(database.db, ids) : undefined;
  const reasons = rows.flatMap((row): [string, string][] => {
    const reason = whyNot(command, row, failed === undefined || failed.has(row.workflow_id));
    return reason === undefined ? [] : [[row.workflow_id, reason]];
  });
  return new Map(reasons);
}

function whyNot(command: keyof typeof TAKEN_IN, row: KickoffRow, hasStep: boolean): string | undefined {
  const phases: readonly string[] = TAKEN_IN[command];
  // A doubt about the deal may be settled in whatever phase it is.
  const isTaken = phases.includes(row.phase) || (command === 'proceed' && row.deal_lost_at !== null);
  if (!isTaken) return `not while it is “${phaseWordsOf(row.phase).label}”`;
  return hasStep ? undefined : 'no step of it has failed';
}
