import { TemporalError } from './errors.ts';
import { type GuardedOptions, startGuarded } from './guarded-process.ts';
import { Tail } from './tail.ts';

export interface ProgramResult {
  /** Null when it was ended by a signal or could not be started. */
  code: number | null;
  /** True when it was ended because it took too long. */
  late: boolean;
  /** Its last lines, of standard output and standard error. */
  lines: string[];
}

export interface ProgramOptions extends GuardedOptions {
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  onLine?: ((line: string) => void) | undefined;
}

/**
 * Runs a program to its end, or ends it and all that it started when it takes too long or the signal says so.
 *
 * @throws TemporalError `aborted`
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  options.signal?.throwIfAborted();
  const program = startGuarded(command, args, options);
  const tail = new Tail();
  tail.follow(program.stdout, options.onLine);
  const errors = new Tail();
  errors.follow(program.stderr, options.onLine);

  let late = false;
  const end = () => void program.stop(1000);
  const timer = setTimeout(() => {
    late = true;
    end();
  }, options.timeoutMs);
  options.signal?.addEventListener('abort', end, { once: true });
  try {
    const { code, error } = await program.ended;
    await program.stop();
    if (options.signal?.aborted === true) throw new TemporalError('aborted', `${command} was ended on request`);
    return { code, late, lines: [...tail.lines(), ...errors.lines(), ...(error === undefined ? [] : [error.message])] };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', end);
  }
}
