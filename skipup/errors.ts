/**
 * What can go wrong with a call to SkipUp, one class for each kind. Three questions are answered by every error:
 * may the same call succeed later (`retryable`), may SkipUp have acted although the call failed (`ambiguous`), and how
 * long does SkipUp ask to wait (`retryAfterMs`). No error carries the API key.
 */

export type SkipUpErrorCode =
  | 'configuration'
  | 'authentication'
  | 'permission'
  | 'not_found'
  | 'validation'
  | 'invalid_state'
  | 'rate_limited'
  | 'server'
  | 'unexpected_status'
  | 'connection'
  | 'timeout'
  | 'aborted'
  | 'decoding';

/** What is known about a failed call. */
export interface SkipUpErrorFacts {
  /** HTTP status, where SkipUp answered. */
  status?: number | undefined;
  /** SkipUp's own name for the error (`validation_error`, …). */
  type?: string | undefined;
  /** The answer's `X-Request-Id`, for SkipUp's support. */
  requestId?: string | undefined;
  /** How long SkipUp asks to wait, in milliseconds. */
  retryAfterMs?: number | undefined;
  /** Whether SkipUp may have acted. */
  ambiguous?: boolean | undefined;
  cause?: unknown;
}

/** The base of every error that `SkipUpClient` throws. */
export abstract class SkipUpError extends Error {
  abstract readonly code: SkipUpErrorCode;
  readonly status: number | undefined;
  readonly type: string | undefined;
  /** The same call may succeed later. */
  readonly retryable: boolean;
  /** SkipUp may have acted: read before repeating a call that has no idempotency key. Always false for reads. */
  readonly ambiguous: boolean;
  readonly requestId: string | undefined;
  /** Milliseconds; set when SkipUp asked to wait, also when that is longer than the client itself would. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, retryable: boolean, facts: SkipUpErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = new.target.name;
    this.status = facts.status;
    this.type = facts.type;
    this.retryable = retryable;
    this.ambiguous = facts.ambiguous ?? false;
    this.requestId = facts.requestId;
    this.retryAfterMs = facts.retryAfterMs;
  }
}

/** The client was set up wrongly, or used after `close()`. */
export class SkipUpConfigurationError extends SkipUpError {
  readonly code = 'configuration';
  constructor(message: string, facts?: SkipUpErrorFacts) {
    super(message, false, facts);
  }
}

/** 401: the key is wrong, revoked, or of another workspace. */
export class SkipUpAuthenticationError extends SkipUpError {
  readonly code = 'authentication';
  constructor(message: string, facts?: SkipUpErrorFacts) {
    super(message, false, facts);
  }
}

/** 403: the key lacks the scope. */
export class SkipUpPermissionError extends SkipUpError {
  readonly code = 'permission';
  constructor(message: string, facts?: SkipUpErrorFacts) {
    super(message, false, facts);
  }
}

/** 404: no such thing in this workspace. */
export class SkipUpNotFoundError extends SkipUpError {
  readonly code = 'not_found';
  constructor(message: string, facts?: SkipUpErrorFacts) {
    super(message, false, facts);
  }
}

/** One field that is wrong. */
export interface ValidationIssue {
  /** The field's path, e.g. `participants.0.email`; empty for the whole. */
  path: string;
  message: string;
}

/** What was asked is wrong: found before sending (`status` is undefined, `issues` says where), or 422/400 from SkipUp. */
export class SkipUpValidationError extends SkipUpError {
  readonly code = 'validation';
  readonly issues: readonly ValidationIssue[];
  constructor(message: string, facts?: SkipUpErrorFacts & { issues?: readonly ValidationIssue[] }) {
    super(message, false, facts);
    this.issues = facts?.issues ?? [];
  }
}

/** 422 `invalid_request`: the meeting request's state does not allow the call. */
export class SkipUpInvalidStateError extends SkipUpError {
  readonly code = 'invalid_state';
  constructor(message: string, facts?: SkipUpErrorFacts) {
    super(message, false, facts);
  }
}

/** 429: over the limit of 120 calls a minute for one key. */
export class SkipUpRateLimitError extends SkipUpError {
  readonly code = 'rate_limited';
  constructor(message: string, facts?: SkipUpErrorFacts) {
    super(message, true, facts);
  }
}

/** 5xx and 408. */
export class SkipUpServerError extends SkipUpError {
  readonly code = 'server';
  constructor(message: string, facts?: SkipUpErrorFacts) {
    super(message, true, facts);
  }
}

/** A status that SkipUp's API does not use, such as a redirect: mostly the wrong base URL or something in between. */
export class SkipUpUnexpectedStatusError extends SkipUpError {
  readonly code = 'unexpected_status';
  constructor(message: string, facts?: SkipUpErrorFacts) {
    super(message, false, facts);
  }
}

/** No connection, or one that broke; `ambiguous` when it broke after something may have been sent. */
export class SkipUpConnectionError extends SkipUpError {
  readonly code = 'connection';
  constructor(message: string, facts?: SkipUpErrorFacts) {
    super(message, true, facts);
  }
}

/** Which of the client's limits was reached. */
export type TimeoutPhase = 'connect' | 'headers' | 'body' | 'total';

/** SkipUp did not answer in time. */
export class SkipUpTimeoutError extends SkipUpError {
  readonly code = 'timeout';
  readonly phase: TimeoutPhase;
  constructor(message: string, phase: TimeoutPhase, facts?: SkipUpErrorFacts) {
    super(message, true, facts);
    this.phase = phase;
  }
}

/** The caller's `signal` ended the call; `cause` is the signal's reason. */
export class SkipUpAbortError extends SkipUpError {
  readonly code = 'aborted';
  constructor(message: string, facts?: SkipUpErrorFacts) {
    super(message, false, facts);
  }
}

/** SkipUp (or something in between) answered what cannot be read. Not JSON at all may pass; the wrong shape will not. */
export class SkipUpDecodingError extends SkipUpError {
  readonly code = 'decoding';
  constructor(message: string, retryable: boolean, facts?: SkipUpErrorFacts) {
    super(message, retryable, facts);
  }
}

/** Every kind there is: a `switch` over `code` narrows to the class. */
export type AnySkipUpError =
  | SkipUpConfigurationError
  | SkipUpAuthenticationError
  | SkipUpPermissionError
  | SkipUpNotFoundError
  | SkipUpValidationError
  | SkipUpInvalidStateError
  | SkipUpRateLimitError
  | SkipUpServerError
  | SkipUpUnexpectedStatusError
  | SkipUpConnectionError
  | SkipUpTimeoutError
  | SkipUpAbortError
  | SkipUpDecodingError;

/** Whether an error is the client's. */
export function isSkipUpError(error: unknown): error is AnySkipUpError {
  return error instanceof SkipUpError;
}
