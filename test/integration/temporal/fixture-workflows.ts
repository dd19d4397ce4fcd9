import { proxyActivities } from '@temporalio/workflow';
import type { KickoffActivities, SkipupActivities } from '../../../activities/contract.ts';

const kickoffQueue = proxyActivities<KickoffActivities>({ startToCloseTimeout: '30 s', taskQueue: 'kickoff' });
const skipupQueue = proxyActivities<SkipupActivities>({ startToCloseTimeout: '60 s', taskQueue: 'skipup' });

/** One activity on each task queue; the texts that they answer. */
export async function bothQueues(): Promise<string[]> {
  const { status } = await skipupQueue.readMeetingRequest({ requestId: 'mr_1' });
  await kickoffQueue.recordPhase({ workflowId: 'w', revision: 1, phase: 'done', needs: [] });
  return [status];
}

/** So many calls to SkipUp at once. */
export async function manyCalls(count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, (_, index) => skipupQueue.readMeetingRequest({ requestId: `mr_${index}` })),
  );
}
