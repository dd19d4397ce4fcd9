export type TemporalErrorCode =
  /** Nothing answers at the address. */
  | 'unreachable'
  /** The server answers and refuses the credentials. */
  | 'unauthorized'
  /** The server answers and has no such namespace. */
  | 'namespace_missing'
  /** No way to a Temporal server succeeded. */
  | 'no_server'
  /** Another program listens on the port that was asked for. */
  | 'port_in_use'
  /** The server that was started ended by itself. */
  | 'server_died'
  /** The server that was started did not answer in time. */
  | 'start_timeout'
  /** The caller's signal ended it. */
  | 'aborted'
  /** Two entries of the configuration would be one Schedule. */
  | 'schedule_doubled'
  /** Somebody else keeps changing a Schedule back. */
  | 'schedule_contended'
  /** Kickoff has no Schedule of this id. */
  | 'schedule_unknown';

/** Temporal cannot be had or reached. The message is one line (for `no_server` one line a way) and says what to do. */
export class TemporalError extends Error {
  override readonly name = 'TemporalError';
  readonly code: TemporalErrorCode;
  constructor(code: TemporalErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A caught value's message, on one line. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, ' ').trim();
}
