import { type Kysely, sql } from 'kysely';
import { inTransaction, lastStakeholderChange, type Schema } from '../../database/index.ts';
import type { Changer, Stakeholder } from '../model.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import { type StakeholderWrite, stakeholdersOfAccounts, writeAccounts, writeStakeholders } from '../store.ts';
import { type CrmSync, compareCrm } from './compare-crm.ts';
import { compareRegistry, type RegistryContent, type RegistryDifferences } from './compare-registry.ts';

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
  /** What `compareForImport` has found for the same content: it is not found out again unless the registry has changed since. */
  compared?: ComparedRegistry | undefined;
  /** Given what will be written, before it is; nothing is when it throws. */
  onCompared?: ((differences: RegistryDifferences) => void) | undefined;
  /** Told how many of the rows to write are written. */
  onProgress?: ((written: number, total: number) => void) | undefined;
}

/** What would change, and as of when that is true. */
export interface ComparedRegistry {
  differences: RegistryDifferences;
  /** The number of the registry's last change. */
  lastChange: number;
}

/**
 * Finds out what an import would change, to be shown before `applyImport` is given it. Nobody writes to the registry
 * meanwhile; afterwards everybody may.
 */
export async function compareForImport(db: Kysely<Schema>, content: RegistryContent): Promise<ComparedRegistry> {
  return await inTransaction(db, async (tx) => {
    // Waits for whoever is writing, so that no change with a lower number can turn up later.
    await sql`lock table stakeholders in share mode`.execute(tx);
    return { lastChange: await lastStakeholderChange(tx), differences: await compareRegistry(tx, content) };
  });
}

/** Imports `rows` in one transaction: all or nothing. Importing the same rows again changes nothing. */
export async function applyImport(
  db: Kysely<Schema>,
  rows: readonly Stakeholder[],
  options: ImportOptions,
): Promise<ImportSummary> {
  const { sourceRef, by = 'kickoff', source = `import ${sourceRef}`, compared, onCompared, onProgress } = options;
  return await oneAtATime(db, async (tx) => {
    const isCurrent = compared !== undefined && compared.lastChange === (await lastStakeholderChange(tx));
    const differences = isCurrent ? compared.differences : await compareRegistry(tx, { ...options, rows });
    onCompared?.(differences);
    const marked = {
      ...differences,
      added: differences.added.map((row) => ({ ...row, sourceRef })),
      changed: differences.changed.map((change) => ({ ...change, after: { ...change.after, sourceRef } })),
    };
    return await writeDifferences(tx, marked, { by, source }, onProgress);
  });
}

/** Takes a deal's labelled contacts into the registry, in one transaction. What that changes, `compareCrm` tells before. */
export async function applyCrm(db: Kysely<Schema>, sync: CrmSync, by: string): Promise<ImportSummary> {
  return await oneAtATime(db, async (tx) => {
    const known = await stakeholdersOfAccounts(tx, [sync.deal.account.id]);
    return await writeDifferences(tx, compareCrm(known, sync), { by, source: `crm ${sync.crm}` });
  });
}

async function writeDifferences(
  tx: Kysely<Schema>,
  { added, changed, ended, unchanged, accounts }: RegistryDifferences,
  changer: Changer,
  onProgress?: ImportOptions['onProgress'],
): Promise<ImportSummary> {
  const writes: StakeholderWrite[] = [
    ...added.map((after) => ({ after })),
    ...changed.map(({ before, after }) => ({ before, after })),
    ...ended.map(({ before, after }) => ({ before, after, ended: true })),
  ];
  await writeAccounts(tx, accounts, changer);
  await writeStakeholders(tx, writes, changer, (written) => onProgress?.(written, writes.length));
  return {
    added: added.length,
    changed: changed.length,
    ended: ended.length,
    unchanged: unchanged.length,
    accounts: accounts.length,
  };
}
