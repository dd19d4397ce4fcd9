import type { Client } from '@temporalio/client';
import {
  type AuditAttempt,
  addressOptOut,
  type Database,
  eventsOfKickoff,
  findRecoveries,
  findRecovery,
  type KickoffEventRow,
  listAudit,
  listMeetingRequests,
  listSteps,
  type MeetingRequestRow,
  otherRecoveries,
  type RecoveryFigures,
  type RecoveryRow,
  recoveriesByPhase,
  recoveryFigures,
  type StepRow,
} from '../../database/index.ts';
import { type RecoveryStatus, recoveryStatus } from '../../workflows/messages.ts';
import { type LeadRecord, leadRecord } from '../ledger/lead-record.ts';
import { type Asked, askWorkflow } from '../temporal/ask.ts';
import type { LeadsFilter } from './address.ts';

export interface Leads {
  rows: RecoveryRow[];
  counts: Record<string, number>;
  figures: RecoveryFigures;
  /** The filter of the next page, when there is one. */
  older?: LeadsFilter;
}

const PAGE_SIZE = 50;
/** The figures are of so many days. */
export const FIGURES_DAYS = 90;

export async function readLeadsPage({ db }: Database, filter: LeadsFilter): Promise<Leads> {
  const [page, counts, figures] = await Promise.all([
    findRecoveries(db, filter, { before: filter.before, limit: PAGE_SIZE + 1 }),
    recoveriesByPhase(db),
    recoveryFigures(db, FIGURES_DAYS),
  ]);
  const rows = page.slice(0, PAGE_SIZE);
  const last = rows.at(-1);
  return {
    rows,
    counts,
    figures,
    ...(page.length > PAGE_SIZE &&
      last !== undefined && {
        older: { ...filter, before: { created_at: last.created_at, workflow_id: last.workflow_id } },
      }),
  };
}

/** All that is known of one recovery. */
export interface LeadDetails {
  row: RecoveryRow;
  record: LeadRecord;
  requests: MeetingRequestRow[];
  steps: StepRow[];
  /** Oldest first. */
  events: KickoffEventRow[];
  /** What people did to it here. */
  audit: AuditAttempt[];
  others: RecoveryRow[];
  /** Why the address is never written to; undefined: it may be. */
  optedOut: string | undefined;
  /** As the workflow says it stands; undefined of one that is over. */
  asked: Asked<RecoveryStatus> | undefined;
}

const EVENT_LIMIT = 200;
const AUDIT_LIMIT = 100;

/** @returns undefined when there is no such recovery */
export async function readLead({ db }: Database, client: Client, workflowId: string): Promise<LeadDetails | undefined> {
  // PostgreSQL's text has no NUL: such an id cannot be one, and asking would be an error.
  if (workflowId.includes('\0')) return undefined;
  const row = await findRecovery(db, workflowId);
  if (row === undefined) return undefined;
  const sources = row.crm === 'hubspot' ? (['form', 'hubspot'] as const) : (['form'] as const);
  const [requests, steps, events, audit, others, optedOut] = await Promise.all([
    listMeetingRequests(db, workflowId),
    listSteps(db, workflowId),
    eventsOfKickoff(db, { workflowId, dealId: row.lead_id, sources, limit: EVENT_LIMIT }),
    listAudit(db, { target: workflowId, limit: AUDIT_LIMIT }),
    otherRecoveries(db, row),
    addressOptOut(db, row.email),
  ]);
  // One that is over may still have a step to settle.
  const isOpen = row.ended_at === null || steps.some(({ status }) => status === 'failed' || status === 'running');
  const asked = isOpen && row.started_at !== null ? await askWorkflow(client, workflowId, recoveryStatus) : undefined;
  const own = events.filter((event) => event.workflow_id === null || event.workflow_id === workflowId);
  return { row, record: leadRecord(row), requests, steps, events: own, audit, others, optedOut, asked };
}
