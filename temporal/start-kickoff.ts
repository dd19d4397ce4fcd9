import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { policyOf, type Workstreams } from '../config/index.ts';
import type { KickoffPolicy, VirtualClock } from '../config/policy.ts';
import type { Deal } from '../crm/port.ts';
import {
  claimKickoff,
  type Database,
  DatabaseError,
  fellThrough,
  type KickoffRow,
  kickoffsOfDeals,
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
import { isFormerRunOpen, REVISION_MEMO, runOfRevision } from './runs.ts';

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
  /** What whoever looks after the configuration should know. */
  warning?: string;
  /** The kickoff before this one is still ending: the same request works when it has closed. */
  mustWait?: true;
}

export type StartKickoff = (request: StartRequest) => Promise<Started>;

/** For people who look at the workflow. */
const STARTED_BY: Record<Origin['kind'], string> = {
  hubspot: 'by HubSpot',
  salesforce: 'by Salesforce',
  pipedrive: 'by Pipedrive',
  deal: 'by a deal event',
  manual: 'by hand',
  backfill: 'by a backfill',
};

export interface StartDependencies {
  client: Client;
  database: Database;
  /** Of the main kickoff. */
  policy: KickoffPolicy;
  /** Those that the configuration knows; any other runs by the main policy. */
  workstreams?: Workstreams | undefined;
  clock?: VirtualClock | undefined;
}

/**
 * The one way a kickoff starts. The ledger's row is claimed first and outlives every retention; the workflow id keeps a
 * second one from running beside the first. A crash between the two is mended by the repetition: a row that was claimed
 * and never started is started then.
 *
 * A deal that others were merged into has their kickoff. A kickoff that fell through after its deal was lost is begun again,
 * under its next revision, when the deal is won again; any other only when a person asks.
 */
export function kickoffStarter(dependencies: StartDependencies): StartKickoff {
  const { database, client } = dependencies;
  return async (request) => {
    const { deal, workstream, origin } = request;
    const workflowId = kickoffWorkflowId(deal.id, workstream);
    const inherited = await inheritedKickoff(database, request);
    if (inherited !== undefined) {
      const message = `Deal ${deal.id} was merged from ${inherited.deal_id}, which has its kickoff (${inherited.phase}).`;
      return { workflowId: inherited.workflow_id, started: false, message };
    }
    const claim = await claimed(database, workflowId, request);
    if (typeof claim === 'string') return { workflowId, started: false, message: claim };
    const known = claim.row;
    if (mayBeginAgain(known, request) && (await isFormerRunOpen(client, workflowId))) return stillEnding(known);
    const row = await rowToStart(database, known, request);
    if (row === undefined && isSameOrigin(known, origin)) {
      // The repetition of the very event that started it: its answer was lost.
      return { workflowId, started: true, message: `The kickoff of ${deal.account.name} has started.` };
    }
    if (row === undefined) {
      const message = `Deal ${deal.id} already has a kickoff (${known.phase}).`;
      return { workflowId, started: false, message };
    }
    if (!(await start(dependencies, row, request))) return stillEnding(row);
    await markKickoffStarted(database.db, workflowId, row.revision);
    const again = row.revision > 1 ? `, revision ${row.revision}` : '';
    const message = `The kickoff of ${deal.account.name} has started${again}.`;
    const warning = unknownWorkstream(dependencies, request);
    return { workflowId, started: true, message, ...(warning === undefined ? {} : { warning }) };
  };
}

/** A kickoff must not be lost for a name that nobody has configured. */
function unknownWorkstream({ workstreams = {} }: StartDependencies, { workstream }: StartRequest): string | undefined {
  const names = Object.keys(workstreams);
  if (workstream === undefined || names.length === 0 || names.includes(workstream)) return undefined;
  return `Workstream ${workstream} is not configured (${names.join(', ')}): it runs by the main kickoff's rules.`;
}

/**
 * The kickoff of a deal that this one was merged from. One that fell through stands in the way only as long as it would in
 * that of its own deal.
 */
async function inheritedKickoff(database: Database, request: StartRequest): Promise<KickoffRow | undefined> {
  const { deal, workstream = '' } = request;
  const dealIds = [deal.id, ...(deal.mergedIds ?? [])];
  const known = await kickoffsOfDeals(database.db, { crm: deal.crm, dealIds });
  const inTheWay = known.filter((row) => row.workstream === workstream && !mayBeginAgain(row, request));
  // One of its own says so itself.
  if (inTheWay.some((row) => row.deal_id === deal.id)) return undefined;
  const [oldest] = inTheWay.toSorted((a, b) => a.created_at.getTime() - b.created_at.getTime());
  return inTheWay.find((row) => !fellThrough(row)) ?? oldest;
}

/** A person may always ask for the next one after one that fell through; an event only where the deal had been lost. */
function mayBeginAgain(row: KickoffRow, { reopen, origin }: StartRequest): boolean {
  if (row.started_at === null || !fellThrough(row)) return false;
  return reopen === true || (row.deal_lost_at !== null && origin.kind !== 'backfill');
}

function stillEnding({ workflow_id: workflowId, account_name: account }: KickoffRow): Started {
  const message =
    `The former kickoff of ${account} is still ending: its last steps are running, or a failed one waits for a person ` +
    `(retryStep, skipStep). The next can start when it has closed.`;
  return { workflowId, started: false, message, mustWait: true };
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

async function rowToStart(database: Database, row: KickoffRow, request: StartRequest): Promise<KickoffRow | undefined> {
  if (row.started_at === null) return row;
  if (!mayBeginAgain(row, request)) return undefined;
  const { deal, origin, reopen } = request;
  const afterLossOnly = reopen !== true;
  return await reopenKickoff(database.db, { workflowId: row.workflow_id, deal, origin, afterLossOnly });
}

function isSameOrigin(row: KickoffRow, origin: Origin): boolean {
  return 'reference' in row.origin && row.origin.reference === origin.reference && origin.kind !== 'manual';
}

/** @returns false when a run of an earlier revision is still open: nothing was started */
async function start(dependencies: StartDependencies, row: KickoffRow, request: StartRequest): Promise<boolean> {
  const { client, policy, workstreams = {}, clock } = dependencies;
  const { deal, workstream, origin } = request;
  const isFirst = row.revision === 1;
  const run = isFirst ? 'none' : await runOfRevision(client, row.workflow_id, row.revision);
  // It runs or ran, and the crash came before the row said so.
  if (run === 'this') return true;
  if (run === 'former') return false;
  const input: KickoffInput = {
    deal,
    ...(workstream === undefined ? {} : { workstream }),
    revision: row.revision,
    origin,
    policy: policyOf({ kickoff: policy, workstreams }, workstream),
    ...(clock === undefined ? {} : { clock }),
  };
  try {
    await client.workflow.start(WORKFLOW_TYPES.kickoff, {
      workflowId: row.workflow_id,
      taskQueue: KICKOFF_TASK_QUEUE,
      args: [input],
      // To join a run is right where it can be none but this one: a former revision's would end without a word of it.
      workflowIdConflictPolicy: isFirst ? 'USE_EXISTING' : 'FAIL',
      // The first revision never runs twice; a later one follows a run that has closed.
      workflowIdReusePolicy: isFirst ? 'REJECT_DUPLICATE' : 'ALLOW_DUPLICATE',
      memo: { [REVISION_MEMO]: row.revision },
      typedSearchAttributes: [
        { key: SEARCH_ATTRIBUTES.deal, value: deal.id },
        { key: SEARCH_ATTRIBUTES.account, value: deal.account.id },
        // Where it will be in a second; from then on the workflow lists its phase when it rests elsewhere.
        { key: SEARCH_ATTRIBUTES.phase, value: 'scheduling' },
      ],
      staticSummary: `Kickoff: ${deal.account.name}${workstream === undefined ? '' : `, ${workstream}`}`,
      staticDetails: [
        `Deal ${deal.id}, started ${STARTED_BY[origin.kind]}.`,
        unknownWorkstream(dependencies, request) ?? '',
      ]
        .join(' ')
        .trim(),
      priority: { priorityKey: origin.kind === 'backfill' ? 5 : 2 },
    });
  } catch (error) {
    // The first revision ran and has closed, and the crash came before the row said so; or another has started this
    // revision since we looked.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  return true;
}
