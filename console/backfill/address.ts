import { addressOf } from '../page/address.ts';

/** Where the console shows a backfill. @param runId of one that has ended, and may have been begun anew since */
export function backfillPath(workflowId: string, runId?: string): string {
  return addressOf(`/backfills/${encodeURIComponent(workflowId)}`, { run: runId });
}
