import { type Kysely, sql } from 'kysely';
import { inTransaction, type Schema } from '../../database/index.ts';
import type { Stakeholder } from '../model.ts';
import { type StakeholderWrite, writeAccounts, writeStakeholders } from '../store.ts';
import { compareRegistry, type RegistryContent } from './compare-registry.ts';

export interface ImportSummary {
  added: number;
  changed: number;
  ended: number;
  unchanged: number;
  /** How many accounts are new or changed. */
  accounts: number;
}

export interface ImportOptions extends Omit<RegistryContent, 'rows'> {
  /** Where they come from, e.g. the file's name; kept with each row that is added or changed, and in the history. */
  sourceRef: string;
  /** Who imports; default `kickoff` itself. */
  by?: string | undefined;
  /** By which way, for the history; default `import` and the `sourceRef`. */
  source?: string | undefined;
  /** Told how many of the rows to write are written. */
  onProgress?: ((written: number, total: number) => void) | undefined;
}

/** Imports `rows` in one transaction: all or nothing. Importing the same rows again changes nothing. */
export async function applyImport(
  db: Kysely<Schema>,
  rows: readonly Stakeholder[],
  options: ImportOptions,
): Promise<ImportSummary> {
  const { sourceRef, by = 'kickoff', source = `import ${sourceRef}`, onProgress } = options;
  return await inTransaction(db, async (tx) => {
    // Two imports take turns, so that each one's summary is true; readers are not held up.
    await sql`lock table stakeholders in share row exclusive mode`.execute(tx);
    const { added, changed, ended, unchanged, accounts } = await compareRegistry(tx, { ...options, rows });
    const writes: StakeholderWrite[] = [
      ...added.map((after) => ({ after: { ...after, sourceRef } })),
      ...changed.map(({ before, after }) => ({ before, after: { ...after, sourceRef } })),
      ...ended.map(({ before, after }) => ({ before, after, ended: true })),
    ];
    await writeAccounts(tx, accounts, { by, source });
    await writeStakeholders(tx, writes, { by, source }, (written) => onProgress?.(written, writes.length));
    return {
      added: added.length,
      changed: changed.length,
      ended: ended.length,
      unchanged: unchanged.length,
      accounts: accounts.length,
    };
  });
}
