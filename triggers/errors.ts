/**
 * Every error that a receiver answers, in one table. The body is always `{ "error": { "type", "message" } }`; `type` is
 * the key here, the message says what to do next.
 */
export const TRIGGER_ERRORS = {
  /** The request cannot be understood: URL, framing or body. */
  malformed_request: 400,
  malformed_body: 400,
  /** The sender did not prove who it is. The five below are one answer for the sender, and five for whoever reads the log. */
  missing_signature: 401,
  malformed_signature: 401,
  no_match: 401,
  timestamp_too_old: 401,
  timestamp_in_future: 401,
  unknown_route: 404,
  method_not_allowed: 405,
  /** The request did not arrive completely within the time allowed. */
  request_timeout: 408,
  body_too_large: 413,
  unsupported_media_type: 415,
  headers_too_large: 431,
  internal: 500,
  /** A secret or address is missing here: the sender may try again once it is set. */
  configuration: 503,
  /** The database did not take the event: it is not acknowledged, and the sender repeats it. */
  storage_unavailable: 503,
} as const;
export type TriggerErrorCode = keyof typeof TRIGGER_ERRORS;

/** A request that is answered with an error. */
export class TriggerError extends Error {
  override readonly name = 'TriggerError';
  readonly code: TriggerErrorCode;
  readonly status: number;
  constructor(code: TriggerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.status = TRIGGER_ERRORS[code];
  }
}

/** After so many seconds a sender may try again; SkipUp's and HubSpot's own schedules are longer. */
export const RETRY_AFTER_SECONDS = 5;

/** The body of an error answer. */
export function errorBody(error: TriggerError): { error: { type: TriggerErrorCode; message: string } } {
  return { error: { type: error.code, message: error.message } };
}
