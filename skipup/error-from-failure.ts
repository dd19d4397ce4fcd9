import { SkipUpConnectionError, type SkipUpError, SkipUpTimeoutError } from './errors.ts';
import { redact, redactCause } from './redact.ts';

/** Codes of failures that happen before a single byte of the request is sent. */
const BEFORE_SENDING = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EACCES',
  'EPERM',
  'UND_ERR_CONNECT_TIMEOUT',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** What was going on when the connection failed. */
interface FailedAttempt {
  method: string;
  /** `/meeting_requests/:id/cancel`, without ids. */
  route: string;
  /** The status, when the headers had come already. */
  status?: number | undefined;
  requestId?: string | undefined;
  /** Whether the sending had begun. */
  sent: boolean;
  /** An earlier attempt of the same call may have been acted on. */
  earlierMayHaveActed: boolean;
}

/**
 * The error for an exchange that broke off: time-outs by their phase, everything else as a connection error. It is
 * ambiguous unless the call only reads, or nothing can have been sent.
 * @param cause - what undici threw
 * @param apiKey - removed from the cause if it shows it
 */
export function errorFromFailure(cause: unknown, attempt: FailedAttempt, apiKey: string): SkipUpError {
  const code = codeOf(cause);
  const mayHaveActed = attempt.method !== 'GET' && attempt.sent && !BEFORE_SENDING.has(code);
  const facts = {
    status: attempt.status,
    requestId: attempt.requestId,
    ambiguous: attempt.earlierMayHaveActed || mayHaveActed,
    cause: redactCause(cause, apiKey),
  };
  const what = `${attempt.method} ${attempt.route}`;
  const next = facts.ambiguous ? 'SkipUp may have acted: read before repeating.' : 'Nothing was changed: try again.';
  if (code === 'UND_ERR_CONNECT_TIMEOUT') {
    return new SkipUpTimeoutError(`No connection to SkipUp in time for ${what}. ${next}`, 'connect', facts);
  }
  if (code === 'UND_ERR_HEADERS_TIMEOUT') {
    return new SkipUpTimeoutError(`SkipUp did not begin to answer ${what} in time. ${next}`, 'headers', facts);
  }
  if (code === 'UND_ERR_BODY_TIMEOUT') {
    return new SkipUpTimeoutError(`SkipUp stopped in the middle of answering ${what}. ${next}`, 'body', facts);
  }
  const why = redact(code || (cause instanceof Error ? cause.message : String(cause)), apiKey);
  return new SkipUpConnectionError(`The connection to SkipUp failed during ${what} (${why}). ${next}`, facts);
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
}
