import { z } from 'zod';
import {
  type Database,
  fillOrganizer,
  insertInbox,
  type MeetingRequestRow,
  openMeetingRequests,
  undeliveredEvents,
} from '../../database/index.ts';
import { type MeetingRequest, type SkipUpClient, SkipUpError, SkipUpNotFoundError } from '../../skipup/index.ts';
import type { SweptRequests } from '../../workflows/messages.ts';
import { differencesOf } from './differences.ts';
import type { Pace } from './pace.ts';
import type { PartRun } from './part.ts';

/** SkipUp's largest page. */
const PAGE = 100;
/** What is told by name in the result, of each kind. */
export const TOLD = 50;
/** How far SkipUp's clock may be behind ours, where its `created_at` is asked for by ours. */
const CLOCKS_MS = 10 * 60_000;

export const requestsProgressSchema = z.object({
  cursor: z.string().optional(),
  /** Open requests that have been compared. */
  seen: z.array(z.string()),
  takenIn: z.int(),
});
export type RequestsProgress = z.infer<typeof requestsProgressSchema>;

export type ComparedRequests = Omit<SweptRequests, 'unknownOrganizers' | 'notes'>;

/** An open request, and who organizes it as far as is known. */
export interface OpenRequest {
  workflowId: string;
  organizerEmail: string | undefined;
}

interface Comparison {
  database: Database;
  client: SkipUpClient;
  pace: Pace;
  now: () => Date;
}

/**
 * Compares every open request with SkipUp. The ledger is read first and SkipUp afterwards, so that what SkipUp says is
 * never older than what it is compared with.
 *
 * SkipUp's list is read from the newest on, only as far as there are open requests to be found: after as many pages in
 * vain as requests are left, reading those one by one costs less.
 *
 * @throws SkipUpError
 */
export async function compareRequests(
  comparison: Comparison,
  run: PartRun<RequestsProgress>,
): Promise<{ found: ComparedRequests; open: OpenRequest[] }> {
  const { database, client, pace } = comparison;
  const { signal } = run;
  const rows = await openMeetingRequests(database.db);
  const known = new Map(rows.map((row) => [row.request_id ?? '', row]));
  const open = new Map([...known].map(([id, row]) => [id, openRequestOf(row)]));
  const found: ComparedRequests = {
    compared: rows.length,
    takenIn: run.resumed?.takenIn ?? 0,
    noticed: [],
    underWay: 0,
    gone: [],
    contradictions: [],
  };
  const seen = new Set(run.resumed?.seen);
  const left = new Map([...known].filter(([id]) => !seen.has(id)));

  const compare = async (requests: readonly MeetingRequest[], cursor: string | undefined) => {
    const ours = requests.filter(({ id }) => left.has(id));
    await takeIn(comparison, ours, left, found);
    for (const { id, organizer_email: organizer } of ours) {
      left.delete(id);
      seen.add(id);
      const request = open.get(id);
      if (request !== undefined && typeof organizer === 'string') request.organizerEmail = organizer;
    }
    run.note({ ...(cursor === undefined ? {} : { cursor }), seen: [...seen], takenIn: found.takenIn });
    return ours.length;
  };

  const oldest = Math.min(...[...left.values()].map((row) => row.first_tried_at.getTime()));
  let inVain = 0;
  const pages = pagesFrom(comparison, run, oldest);
  while (left.size > 0 && inVain < left.size) {
    const page = await pages.next();
    if (page.done === true) break;
    const hits = await compare(page.value.items, page.value.nextCursor);
    inVain = hits === 0 ? inVain + 1 : 0;
  }
  for (const id of [...left.keys()]) {
    await pace.turn(signal);
    try {
      await compare([await client.meetingRequests.get(id, { signal })], undefined);
    } catch (error) {
      if (!(error instanceof SkipUpNotFoundError)) throw error;
      found.gone.push(id);
    }
  }
  found.gone.splice(TOLD);
  return { found, open: [...open.values()] };
}

/** The list's pages, each in its turn; from where an earlier attempt had got to, or anew when SkipUp knows that place no more. */
async function* pagesFrom(
  { client, pace }: Comparison,
  { signal, resumed }: PartRun<RequestsProgress>,
  oldestMs: number,
) {
  const query = { created_after: new Date(oldestMs - CLOCKS_MS).toISOString(), limit: PAGE };
  let cursor = resumed?.cursor;
  for (;;) {
    const pages = client.meetingRequests
      .list({ ...query, ...(cursor === undefined ? {} : { cursor }) }, { signal })
      .pages();
    await pace.turn(signal);
    try {
      const first = await pages.next();
      if (first.done === true) return;
      yield first.value;
    } catch (error) {
      const isStale = cursor !== undefined && error instanceof SkipUpError && error.status === 422;
      if (!isStale) throw error;
      cursor = undefined;
      continue;
    }
    for (;;) {
      await pace.turn(signal);
      const page = await pages.next();
      if (page.done === true) return;
      yield page.value;
    }
  }
}

/** Puts into the inbox what these requests say and the ledger does not know, unless it is on its way already. */
async function takeIn(
  { database, now }: Comparison,
  requests: readonly MeetingRequest[],
  rows: ReadonlyMap<string, MeetingRequestRow>,
  found: ComparedRequests,
): Promise<void> {
  const differing = requests.flatMap((request) => {
    const row = rows.get(request.id);
    if (row === undefined) return [];
    const differences = differencesOf(row, request, now());
    return [{ row, request, ...differences }];
  });
  for (const { request, row, organizerToFill, isContradiction } of differing) {
    if (organizerToFill !== undefined) {
      await fillOrganizer(database.db, { requestId: request.id, organizerEmail: organizerToFill });
    }
    if (isContradiction && found.contradictions.length < TOLD) {
      found.contradictions.push({ requestId: request.id, known: row.status, atSkipUp: request.status });
    }
  }
  const changed = differing.filter(({ events }) => events.length > 0);
  const underWay = await undeliveredEvents(
    database.db,
    changed.map(({ request }) => request.id),
  );
  for (const { row, request, events } of changed) {
    for (const { name, entry } of events) {
      const isUnderWay = underWay.has(`${request.id} ${entry.eventType}`);
      const inserted = isUnderWay
        ? 0
        : (await insertInbox(database.db, [{ ...entry, verification: { by: 'sweep' } }])).inserted;
      found.takenIn += inserted;
      found.underWay += 1 - inserted;
      if (inserted > 0 && found.noticed.length < TOLD) {
        found.noticed.push({ workflowId: row.workflow_id, requestId: request.id, event: name });
      }
    }
  }
}

function openRequestOf(row: MeetingRequestRow): OpenRequest {
  return { workflowId: row.workflow_id, organizerEmail: row.organizer_email ?? undefined };
}
