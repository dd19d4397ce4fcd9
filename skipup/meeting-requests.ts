import type { WithResponse } from './api-response.ts';
import type { CallOptions, ListOptions } from './call-options.ts';
import type { CallScope } from './call-scope.ts';
import { check, pathSegment } from './check.ts';
import { SkipUpAbortError, SkipUpDecodingError, SkipUpError } from './errors.ts';
import type { PagedList } from './paged-list.ts';
import {
  type CancelMeetingRequest,
  type ContextUpdate,
  type CreateMeetingRequest,
  cancelSchema,
  changeOrganizerSchema,
  contextSchema,
  createMeetingRequestSchema,
  envelopeOf,
  idempotencyKeySchema,
  type ListMeetingRequestsQuery,
  listMeetingRequestsQuerySchema,
  type MeetingRequest,
  meetingRequestSchema,
  pageOf,
} from './schemas.ts';
import type { SkipUpPromise } from './skipup-promise.ts';
import type { ApiCall, Transport } from './transport.ts';
import { hasContext, hasOrganizer, hasStatus, type WantedState } from './wanted-state.ts';

const answerSchema = envelopeOf(meetingRequestSchema);
const pageSchema = pageOf(meetingRequestSchema);

/** Create cannot be called without a key: a repeated call would write to the customers twice. */
export interface CreateOptions extends CallOptions {
  /**
   * Names the wish, not the attempt; SkipUp keeps it 24 h. Compute what it is made of (a date above all) once, and keep it.
   */
  idempotencyKey: string;
}

/**
 * `client.meetingRequests`. Reads need the scope `meeting_requests.read`, everything else `meeting_requests.write`
 * (and `.read`, for the look after a call that failed half-way).
 */
export class MeetingRequests {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Asks SkipUp to schedule a meeting. SkipUp accepts (202) and works on it afterwards. Repeated under its key after
   * lost connections, time-outs, 429 and 5xx.
   * @param body - exactly one of `participants` and `participant_emails`, 1 to 50
   * @param options.idempotencyKey - mandatory
   * @throws SkipUpValidationError before anything is sent, or when SkipUp refuses it (422)
   * @throws every other SkipUpError; `ambiguous` when the request may exist all the same
   */
  create(body: CreateMeetingRequest, options: CreateOptions): SkipUpPromise<MeetingRequest> {
    return this.#transport.call(options, async (scope) => {
      const idempotencyKey = check(idempotencyKeySchema, options?.idempotencyKey, 'The meeting request');
      const checked = check(createMeetingRequestSchema, body, 'The meeting request');
      return await this.#transport.fetchOne(
        scope,
        {
          method: 'POST',
          route: '/meeting_requests',
          path: '/meeting_requests',
          scope: 'meeting_requests.write',
          body: checked,
          idempotencyKey,
          repeat: 'always',
        },
        answerSchema,
      );
    });
  }

  /**
   * One meeting request as it is now.
   * @throws SkipUpNotFoundError
   */
  get(id: string, options: CallOptions = {}): SkipUpPromise<MeetingRequest> {
    return this.#transport.call(options, async (scope) => await this.#read(scope, pathSegment(id)));
  }

  /**
   * Meeting requests, newest first.
   * @param query - filters; both times inclusive; `limit` (1–100, default 25) is the size of a page
   */
  list(query: ListMeetingRequestsQuery = {}, options: ListOptions = {}): PagedList<MeetingRequest> {
    return this.#transport.list(options, query.cursor, pageSchema, (cursor) => ({
      method: 'GET',
      route: '/meeting_requests',
      path: '/meeting_requests',
      scope: 'meeting_requests.read',
      query: check(listMeetingRequestsQuerySchema, { ...query, cursor }, 'The query'),
      repeat: 'always',
    }));
  }

  /**
   * Cancels an active or paused meeting request; one that is cancelled already is returned as it is.
   * @param options.notify - whether SkipUp tells the participants (its default is not to)
   * @throws SkipUpInvalidStateError when it is booked
   */
  cancel(id: string, options: CancelMeetingRequest & CallOptions = {}): SkipUpPromise<MeetingRequest> {
    return this.#transport.call(options, async (scope) => {
      const { signal: _signal, ...body } = options;
      const checked = check(cancelSchema, body, 'The cancellation');
      const sent = checked.notify === undefined ? undefined : checked;
      return await this.#change(scope, id, 'cancel', sent, hasStatus('cancelled'));
    });
  }

  /**
   * Pauses an active meeting request; one that is paused already is returned as it is.
   * @throws SkipUpInvalidStateError when it is booked or cancelled
   */
  pause(id: string, options: CallOptions = {}): SkipUpPromise<MeetingRequest> {
    return this.#transport.call(options, async (scope) => {
      return await this.#change(scope, id, 'pause', undefined, hasStatus('paused'));
    });
  }

  /**
   * Resumes a paused meeting request; one that is active already is returned as it is.
   * @throws SkipUpInvalidStateError when it is booked or cancelled
   */
  resume(id: string, options: CallOptions = {}): SkipUpPromise<MeetingRequest> {
    return this.#transport.call(options, async (scope) => {
      return await this.#change(scope, id, 'resume', undefined, hasStatus('active'));
    });
  }

  /**
   * Hands a meeting request to another organizer.
   * @param email - of an active member of the workspace
   * @throws SkipUpValidationError when it is none
   */
  changeOrganizer(id: string, email: string, options: CallOptions = {}): SkipUpPromise<MeetingRequest> {
    return this.#transport.call(options, async (scope) => {
      const body = check(changeOrganizerSchema, { new_organizer_email: email }, 'The new organizer');
      return await this.#change(scope, id, 'change_organizer', body, hasOrganizer(email));
    });
  }

  /**
   * Changes title, purpose, description, duration or timeframe.
   * @param context - flat, as SkipUp wants it here (create nests it); what is left out stays
   */
  updateContext(id: string, context: ContextUpdate, options: CallOptions = {}): SkipUpPromise<MeetingRequest> {
    return this.#transport.call(options, async (scope) => {
      const body = check(contextSchema, context, 'The context');
      return await this.#change(scope, id, 'context', body, hasContext(body));
    });
  }

  async #read(scope: CallScope, segment: string): Promise<WithResponse<MeetingRequest>> {
    return await this.#transport.fetchOne(
      scope,
      {
        method: 'GET',
        route: '/meeting_requests/:id',
        path: `/meeting_requests/${segment}`,
        scope: 'meeting_requests.read',
        repeat: 'always',
      },
      answerSchema,
    );
  }

  /**
   * A state change has no idempotency key. So: a refusal (422) and a failure after which SkipUp may have acted are
   * followed by a look at the request. Is it as wanted, the change is done; if not, a refusal stands and a failure is
   * repeated.
   */
  async #change(
    scope: CallScope,
    id: string,
    action: string,
    body: unknown,
    holds: WantedState,
  ): Promise<WithResponse<MeetingRequest>> {
    const segment = pathSegment(id);
    const call: ApiCall = {
      method: 'POST',
      route: `/meeting_requests/:id/${action}`,
      path: `/meeting_requests/${segment}/${action}`,
      scope: 'meeting_requests.write',
      repeat: 'unless_ambiguous',
      ...(body === undefined ? {} : { body }),
    };
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#transport.fetchOne(scope, call, answerSchema);
      } catch (error) {
        if (!(error instanceof SkipUpError)) throw error;
        // Done, and only the answer is empty or unknown (its form is not documented for every change).
        const done = error instanceof SkipUpDecodingError && !error.retryable;
        if (!done && error.status !== 422 && !(error.ambiguous && error.retryable)) throw error;
        const found = await this.#lookAfter(error, scope, segment);
        if (done || holds(found.data)) return found;
        if (error.status === 422 || attempt >= this.#transport.retry.maxAttempts) throw error;
        if (!(await this.#transport.pause(scope, attempt, error))) throw error;
      }
    }
  }

  /** Reads the request after a failed change. Cannot it be read, the first failure is the one to tell of. */
  async #lookAfter(failure: SkipUpError, scope: CallScope, segment: string): Promise<WithResponse<MeetingRequest>> {
    try {
      return await this.#read(scope, segment);
    } catch (error) {
      if (error instanceof SkipUpAbortError) {
        throw new SkipUpAbortError(error.message, { ambiguous: failure.ambiguous, cause: error.cause });
      }
      throw failure;
    }
  }
}
