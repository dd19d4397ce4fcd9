import { ConfigError } from './errors.ts';
import { faultAt } from './faults.ts';
import { readConfigFile } from './file.ts';
import { pathOf, placedSteps } from './placed-steps.ts';
import type { FileConfig } from './schema.ts';

/** A configured step of a kind of one's own. */
export interface OwnStep {
  /** Where it stands in the file. */
  path: readonly PropertyKey[];
  /** The kind's name. */
  use: string;
  options: Record<string, unknown>;
}

/** The steps whose kinds are known only when their files have been loaded. */
export function ownSteps(file: Pick<FileConfig, 'kickoff' | 'recovery'>): OwnStep[] {
  return placedSteps(file).flatMap((entry) =>
    entry.step.kind === 'own' ? [{ path: pathOf(entry), use: entry.step.use, options: entry.step.with ?? {} }] : [],
  );
}

/**
 * Faults that were found after the configuration had been read.
 *
 * @param file as it was named when it was read
 * @throws ConfigError where there is a fault
 */
export function refuseFaults(
  faults: readonly { path: readonly PropertyKey[]; message: string }[],
  cwd: string,
  file: string | undefined,
): void {
  if (faults.length === 0) return;
  const lineOf = file === undefined ? () => undefined : readConfigFile(cwd, file).lineOf;
  const located = faults.map(({ path, message }) => faultAt(path, message, lineOf));
  throw new ConfigError('faults', located, file === undefined ? {} : { file });
}
