/** A sandbox's state as a whole: kept in a file, put back, started afresh; and which sandboxes there are. */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { aligned } from '../aligned.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError, EXIT } from '../errors.ts';
import type { SandboxPlace } from '../sandbox-control.ts';
import { SandboxControl } from '../sandbox-control.ts';

const resetSchema = z.looseObject({ seed: z.string(), clock: z.looseObject({ now: z.string() }) });
const restoredSchema = z.looseObject({ clock: z.looseObject({ now: z.string() }), meetingRequests: z.int() });
const namespacesSchema = z.object({
  namespaces: z.array(
    z.looseObject({
      name: z.string(),
      seed: z.string(),
      clock: z.looseObject({ now: z.string(), frozen: z.boolean() }),
      meetingRequests: z.int(),
    }),
  ),
});

/** Keeps all that the sandbox knows in a file. */
export async function snapshotSandbox(context: CommandContext, file: string, options: SandboxPlace): Promise<void> {
  const state = await new SandboxControl(context, options).text('/snapshot');
  const path = resolve(context.cwd, file);
  try {
    // 0600: it holds keys and signing secrets.
    await writeFile(path, state, { mode: 0o600 });
  } catch (cause) {
    throw new CliError(`${path} cannot be written. Choose another file.`, { cause });
  }
  context.output.emit({ type: 'snapshot', file: path }, `Kept in ${path}; it holds keys and signing secrets.`);
}

/** Puts a kept state back, in the place of whatever there is. */
export async function restoreSandbox(context: CommandContext, file: string, options: SandboxPlace): Promise<void> {
  const text = await textIn(resolve(context.cwd, file));
  const { clock, meetingRequests } = await new SandboxControl(context, options).post('/restore', restoredSchema, {
    text,
  });
  context.output.emit(
    { type: 'restored', now: clock.now, meetingRequests },
    `Restored: ${countOf(meetingRequests)}, and it is ${clock.now}.`,
  );
}

export interface ResetOptions extends SandboxPlace {
  seed?: string;
  keepClock?: boolean;
}

/** Starts the sandbox afresh, with the same keys. */
export async function resetSandbox(context: CommandContext, options: ResetOptions): Promise<void> {
  const body = { seed: options.seed, keepClock: options.keepClock };
  const { seed, clock } = await new SandboxControl(context, options).post('/reset', resetSchema, { body });
  context.output.emit({ type: 'reset', seed, now: clock.now }, `Reset: seed ${seed}, and it is ${clock.now}.`);
}

/** The sandboxes in that process, each for its own keys. */
export async function listNamespaces(context: CommandContext, options: SandboxPlace): Promise<void> {
  const { namespaces } = await new SandboxControl(context, options).getRoot('/namespaces', namespacesSchema);
  if (context.output.json) {
    for (const namespace of namespaces) context.output.emit({ type: 'namespace', ...namespace });
    return;
  }
  const rows = namespaces.map(({ name, seed, clock, meetingRequests }) => [
    name,
    `seed ${seed}`,
    `${clock.now}${clock.frozen ? ' (frozen)' : ''}`,
    countOf(meetingRequests),
  ]);
  context.output.emit({ type: 'namespaces' }, aligned(rows));
}

function countOf(requests: number): string {
  return requests === 1 ? '1 meeting request' : `${requests} meeting requests`;
}

async function textIn(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new CliError(`The snapshot ${path} cannot be read.`, { exitCode: EXIT.usage, cause });
  }
}
