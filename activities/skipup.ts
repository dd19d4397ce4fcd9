import { ApplicationFailure, Context } from '@temporalio/activity';
import {
  attachRequestId,
  beginMeetingRequest,
  type Database,
  findMeetingRequest,
  recordMeetingEvent,
} from '../database/index.ts';
import type { MeetingRequest, SkipUpClient } from '../skipup/index.ts';
import { meetingEventOf } from '../workflows/meeting/from-webhook.ts';
import { WINDOW_PASSED } from '../workflows/messages.ts';
import type { CreateInput, FindInput, RequestView, SkipupActivities } from './contract.ts';
import { skipupFailure } from './failures.ts';

/** SkipUp keeps an idempotency key for 24 h; an hour is left for clocks and for the call itself. */
const KEY_PROTECTS_MS = 23 * 3_600_000;

export interface SkipupDependencies {
  client: SkipUpClient;
  database: Database;
  /** Waits until SkipUp may be called. Left out: at once. */
  turn?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Told of every request made, for a live view. */
  onEvent?: ((event: RequestedEvent) => void) | undefined;
}

export interface RequestedEvent {
  type: 'requested';
  workflowId: string;
  key: string;
  requestId: string;
  /** False when a lost answer was found again. */
  fresh: boolean;
}

/** SkipUp's calls as activities. Each may be repeated: by key, by looking first, or because SkipUp's state decides. */
export function skipupActivities(dependencies: SkipupDependencies): SkipupActivities {
  const { client, database, turn = async () => undefined, onEvent } = dependencies;
  /** One call, when its turn has come. */
  const inTurn = async <T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> => {
    await turn(signal);
    return await call();
  };
  return {
    createMeetingRequest: (input) =>
      cancellable(async (signal) => {
        const row = await beginMeetingRequest(database.db, {
          idempotencyKey: input.idempotencyKey,
          workflowId: input.workflowId,
          revision: input.revision,
          organizerEmail: input.organizer.email,
          participantEmails: input.participants.map((person) => person.email),
          timeframeStart: input.timeframe.start,
          timeframeEnd: input.timeframe.end,
          firstTriedAt: input.firstTriedAt,
        });
        const outdated = Date.now() - Date.parse(input.firstTriedAt) > KEY_PROTECTS_MS;
        // An attempt before this one, of this activity or of an earlier one, may have got through.
        const mayExist = input.lookUpFirst || Context.current().info.attempt > 1;
        const isTooLate = () => input.sendBefore !== undefined && Date.now() >= Date.parse(input.sendBefore);
        const looks = input.lookUpFirst || outdated || (mayExist && isTooLate());
        const known = row.request_id ?? (looks ? (await find(dependencies, input, signal))?.id : undefined);
        if (known === undefined && isTooLate()) throw windowPassed(mayExist);
        const request = await inTurn(signal, () =>
          known === undefined
            ? // Its turn may have come after its time.
              isTooLate()
              ? Promise.reject(windowPassed(mayExist))
              : client.meetingRequests.create(createBody(input), { idempotencyKey: input.idempotencyKey, signal })
            : client.meetingRequests.get(known, { signal }),
        );
        const inbox = await attachRequestId(database.db, {
          idempotencyKey: input.idempotencyKey,
          requestId: request.id,
          status: request.status,
        });
        const events = inbox.flatMap((entry) => meetingEventOf(entry.payload, entry.dedupe_key) ?? []);
        for (const event of events) await recordMeetingEvent(database.db, event);
        const fresh = known === undefined;
        onEvent?.({
          type: 'requested',
          workflowId: input.workflowId,
          key: input.idempotencyKey,
          requestId: request.id,
          fresh,
        });
        return { requestId: request.id, status: request.status, events, fresh };
      }),
    findMeetingRequest: (input) =>
      cancellable(async (signal) => {
        const found = await find(dependencies, input, signal);
        return found === undefined ? null : viewOf(found);
      }),
    readMeetingRequest: ({ requestId }) =>
      cancellable(async (signal) =>
        viewOf(await inTurn(signal, () => client.meetingRequests.get(requestId, { signal }))),
      ),
    cancelMeetingRequest: ({ requestId, notify }) =>
      settling(client, turn, requestId, (signal) => client.meetingRequests.cancel(requestId, { notify, signal })),
    pauseMeetingRequest: ({ requestId }) =>
      settling(client, turn, requestId, (signal) => client.meetingRequests.pause(requestId, { signal })),
    resumeMeetingRequest: ({ requestId }) =>
      settling(client, turn, requestId, (signal) => client.meetingRequests.resume(requestId, { signal })),
    changeMeetingOrganizer: ({ requestId, email }) =>
      cancellable(async (signal) =>
        viewOf(await inTurn(signal, () => client.meetingRequests.changeOrganizer(requestId, email, { signal }))),
      ),
    updateMeetingContext: ({ requestId, context, timeframe }) =>
      cancellable(async (signal) => {
        const { durationMinutes, ...texts } = context;
        const body = {
          ...texts,
          ...(durationMinutes === undefined ? {} : { duration_minutes: durationMinutes }),
          ...(timeframe === undefined ? {} : { timeframe }),
        };
        return viewOf(await inTurn(signal, () => client.meetingRequests.updateContext(requestId, body, { signal })));
      }),
  };
}

/**
 * The window is not sent any more; the kickoff resolves anew.
 *
 * @param wasSent an earlier attempt may have been sent under the key: another body under it would be refused
 */
function windowPassed(wasSent: boolean): ApplicationFailure {
  return ApplicationFailure.create({
    message: 'The window has passed before SkipUp could be reached: another one is found.',
    type: WINDOW_PASSED,
    nonRetryable: true,
    details: [{ wasSent }],
  });
}

/**
 * Runs a call under the activity's cancellation, with heartbeats so that a cancellation is heard of, and with SkipUp's
 * errors in Temporal's terms.
 */
async function cancellable<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const context = Context.current();
  const heartbeat = setInterval(() => context.heartbeat(), 2_000);
  try {
    return await call(context.cancellationSignal);
  } catch (error) {
    context.cancellationSignal.throwIfAborted();
    throw skipupFailure(error);
  } finally {
    clearInterval(heartbeat);
  }
}

/**
 * A change of status that SkipUp refuses because the request has moved on is no failure: the answer is the request as it
 * is, and the workflow decides.
 */
async function settling(
  client: SkipUpClient,
  turn: (signal: AbortSignal) => Promise<void>,
  requestId: string,
  change: (signal: AbortSignal) => Promise<MeetingRequest>,
): Promise<RequestView> {
  return await cancellable(async (signal) => {
    await turn(signal);
    try {
      return viewOf(await change(signal));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'invalid_state')) throw error;
      await turn(signal);
      return viewOf(await client.meetingRequests.get(requestId, { signal }));
    }
  });
}

/**
 * The request that an unanswered attempt may have made: same organizer, same people, same title, since then. One that is
 * known to have been made under another key is another deal's of the same account.
 */
async function find(
  { client, database, turn }: Pick<SkipupDependencies, 'client' | 'database' | 'turn'>,
  input: FindInput,
  signal: AbortSignal,
): Promise<MeetingRequest | undefined> {
  const [first] = input.participants;
  if (first === undefined) return undefined;
  const since = new Date(Date.parse(input.firstTriedAt) - 60_000).toISOString();
  const wanted = input.participants.map((person) => person.email.toLowerCase()).sort();
  const isWanted = (request: MeetingRequest) => {
    const emails = request.participant_emails?.map((email) => email.toLowerCase()).sort();
    const samePeople = emails === undefined || emails.join() === wanted.join();
    return (
      samePeople && (request.title ?? input.context.title) === input.context.title && request.status !== 'cancelled'
    );
  };
  const pages = client.meetingRequests
    .list(
      { organizer_email: input.organizer.email, participant_email: first.email, created_after: since, limit: 100 },
      { signal },
    )
    .pages();
  for (;;) {
    await turn?.(signal);
    const page = await pages.next();
    if (page.done === true) return undefined;
    for (const request of page.value.items.filter(isWanted)) {
      const known = await findMeetingRequest(database.db, request.id);
      if (known === undefined || known.idempotency_key === input.idempotencyKey) return request;
    }
    if (page.value.nextCursor === undefined) return undefined;
  }
}

function createBody(input: CreateInput) {
  const { organizer, participants, context, timeframe } = input;
  return {
    organizer_email: organizer.email,
    ...(organizer.name === undefined ? {} : { organizer_name: organizer.name }),
    ...(organizer.timezone === undefined ? {} : { organizer_timezone: organizer.timezone }),
    participants: participants.map((person) => ({
      email: person.email,
      ...(person.name === undefined ? {} : { name: person.name }),
      ...(person.timezone === undefined ? {} : { timezone: person.timezone }),
    })),
    include_introduction: input.includeIntroduction,
    context: {
      title: context.title,
      purpose: context.purpose,
      description: context.description,
      duration_minutes: context.durationMinutes,
      timeframe,
    },
  };
}

function viewOf(request: MeetingRequest): RequestView {
  return {
    requestId: request.id,
    status: request.status,
    ...(typeof request.organizer_email === 'string' ? { organizerEmail: request.organizer_email } : {}),
    ...(typeof request.booked_at === 'string' ? { bookedAt: request.booked_at } : {}),
    ...(typeof request.cancelled_at === 'string' ? { cancelledAt: request.cancelled_at } : {}),
  };
}
