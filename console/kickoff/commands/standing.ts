import { findKickoff, type KickoffRow } from '../../../database/index.ts';
import { type KickoffStatus, status as statusQuery } from '../../../workflows/messages.ts';
import type { ConsoleContext } from '../../context.ts';
import { kickoffRecord, kickoffTitle } from '../../ledger/kickoff-record.ts';
import { askWorkflow } from '../../temporal/ask.ts';
import { phaseWordsOf } from '../../words/phase.ts';
import type { KickoffCommand } from './names.ts';

/** A kickoff as it stands now, as far as it says so itself. */
export interface Standing {
  row: KickoffRow;
  title: string;
  /** Undefined: it did not answer. */
  status: KickoffStatus | undefined;
  /** Why it did not answer, in words. */
  silent: string | undefined;
}

/** @returns undefined when there is no such kickoff */
export async function standingOf(
  { database, client }: Pick<ConsoleContext, 'database' | 'client'>,
  workflowId: string,
): Promise<Standing | undefined> {
  const row = await findKickoff(database.db, workflowId);
  if (row === undefined) return undefined;
  const asked = await askWorkflow(client, workflowId, statusQuery);
  return {
    row,
    title: kickoffTitle(row, kickoffRecord(row)),
    ...('answer' in asked ? { status: asked.answer, silent: undefined } : { status: undefined, silent: asked.silent }),
  };
}

/** Why it would not take a command now, in words; undefined: it would. */
export function whyImpossible(command: KickoffCommand, { row, status, silent }: Standing): string | undefined {
  if (status === undefined) {
    return `${silent ?? ''} Nothing can be sent to it now: Temporal keeps it for no worker that comes later.`.trim();
  }
  if (status.commands.some(({ name }) => name === command)) return undefined;
  if (status.commands.length === 0) return 'It takes nothing from here any more.';
  const { label, meaning } = phaseWordsOf(status.phase);
  const isStep = command === 'retryStep' || command === 'skipStep';
  if (isStep && !status.steps.some(({ state }) => state === 'failed')) return 'No step of it has failed.';
  return `It does not take this as it stands (${row.phase === status.phase ? '' : 'since a moment ago: '}${label}). ${meaning}`;
}
