import { readFileSync, statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import type { Database } from '../database/index.ts';
import {
  applyImport,
  decodeRegistry,
  type ImportFault,
  type ImportSummary,
  MAX_REGISTRY_BYTES,
  type ParsedRegistry,
  parseRegistry,
} from '../registry/index.ts';
import { CliError, EXIT } from './errors.ts';

/**
 * Reads a registry file.
 *
 * @param onFault told of every fault before the error is thrown, for programs
 * @throws CliError that lists every fault with its place; exit code 2
 */
export function readRegistryFile(file: string, onFault?: (fault: ImportFault) => void): ParsedRegistry {
  const extension = extname(file).toLowerCase();
  const format = extension === '.csv' ? 'csv' : extension === '.yaml' || extension === '.yml' ? 'yaml' : undefined;
  if (format === undefined) throw new CliError(`${file}: give a .csv or .yaml file.`, { exitCode: EXIT.usage });
  const { text, faults } = decodeRegistry(readBytes(file));
  const parsed = faults.length > 0 ? { rows: [], accounts: [], accountIds: [], faults } : parseRegistry(text, format);
  if (parsed.faults.length > 0) {
    for (const fault of parsed.faults) onFault?.(fault);
    const lines = parsed.faults.map((fault) => `  ${placeOf(fault)}: ${fault.message}`);
    throw new CliError([`${file} has ${lines.length} fault(s); nothing was imported:`, ...lines].join('\n'), {
      exitCode: EXIT.usage,
    });
  }
  return parsed;
}

function placeOf({ line, column }: ImportFault): string {
  return column === undefined ? `line ${line}` : `line ${line}, column ${column}`;
}

function readBytes(file: string): Uint8Array {
  try {
    // Nobody reads a disk image into memory to be told that it is none.
    if (statSync(file).size > MAX_REGISTRY_BYTES) {
      throw new CliError(`${file} is over ${MAX_REGISTRY_BYTES / 1_000_000} MB: split it.`, { exitCode: EXIT.usage });
    }
    return readFileSync(file);
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError(`${file} cannot be read.`, { cause, exitCode: EXIT.usage });
  }
}

/** Imports a registry file: all of it or nothing. */
export async function importRegistryFile(database: Database, file: string): Promise<ImportSummary> {
  const { rows, accounts } = readRegistryFile(file);
  return await applyImport(database.db, rows, { accounts, sourceRef: basename(file) });
}
