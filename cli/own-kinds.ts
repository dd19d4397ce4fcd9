import { dirname, resolve } from 'node:path';
import { loadOwnKinds, type OwnStepKind } from '../activities/index.ts';
import { type Config, ownSteps, refuseFaults } from '../config/index.ts';

/**
 * The step kinds that the configuration's own files have, by name; each has looked at the options of its steps.
 *
 * @param cwd where the configuration file was looked for
 * @throws ConfigError with every fault of files and options at once
 */
export async function ownKindsOf(config: Config, cwd: string): Promise<ReadonlyMap<string, OwnStepKind>> {
  const beside = config.file === undefined ? cwd : dirname(resolve(cwd, config.file));
  const files = config.stepKinds.map((named) => ({ named, path: resolve(beside, named) }));
  const { kinds, faults } = await loadOwnKinds(files);
  const ofFiles = faults.map(({ named, message }) => ({
    path: ['stepKinds', config.stepKinds.indexOf(named)],
    message: `${named}: ${message}`,
  }));
  // A file that is not there would make a fault of every step that uses it.
  const ofSteps = ofFiles.length > 0 ? [] : ownSteps(config).flatMap((step) => faultsOf(step, kinds));
  refuseFaults([...ofFiles, ...ofSteps], cwd, config.file);
  return kinds;
}

function faultsOf(
  { path, use, options }: ReturnType<typeof ownSteps>[number],
  kinds: ReadonlyMap<string, OwnStepKind>,
): { path: readonly PropertyKey[]; message: string }[] {
  const kind = kinds.get(use);
  if (kind === undefined) {
    return [
      {
        path: [...path, 'use'],
        message: `no file of stepKinds has a kind ${use}; there is ${[...kinds.keys()].join(', ')}`,
      },
    ];
  }
  return checked(kind, options).map((message) => ({ path: [...path, 'with'], message }));
}

function checked(kind: OwnStepKind, options: Record<string, unknown>): string[] {
  try {
    const faults: unknown = kind.check?.(options) ?? [];
    return Array.isArray(faults) ? faults.map(String) : [`${kind.name}: its \`check\` must return a list of sentences`];
  } catch (error) {
    return [`${kind.name}: its \`check\` failed: ${error instanceof Error ? error.message : String(error)}`];
  }
}
