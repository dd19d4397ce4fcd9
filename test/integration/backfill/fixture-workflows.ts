import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { KickoffActivities, SkipupActivities } from '../../../activities/contract.ts';
import { runBackfill } from '../../../workflows/backfill/backfill.ts';
import type { BackfillInput, BackfillProgress, KickoffInput } from '../../../workflows/messages.ts';

const ledger = proxyActivities<Pick<KickoffActivities, 'recordPhase'>>({
  startToCloseTimeout: '10 s',
  taskQueue: 'kickoff',
});

/** The backfill, with a history that is soon long and waits that are soon over. */
export async function backfill(input: BackfillInput): Promise<BackfillProgress> {
  return await runBackfill(input, { eventsPerRun: 60, firstWaitMs: 200 });
}

/** A kickoff that has its request at once. */
export async function kickoff({ revision }: KickoffInput): Promise<void> {
  await ledger.recordPhase({ workflowId: workflowInfo().workflowId, revision, phase: 'scheduling', needs: [] });
}

const skipup = proxyActivities<Pick<SkipupActivities, 'readMeetingRequest'>>({
  startToCloseTimeout: '1 minute',
  taskQueue: 'skipup',
});

/** One call to SkipUp, with the priority of whoever asks. */
export async function oneCall(requestId: string): Promise<void> {
  await skipup.readMeetingRequest({ requestId });
}
