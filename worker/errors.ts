export type WorkerErrorCode =
  /** The workflows have not been bundled yet. */
  | 'bundle_missing'
  /** The metrics port cannot be listened on. */
  | 'metrics_port';

/** The worker cannot be set up. The message is one line that says what to do. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
  readonly code: WorkerErrorCode;
  constructor(code: WorkerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
