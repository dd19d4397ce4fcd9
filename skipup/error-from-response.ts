import {
  SkipUpAuthenticationError,
  type SkipUpError,
  type SkipUpErrorFacts,
  SkipUpInvalidStateError,
  SkipUpNotFoundError,
  SkipUpPermissionError,
  SkipUpRateLimitError,
  SkipUpServerError,
  SkipUpUnexpectedStatusError,
  SkipUpValidationError,
} from './errors.ts';
import { redact } from './redact.ts';
import { type ApiScope, errorBodySchema } from './schemas.ts';

/** An answer that is no success. */
interface FailedAnswer {
  status: number;
  /** The body as text; empty when there was none or it could not be read. */
  text: string;
  requestId?: string | undefined;
  retryAfterMs?: number | undefined;
  /** Whether SkipUp may have acted already, by this answer or an earlier attempt. */
  mayHaveActed: boolean;
}

/** The call that failed, for the message. */
interface CallName {
  method: string;
  /** `/meeting_requests/:id/cancel`, without ids. */
  route: string;
  scope: ApiScope;
}

/**
 * The error for an answer, chosen by its HTTP status (and, for 422 alone, its `type`), never by its message.
 * @param apiKey - removed from whatever text SkipUp answered
 */
export function errorFromResponse(call: CallName, answer: FailedAnswer, apiKey: string): SkipUpError {
  const { status } = answer;
  const said = readErrorBody(answer.text, apiKey);
  const facts: SkipUpErrorFacts = {
    status,
    type: said.type,
    requestId: answer.requestId,
    retryAfterMs: answer.retryAfterMs,
    ambiguous: answer.mayHaveActed,
  };
  const what = `${call.method} ${call.route}`;
  // Our own sentence goes on with a full stop.
  const why = said.message === undefined ? '' : `: ${said.message.replace(/\.+$/, '')}`;

  if (status === 401) {
    return new SkipUpAuthenticationError(
      `SkipUp refused the API key for ${what} (401)${why}. Check the key, or make a new one in Settings > API Keys.`,
      facts,
    );
  }
  if (status === 403) {
    return new SkipUpPermissionError(
      `The API key may not ${what} (403)${why}. Give it the scope ${call.scope}.`,
      facts,
    );
  }
  if (status === 404) {
    return new SkipUpNotFoundError(
      `SkipUp knows nothing under ${what} (404)${why}. Check the id, and that the key belongs to the same workspace.`,
      facts,
    );
  }
  if (status === 422 && said.type === 'invalid_request') {
    return new SkipUpInvalidStateError(
      `The meeting request's state does not allow ${what} (422)${why}. Read the request and decide again.`,
      facts,
    );
  }
  if (status === 422 || status === 400) {
    return new SkipUpValidationError(
      `SkipUp refused what ${what} sent (${status})${why}. Correct it before sending it again.`,
      facts,
    );
  }
  if (status === 429) {
    return new SkipUpRateLimitError(
      `Over SkipUp's rate limit with ${what} (429)${why}. Try again later and send fewer than 120 calls a minute.`,
      facts,
    );
  }
  if (status === 408 || status >= 500) {
    return new SkipUpServerError(`SkipUp failed at ${what} (${status})${why}. Try again later.`, facts);
  }
  return new SkipUpUnexpectedStatusError(
    `SkipUp answered ${what} with status ${status}${why}. Check the base URL and what stands in between.`,
    facts,
  );
}

/** What an error body says, in any of its known forms; nothing when it is no JSON (a gateway's page). */
function readErrorBody(text: string, apiKey: string): { type?: string; message?: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // A body that is not JSON says nothing that the status does not: the status alone decides.
    return {};
  }
  const body = errorBodySchema.safeParse(json);
  if (!body.success) return {};
  const { error } = body.data;
  if (typeof error === 'string') return error === '' ? {} : { message: redact(error, apiKey) };
  return {
    ...(error.type ? { type: redact(error.type, apiKey) } : {}),
    ...(error.message ? { message: redact(error.message, apiKey) } : {}),
  };
}
