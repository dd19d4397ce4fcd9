import {
  type AuditAttempt,
  eventsOfKickoff,
  findKickoff,
  type InboxSource,
  type KickoffEventRow,
  type KickoffRow,
  listAudit,
  listMeetingRequests,
  listSteps,
  type MeetingRequestRow,
  type StepRow,
  type WorkstreamRow,
  workstreamsOfDeal,
} from '../../database/index.ts';
import { type KickoffStatus, status as statusQuery } from '../../workflows/messages.ts';
import type { ConsoleContext } from '../context.ts';
import { type KickoffRecord, kickoffRecord } from '../ledger/kickoff-record.ts';
import { type Asked, askWorkflow } from '../temporal/ask.ts';

/** All that is known of one kickoff. */
export interface KickoffDetails {
  row: KickoffRow;
  record: KickoffRecord;
  /** Oldest first. */
  requests: MeetingRequestRow[];
  steps: StepRow[];
  /** Oldest first. */
  events: KickoffEventRow[];
  /** There are more events, older ones, than are shown. */
  hasOlderEvents: boolean;
  /** What people did here, newest first. */
  audit: AuditAttempt[];
  /** The kickoffs of the same deal's other workstreams. */
  others: WorkstreamRow[];
  /** As the workflow says it stands; undefined: it says nothing. */
  status?: KickoffStatus;
  /** Why the workflow says nothing, in words. */
  silent?: string;
  now: Date;
}

/** A kickoff has some dozens of events; a request that is written about for weeks some hundreds. */
const EVENT_LIMIT = 500;
const AUDIT_LIMIT = 200;

/** @returns undefined when there is no such kickoff */
export async function readKickoff(context: ConsoleContext, workflowId: string): Promise<KickoffDetails | undefined> {
  const { db } = context.database;
  // PostgreSQL's text has no NUL: such an id cannot be one, and asking would be an error.
  if (workflowId.includes('\0')) return undefined;
  const row = await findKickoff(db, workflowId);
  if (row === undefined) return undefined;
  const deal = { crm: row.crm, dealId: row.deal_id };
  const [requests, steps, found, audit, workstreams, asked] = await Promise.all([
    listMeetingRequests(db, workflowId),
    listSteps(db, workflowId),
    eventsOfKickoff(db, { workflowId, ...deal, sources: dealSources(row.crm), limit: EVENT_LIMIT }),
    listAudit(db, { target: workflowId, limit: AUDIT_LIMIT }),
    workstreamsOfDeal(db, deal),
    ask(context, row),
  ]);
  return {
    row,
    record: kickoffRecord(row),
    requests,
    steps,
    events: found.filter((event) => isAbout(event, row)),
    hasOlderEvents: found.length === EVENT_LIMIT,
    audit,
    others: workstreams.filter((other) => other.workflow_id !== workflowId),
    ...saysOf(asked, row),
    now: context.now(),
  };
}

async function ask({ client }: ConsoleContext, row: KickoffRow): Promise<Asked<KickoffStatus> | undefined> {
  // Under this id only a former revision could answer.
  return row.started_at === null ? undefined : await askWorkflow(client, row.workflow_id, statusQuery);
}

function saysOf(
  asked: Asked<KickoffStatus> | undefined,
  row: KickoffRow,
): { status: KickoffStatus } | { silent: string } {
  if (asked === undefined) {
    return {
      silent:
        'It has been claimed, and its workflow is not known to have started yet. Should it stay so, dispatch the deal again.',
    };
  }
  if ('silent' in asked) return asked;
  if (asked.answer.revision >= row.revision) return { status: asked.answer };
  return {
    silent: `What Temporal runs is still revision ${asked.answer.revision}; revision ${row.revision} is about to start.`,
  };
}

/** Where events about a deal of this CRM come from. */
function dealSources(crm: string): InboxSource[] {
  switch (crm) {
    case 'hubspot':
    case 'salesforce':
    case 'pipedrive':
      return ['deal', crm];
    default:
      return ['deal'];
  }
}

/** Another CRM's deal may have the same id, and another workstream's kickoff events of its own. */
function isAbout({ workflow_id: deliveredTo, payload }: KickoffEventRow, row: KickoffRow): boolean {
  const { crm, transitionKey, workstream }: Record<string, unknown> = { ...payload };
  if (deliveredTo === row.workflow_id) return true;
  if (crm !== undefined && crm !== row.crm) return false;
  // A row names one kickoff; what happens to the deal itself is told to those of all its workstreams.
  return deliveredTo === null || (transitionKey !== undefined && workstream === undefined);
}
