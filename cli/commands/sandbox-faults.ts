import { z } from 'zod';
import { NotAFault, readFaults } from '../../sandbox/index.ts';
import { aligned } from '../aligned.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError, EXIT } from '../errors.ts';
import type { SandboxPlace } from '../sandbox-control.ts';
import { SandboxControl } from '../sandbox-control.ts';

const faultSchema = z.looseObject({ id: z.string(), fault: z.string(), hits: z.int() });
const faultsSchema = z.looseObject({ faults: z.array(faultSchema) });
const addedSchema = z.object({ ids: z.array(z.string()), faults: z.array(faultSchema) });
const removedSchema = z.object({ removed: z.int() });

/** The faults in force. */
export async function listFaults(context: CommandContext, options: SandboxPlace): Promise<void> {
  const { faults } = await new SandboxControl(context, options).get('/faults', faultsSchema);
  show(context, faults);
}

/**
 * Puts faults in force.
 *
 * @param words JSON, or words such as `status=503 next=2`
 * @throws CliError exit code 2 for what is no fault
 */
export async function addFaults(
  context: CommandContext,
  words: readonly string[],
  options: SandboxPlace,
): Promise<void> {
  const control = new SandboxControl(context, options);
  const { ids, faults } = await control.post('/faults', addedSchema, { body: read(words.join(' ')) });
  show(
    context,
    faults.filter(({ id }) => ids.includes(id)),
  );
}

/** Takes one fault back, or all. */
export async function clearFaults(
  context: CommandContext,
  id: string | undefined,
  options: SandboxPlace,
): Promise<void> {
  const path = id === undefined ? '/faults' : `/faults/${encodeURIComponent(id)}`;
  const { removed } = await new SandboxControl(context, options).delete(path, removedSchema);
  context.output.emit({ type: 'removed', removed }, `${removed} ${removed === 1 ? 'fault' : 'faults'} taken back`);
}

function read(text: string) {
  try {
    return readFaults(text);
  } catch (error) {
    if (error instanceof NotAFault) throw new CliError(error.message, { exitCode: EXIT.usage, cause: error });
    throw error;
  }
}

function show({ output }: CommandContext, faults: readonly z.infer<typeof faultSchema>[]): void {
  if (output.json) for (const fault of faults) output.emit({ type: 'fault', ...fault });
  else if (faults.length === 0) output.emit({ type: 'none' }, 'No fault is in force.');
  else output.emit({ type: 'faults' }, aligned(faults.map(rowOf)));
}

function rowOf({ id, fault, hits, ...rest }: z.infer<typeof faultSchema>): string[] {
  const details = Object.entries(rest).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [id, fault, `struck ${hits === 1 ? 'once' : `${hits} times`}`, details.join(' ')];
}
