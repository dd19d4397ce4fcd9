import type { Client } from '@temporalio/client';
import { kickoffWorkflowId, SEARCH_ATTRIBUTES, WORKFLOW_TYPES } from '../workflows/messages.ts';

/** One kickoff of a deal; a deal has several when it has workstreams. */
export interface DealKickoff {
  workflowId: string;
  /** Empty for the one without a name. */
  workstream: string;
}

/**
 * The deal's kickoffs that Temporal still knows, by workstream. Its list lags behind by a moment, so a kickoff that has
 * just begun may not be among them.
 */
export async function kickoffsOfDeal(
  client: Client,
  dealId: string,
  { onlyRunning }: { onlyRunning: boolean },
): Promise<DealKickoff[]> {
  // An id that would end the quotation is no CRM's.
  if (/["'\\]/.test(dealId)) return [];
  const running = onlyRunning ? " AND ExecutionStatus = 'Running'" : '';
  const query = `WorkflowType = '${WORKFLOW_TYPES.kickoff}' AND ${SEARCH_ATTRIBUTES.deal.name} = '${dealId}'${running}`;
  const found = new Map<string, DealKickoff>();
  for await (const { workflowId } of client.workflow.list({ query })) {
    const workstream = workflowId.slice(kickoffWorkflowId(dealId).length + 1);
    found.set(workflowId, { workflowId, workstream });
  }
  return [...found.values()].sort((a, b) => a.workstream.localeCompare(b.workstream));
}
