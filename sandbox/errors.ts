/** Why the sandbox itself could not start or go on. */
export type SandboxErrorCode = 'invalid_options' | 'address_in_use' | 'cannot_listen' | 'state_unreadable';

/** A fault of the sandbox's own running, for the person who started it. Its message says what to do next. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
  readonly code: SandboxErrorCode;
  constructor(code: SandboxErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type ApiErrorType =
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'validation_error'
  | 'invalid_request'
  | 'rate_limited'
  | 'server_error';

/** An answer of the SkipUp API that is an error: `{"error": {"type", "message"}}` under `status`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly type: ApiErrorType;
  constructor(status: number, type: ApiErrorType, message: string) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

/** A field that is missing, wrong or unknown. */
export function invalid(message: string): ApiError {
  return new ApiError(422, 'validation_error', message);
}

/** A call that cannot be done in the present state, or that cannot be read at all. */
export function refused(message: string): ApiError {
  return new ApiError(422, 'invalid_request', message);
}

export function notFound(message: string): ApiError {
  return new ApiError(404, 'not_found', message);
}

export type HubspotErrorCategory =
  | 'INVALID_AUTHENTICATION'
  | 'OBJECT_NOT_FOUND'
  | 'VALIDATION_ERROR'
  | 'MISSING_SCOPES'
  | 'INTERNAL_ERROR';

/** An answer of the CRM that is an error: HubSpot's `{status: "error", message, correlationId, category}`. */
export class HubspotError extends Error {
  override readonly name = 'HubspotError';
  readonly status: number;
  readonly category: HubspotErrorCategory;
  constructor(status: number, category: HubspotErrorCategory, message: string) {
    super(message);
    this.status = status;
    this.category = category;
  }
}

/** A control call that cannot be done: 400 for a wrong body, 403 for another site's page, 404 for something unknown, 409 for the wrong state. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  readonly status: 400 | 403 | 404 | 409;
  constructor(status: 400 | 403 | 404 | 409, message: string) {
    super(message);
    this.status = status;
  }
}
