import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import type { Database } from '../database/index.ts';
import { applyImport, type ImportSummary, parseRegistry, type Stakeholder } from '../registry/index.ts';
import { CliError, EXIT } from './errors.ts';

/**
 * Reads a registry file.
 *
 * @throws CliError that lists every fault with its line; exit code 2
 */
export function readRegistryFile(file: string): Stakeholder[] {
  const extension = extname(file).toLowerCase();
  const format = extension === '.csv' ? 'csv' : extension === '.yaml' || extension === '.yml' ? 'yaml' : undefined;
  if (format === undefined) throw new CliError(`${file}: give a .csv or .yaml file.`, { exitCode: EXIT.usage });
  const { rows, faults } = parseRegistry(readText(file), format);
  if (faults.length > 0) {
    const lines = faults.map(({ line, message }) => `  line ${line}: ${message}`);
    throw new CliError([`${file} has ${faults.length} fault(s); nothing was imported:`, ...lines].join('\n'), {
      exitCode: EXIT.usage,
    });
  }
  return rows;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CliError(`${file} cannot be read.`, { cause, exitCode: EXIT.usage });
  }
}

/** Imports a registry file: all of it or nothing. */
export async function importRegistryFile(database: Database, file: string): Promise<ImportSummary> {
  return await applyImport(database.db, readRegistryFile(file), { sourceRef: basename(file) });
}
