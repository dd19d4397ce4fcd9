export type DatabaseErrorCode =
  /** The embedded database's folder is held by another process. */
  | 'in_use'
  /** No answer from the server. */
  | 'unreachable'
  /** The server answered and would not let us in: user, password, database name, TLS. */
  | 'refused'
  /** The connection URL or the folder cannot be used as given. */
  | 'configuration'
  /** The tables could not be brought up to date; nothing was changed. */
  | 'migration_failed'
  /** What is to be written contradicts what is there. */
  | 'conflict'
  /** A row that must be there is not. */
  | 'not_found';

/** Everything this room refuses or fails at by itself. Messages are one line, say what to do, and never hold a password. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly code: DatabaseErrorCode;
  constructor(code: DatabaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
