import { WorkflowNotFoundError } from '@temporalio/client';
import { type Database, type InboxRow, noteSkipupMembers, organizedMeetings } from '../database/index.ts';
import { type OrganizerLeft, organizerLeft } from '../workflows/messages.ts';
import { type Delivery, type SignalClient, type StartHandOver, TEMPORAL_DEADLINE_MS, wordsOf } from './delivery.ts';
import { memberEmailIn } from './member-deactivated.ts';

export interface MemberDeliveryOptions {
  database: Database;
  client: SignalClient;
  startHandOver?: StartHandOver;
  now: () => Date;
}

/**
 * A member of the SkipUp workspace was deactivated: they organize nothing any more. That is noted first, so that a kickoff
 * which looks again finds it; then each kickoff and recovery of theirs is told, and somebody is asked to hand them over.
 * All of it may be repeated.
 */
export async function deliverMemberDeactivated(row: InboxRow, options: MemberDeliveryOptions): Promise<Delivery> {
  const { database, now } = options;
  const email = memberEmailIn(row.payload);
  if (email === undefined) {
    return {
      kind: 'dead',
      reason: 'the event names no member: see in SkipUp who was deactivated, then run `kickoff hand-over <email>`',
    };
  }
  const at = instantIn(row.payload, now());
  await noteSkipupMembers(database.db, { emails: [email], isActive: false, checkedAt: at });
  const meetings = await organizedMeetings(database.db, email);
  if (meetings.length === 0) return { kind: 'ignored', reason: 'this member organizes nothing that is open' };
  try {
    const left: OrganizerLeft = { key: row.dedupe_key, email, at: at.toISOString() };
    for (const { workflowId } of meetings) await tell(workflowId, left, options);
    const workflowId = await inTime(options, async () =>
      options.startHandOver?.({ email, reason: 'was deactivated in the SkipUp workspace' }),
    );
    return { kind: 'delivered', workflowId: workflowId ?? meetings[0]?.workflowId ?? '' };
  } catch (cause) {
    return { kind: 'retry', reason: `the kickoffs could not be told: ${wordsOf(cause)}`, cause, isCounted: false };
  }
}

async function tell(workflowId: string, left: OrganizerLeft, options: MemberDeliveryOptions): Promise<void> {
  try {
    await inTime(options, () => options.client.workflow.getHandle(workflowId).signal(organizerLeft.name, left));
  } catch (error) {
    // It has closed since.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

async function inTime<T>({ client, now }: MemberDeliveryOptions, call: () => Promise<T>): Promise<T> {
  return await client.connection.withDeadline(now().getTime() + TEMPORAL_DEADLINE_MS, call);
}

/**
 * When it happened, at the latest: SkipUp's instants have whole seconds. Never later than now, so that whoever is asked about
 * the member afterwards is believed.
 */
function instantIn(payload: object, now: Date): Date {
  const at =
    'timestamp' in payload && typeof payload.timestamp === 'string' ? Date.parse(payload.timestamp) : Number.NaN;
  return Number.isNaN(at) ? now : new Date(Math.min(at + 999, now.getTime()));
}
