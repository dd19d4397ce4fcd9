import { WorkflowNotFoundError } from '@temporalio/client';
import { type Database, findMeetingRequest, type InboxRow, recordMeetingEvent } from '../database/index.ts';
import { meetingEventOf } from '../workflows/meeting/from-webhook.ts';
import { type MeetingEvent, meetingEvent } from '../workflows/messages.ts';
import { type Delivery, type SignalClient, TEMPORAL_DEADLINE_MS, wordsOf } from './delivery.ts';

export interface MeetingEventDeliveryOptions {
  database: Database;
  client: SignalClient;
  now: () => Date;
}

/**
 * A SkipUp webhook becomes a signal to the kickoff whose meeting request it is about. That a request was made is only kept:
 * the kickoff has the answer to its own call.
 *
 * Never signal-with-start: a cancellation that comes after the close must not begin a new kickoff. The event's key goes
 * with the signal, and the workflow drops repeats, because a signal itself cannot be made unique by the client.
 *
 * @returns the event too: the caller writes it to the read model, in one transaction with the row
 */
export async function deliverMeetingEvent(
  row: InboxRow,
  options: MeetingEventDeliveryOptions,
): Promise<{ delivery: Delivery; event?: MeetingEvent }> {
  const event = meetingEventOf(row.payload, row.dedupe_key);
  if (event === undefined) {
    return { delivery: { kind: 'dead', reason: 'the event names no meeting request or is of a type without meaning' } };
  }
  const request = await findMeetingRequest(options.database.db, event.requestId);
  if (request === undefined) {
    return { delivery: { kind: 'unmatched' } };
  }
  // Whoever has made the request knows that it is there: a signal would be an action for nothing.
  if (event.name === 'created') return { delivery: { kind: 'delivered', workflowId: request.workflow_id }, event };
  const delivery = await signal(request.workflow_id, event, options);
  return { delivery, event };
}

/** Records what the event says, inside the transaction that settles its row. */
export async function recordEvent(db: Database['db'], event: MeetingEvent): Promise<void> {
  await recordMeetingEvent(db, {
    requestId: event.requestId,
    name: event.name,
    at: event.at,
    wasBooked: event.wasBooked,
    calendarEventId: event.calendarEventId,
    organizerEmail: event.organizerEmail,
  });
}

async function signal(
  workflowId: string,
  event: MeetingEvent,
  { client, now }: MeetingEventDeliveryOptions,
): Promise<Delivery> {
  try {
    await client.connection.withDeadline(now().getTime() + TEMPORAL_DEADLINE_MS, () =>
      client.workflow.getHandle(workflowId).signal(meetingEvent.name, event),
    );
    return { kind: 'delivered', workflowId };
  } catch (cause) {
    if (cause instanceof WorkflowNotFoundError) {
      return { kind: 'ignored', reason: 'came after the kickoff had closed' };
    }
    return { kind: 'retry', reason: `the kickoff could not be signalled: ${wordsOf(cause)}`, cause, isCounted: false };
  }
}
