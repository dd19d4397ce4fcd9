import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { KickoffPolicy, VirtualClock } from '../config/policy.ts';
import type { Deal } from '../crm/port.ts';
import {
  claimKickoff,
  type Database,
  DatabaseError,
  type KickoffRow,
  markKickoffStarted,
  reopenKickoff,
} from '../database/index.ts';
import {
  KICKOFF_TASK_QUEUE,
  type KickoffInput,
  kickoffWorkflowId,
  type Origin,
  SEARCH_ATTRIBUTES,
  WORKFLOW_TYPES,
} from '../workflows/messages.ts';

export interface StartRequest {
  deal: Deal;
  workstream?: string | undefined;
  origin: Origin;
  /** A person asks: a kickoff that fell through is begun again, under its next revision. */
  reopen?: boolean;
}

export interface Started {
  workflowId: string;
  /** False when the deal has its kickoff already. */
  started: boolean;
  /** In words. */
  message: string;
}

export type StartKickoff = (request: StartRequest) => Promise<Started>;

export interface StartDependencies {
  client: Client;
  database: Database;
  policy: KickoffPolicy;
  clock?: VirtualClock | undefined;
}

/**
 * The one way a kickoff starts. The ledger's row is claimed first and outlives every retention; the workflow id keeps a
 * second one from running beside the first. A crash between the two is mended by the repetition: a row that was claimed
 * and never started is started then.
 */
export function kickoffStarter(dependencies: StartDependencies): StartKickoff {
  const { database } = dependencies;
  return async (request) => {
    const { deal, workstream, origin } = request;
    const workflowId = kickoffWorkflowId(deal.id, workstream);
    const claim = await claimed(database, workflowId, request);
    if (typeof claim === 'string') return { workflowId, started: false, message: claim };
    const row = await rowToStart(database, claim.row, request);
    if (row === undefined && isSameOrigin(claim.row, origin)) {
      // The repetition of the very event that started it: its answer was lost.
      return { workflowId, started: true, message: `The kickoff of ${deal.account.name} has started.` };
    }
    if (row === undefined) {
      const message = `Deal ${deal.id} already has a kickoff (${claim.row.phase}).`;
      return { workflowId, started: false, message };
    }
    await start(dependencies, row, request);
    await markKickoffStarted(database.db, workflowId, row.revision);
    const again = row.revision > 1 ? `, revision ${row.revision}` : '';
    return { workflowId, started: true, message: `The kickoff of ${deal.account.name} has started${again}.` };
  };
}

/** The deal's row; a sentence when its workflow id belongs to a deal of another CRM, which no repetition mends. */
async function claimed(
  database: Database,
  workflowId: string,
  { deal, workstream, origin }: StartRequest,
): Promise<{ row: KickoffRow } | string> {
  try {
    return await claimKickoff(database.db, {
      workflowId,
      crm: deal.crm,
      dealId: deal.id,
      workstream: workstream ?? '',
      deal,
      accountId: deal.account.id,
      accountName: deal.account.name,
      origin,
    });
  } catch (error) {
    if (error instanceof DatabaseError && error.code === 'conflict') return error.message;
    throw error;
  }
}

async function rowToStart(
  database: Database,
  row: KickoffRow,
  { deal, origin, reopen }: StartRequest,
): Promise<KickoffRow | undefined> {
  if (row.started_at === null) return row;
  if (reopen !== true) return undefined;
  return await reopenKickoff(database.db, { workflowId: row.workflow_id, deal, origin });
}

function isSameOrigin(row: KickoffRow, origin: Origin): boolean {
  return 'reference' in row.origin && row.origin.reference === origin.reference && origin.kind !== 'manual';
}

async function start(
  { client, policy, clock }: StartDependencies,
  row: KickoffRow,
  { deal, workstream, origin }: StartRequest,
): Promise<void> {
  const input: KickoffInput = {
    deal,
    ...(workstream === undefined ? {} : { workstream }),
    revision: row.revision,
    origin,
    policy,
    ...(clock === undefined ? {} : { clock }),
  };
  try {
    await client.workflow.start(WORKFLOW_TYPES.kickoff, {
      workflowId: row.workflow_id,
      taskQueue: KICKOFF_TASK_QUEUE,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      // The first revision never runs twice; a later one follows a run that has closed.
      workflowIdReusePolicy: row.revision > 1 ? 'ALLOW_DUPLICATE' : 'REJECT_DUPLICATE',
      typedSearchAttributes: [
        { key: SEARCH_ATTRIBUTES.deal, value: deal.id },
        { key: SEARCH_ATTRIBUTES.account, value: deal.account.id },
        // Where it will be in a second; from then on the workflow lists its phase when it rests elsewhere.
        { key: SEARCH_ATTRIBUTES.phase, value: 'scheduling' },
      ],
      staticSummary: `Kickoff: ${deal.account.name}`,
      staticDetails: `Deal ${deal.id}, started by ${origin.kind}`,
      priority: { priorityKey: origin.kind === 'backfill' ? 5 : 2 },
    });
  } catch (error) {
    // It ran and has closed, and the crash came before the row said so.
    if (error instanceof WorkflowExecutionAlreadyStartedError) return;
    throw error;
  }
}
