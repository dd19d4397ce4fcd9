/** 0: done. 1: it did not work. 2: it was asked wrongly (arguments, configuration). 130: interrupted. */
export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Something a person can mend: printed as one message, without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;
  constructor(message: string, options?: ErrorOptions & { exitCode?: number }) {
    super(message, options);
    this.exitCode = options?.exitCode ?? EXIT.failed;
  }
}

/** Errors of the rooms that say in their message what is wrong and what to do; each has a `code`. */
const SPEAKING = new Set([
  'ConfigError',
  'DatabaseError',
  'TemporalError',
  'ListenError',
  'SandboxError',
  'WorkerError',
  'CrmError',
]);

/** What to print for an error, and with which code to exit. A bug keeps its stack. */
export function report(error: unknown): { message: string; exitCode: number } {
  if (error instanceof CliError) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof Error && error.name === 'ConfigError') return { message: error.message, exitCode: EXIT.usage };
  if (error instanceof Error && (SPEAKING.has(error.name) || error.name.startsWith('SkipUp'))) {
    return { message: error.message, exitCode: EXIT.failed };
  }
  if (isPortInUse(error))
    return { message: `Port ${error.port} is in use. Choose another, or 0 for any free one.`, exitCode: EXIT.failed };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message: `Unexpected: ${text}`, exitCode: EXIT.failed };
}

function isPortInUse(error: unknown): error is Error & { port: number } {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && 'port' in error;
}
