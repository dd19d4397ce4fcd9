import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import {
  type DispatchInput,
  type DispatchResult,
  type KickoffPreview,
  WORKFLOW_TYPES,
} from '../../workflows/messages.ts';
import { type Ran, runWorkflow } from '../temporal/run.ts';
import { type Fault, faultsIn } from './faults.ts';

export type Rehearsed =
  /** What would happen, in words, and all that it was found out from. */
  | { message: string; workflowId: string; preview: KickoffPreview }
  /** What was typed is not right. */
  | { faults: Fault[] }
  /** It cannot be done, in words: the CRM does not know the deal, or did not answer. */
  | { failed: string }
  /** Nobody answered, in words. */
  | { silent: string };

/** A rehearsal reads the CRM and the registry; a page is not kept waiting for longer. */
const REHEARSAL_MS = 20_000;

/**
 * What the deal's kickoff would be, if it were started now: whom it would invite, under which key, and what is missing. It
 * is the workflow `dispatchKickoff` with `dryRun`: nothing is started, and nothing is written.
 *
 * @param input as somebody has typed it; the workflow checks it
 */
export async function rehearse(client: Client, input: DispatchInput): Promise<Rehearsed> {
  const ran = await dispatch(client, { ...input, dryRun: true }, randomUUID(), REHEARSAL_MS);
  if (!('answer' in ran)) return refusalOf(ran);
  const { message, workflowId, preview } = ran.answer;
  if (preview === undefined) throw new Error('a rehearsal has a preview');
  return { message, workflowId, preview };
}

/**
 * Runs `dispatchKickoff`.
 *
 * @param attempt the last part of its id: repeated, the answer is that of the first time
 */
export async function dispatch(
  client: Client,
  input: DispatchInput,
  attempt: string,
  patienceMs: number,
): Promise<Ran<DispatchResult>> {
  return await runWorkflow<DispatchResult>(client, {
    type: WORKFLOW_TYPES.dispatch,
    workflowId: `dispatch:${(input.dealId ?? 'whole').slice(0, 128)}:${attempt}`,
    args: [input],
    summary: input.dryRun === true ? 'A rehearsal by hand' : 'Started by hand',
    patienceMs,
  });
}

/** Why it was not done: by field where what was typed is to blame. */
export function refusalOf(
  ran: Exclude<Ran<DispatchResult>, { answer: DispatchResult }>,
): { faults: Fault[] } | { failed: string } | { silent: string } {
  if ('silent' in ran) return ran;
  return ran.type === 'DispatchInput' ? { faults: faultsIn(ran.failed) } : { failed: ran.failed };
}
