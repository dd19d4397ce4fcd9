export type WebhookVerificationErrorCode =
  | 'missing_signature'
  | 'malformed_signature'
  | 'no_match'
  | 'timestamp_too_old'
  | 'timestamp_in_future'
  | 'malformed_body'
  | 'configuration';

/** Why a delivery was not accepted. `configuration` is the receiver's own fault, everything else the sender's. */
export class WebhookVerificationError extends Error {
  readonly code: WebhookVerificationErrorCode;

  constructor(code: WebhookVerificationErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'WebhookVerificationError';
    this.code = code;
  }
}
