/** One thing wrong in the environment or the configuration file. */
export interface Fault {
  /** The variable's name, or the option's path in the file, e.g. `kickoff.steps.on_booked[0].id`. */
  path: string;
  /** What is wrong and what to do; never a secret's value. */
  message: string;
  /** Where in the file, counted from 1. */
  line?: number;
}

export type ConfigErrorCode = 'faults' | 'file_missing' | 'file_unreadable';

/** A configuration that cannot be used. Its message lists every fault found, one a line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code: ConfigErrorCode;
  readonly faults: readonly Fault[];
  constructor(code: ConfigErrorCode, faults: readonly Fault[], options?: ErrorOptions & { file?: string }) {
    super(describe(faults, options?.file), options);
    this.code = code;
    this.faults = faults;
  }
}

function describe(faults: readonly Fault[], file: string | undefined): string {
  const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`;
  const lines = faults.map((fault) => {
    const where = fault.line === undefined || file === undefined ? '' : ` (${file}, line ${fault.line})`;
    return `  ${fault.path}: ${fault.message}${where}`;
  });
  return [`The configuration has ${count}:`, ...lines].join('\n');
}
