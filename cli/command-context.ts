import type { Output } from './output.ts';

/** What every command is given. */
export interface CommandContext {
  env: Record<string, string | undefined>;
  cwd: string;
  output: Output;
  /** Aborts when the person presses Ctrl-C or the process is told to end. */
  signal: AbortSignal;
}
