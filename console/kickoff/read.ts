import {
  type Database,
  findKickoff,
  type InboxRow,
  type InboxSource,
  type KickoffRow,
  listInbox,
  listMeetingRequests,
  listSteps,
  type MeetingRequestRow,
  type StepRow,
} from '../../database/index.ts';

/** All that is known of one kickoff. */
export interface KickoffDetails {
  row: KickoffRow;
  requests: MeetingRequestRow[];
  steps: StepRow[];
  /** Oldest first. */
  events: InboxRow[];
}

/** A kickoff has some dozens of events; a request that is written about for weeks not many more. */
const EVENT_LIMIT = 200;

/** @returns undefined when there is no such kickoff */
export async function readKickoff({ db }: Database, workflowId: string): Promise<KickoffDetails | undefined> {
  // PostgreSQL's text has no NUL: such an id cannot be one, and asking would be an error.
  if (workflowId.includes('\0')) return undefined;
  const row = await findKickoff(db, workflowId);
  if (row === undefined) return undefined;
  const [requests, steps] = await Promise.all([listMeetingRequests(db, workflowId), listSteps(db, workflowId)]);
  return { row, requests, steps, events: await eventsOf(db, row, requests) };
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

/**
 * What was delivered to it, and what is about its deal or its meeting requests and was not (yet): still under way, dead, or
 * ignored with a reason.
 */
async function eventsOf(
  db: Database['db'],
  row: KickoffRow,
  requests: readonly MeetingRequestRow[],
): Promise<InboxRow[]> {
  const requestIds = requests.flatMap((request) => request.request_id ?? []);
  const found = await Promise.all([
    listInbox(db, { workflowId: row.workflow_id, limit: EVENT_LIMIT }),
    // Another CRM's deal may have the same id.
    ...dealSources(row.crm).map((source) => listInbox(db, { source, subject: row.deal_id, limit: EVENT_LIMIT })),
    ...requestIds.map((subject) => listInbox(db, { source: 'skipup', subject, limit: EVENT_LIMIT })),
  ]);
  const own = found.flat().filter((event) => event.workflow_id === null || event.workflow_id === row.workflow_id);
  const byId = new Map(own.map((event) => [event.id, event]));
  return [...byId.values()].sort((a, b) => a.id - b.id);
}
