import { writeFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import type { Config } from '../../config/index.ts';
import { type Database, listStakeholderChanges, type StakeholderChangeRow } from '../../database/index.ts';
import {
  accountsNaming,
  accountsOf,
  accountsTouched,
  applyImport,
  compareForImport,
  compareRegistry,
  exportRegistry,
  isEmail,
  isNothing,
  setOptedOut,
  setOptedOutEverywhere,
  stakeholdersOfAccounts,
  valueInWords,
} from '../../registry/index.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError, EXIT } from '../errors.ts';
import { importBar } from '../import-bar.ts';
import { readRegistryFile } from '../import-registry.ts';
import { changer, tellKickoffs, withDatabase } from '../registry-change.ts';
import { showDifferences } from '../registry-preview.ts';

/** Shows what a file would change, field by field, and changes it unless it is only a rehearsal. */
export async function registryImport(
  context: CommandContext,
  file: string,
  options: { config?: string; dryRun?: boolean; by?: string; removeMissing?: boolean },
): Promise<void> {
  const { output } = context;
  const { rows, accounts, accountIds } = readRegistryFile(file, (fault) => output.emit({ type: 'fault', ...fault }));
  const today = new Date().toISOString().slice(0, 10);
  const removeMissing = options.removeMissing === true ? { accountIds, today } : undefined;
  await withDatabase(context, options, async (database, config) => {
    const content = { rows, accounts, removeMissing };
    if (options.dryRun === true) {
      showDifferences(output, await compareRegistry(database.db, content));
      return;
    }
    const compared = await compareForImport(database.db, content);
    const { differences } = compared;
    showDifferences(output, differences);
    if (isNothing(differences)) {
      output.emit({ type: 'imported', ...NOTHING_WRITTEN, unchanged: rows.length }, 'Nothing to import.');
      return;
    }
    const bar = importBar(output);
    const summary = await applyImport(database.db, rows, {
      accounts,
      removeMissing,
      compared,
      sourceRef: basename(file),
      by: changer(options.by),
      onProgress: bar.update,
    }).finally(bar.stop);
    output.emit({ type: 'imported', ...summary }, 'Imported.');
    await tellKickoffs(context, config, database, accountsTouched(differences));
  });
}

const NOTHING_WRITTEN = { added: 0, changed: 0, ended: 0, accounts: 0 };

/** Writes the registry, or one account of it, as a file that the import reads back unchanged. */
export async function registryExport(
  context: CommandContext,
  options: { config?: string; account?: string; format?: string; out?: string },
): Promise<void> {
  const format = formatOf(options);
  await withDatabase(context, options, async (database) => {
    const ids = options.account === undefined ? undefined : [options.account];
    const rows = await stakeholdersOfAccounts(database.db, ids);
    const accounts = await accountsOf(database.db, ids);
    if (ids !== undefined && rows.length + accounts.length === 0) {
      throw new CliError(`The registry knows no account ${options.account}.`);
    }
    const text = exportRegistry({ rows, accounts }, format);
    const counts = {
      people: rows.length,
      accounts: new Set([...rows.map((row) => row.accountId), ...accounts.map(({ id }) => id)]).size,
    };
    if (options.out === undefined)
      context.output.emit({ type: 'export', format, ...counts, text }, text.replace(/\n$/, ''), 'data');
    else {
      writeOut(options.out, text);
      context.output.emit(
        { type: 'exported', format, ...counts, file: options.out },
        `${counts.people} people of ${counts.accounts} account(s) written to ${options.out}.`,
      );
    }
  });
}

function formatOf({ format, out }: { format?: string; out?: string }): 'csv' | 'yaml' {
  const wanted = format ?? (out === undefined ? 'csv' : extname(out).slice(1).toLowerCase());
  if (wanted === 'csv') return 'csv';
  if (wanted === 'yaml' || wanted === 'yml') return 'yaml';
  throw new CliError('The registry is exported as csv or yaml: give --format, or a file that ends so.', {
    exitCode: EXIT.usage,
  });
}

function writeOut(file: string, text: string): void {
  try {
    // People's names and addresses are nobody else's.
    writeFileSync(file, text, { mode: 0o600 });
  } catch (cause) {
    throw new CliError(`${file} cannot be written.`, { cause });
  }
}

/** Shows who changed what, when and by which way; the newest first. */
export async function registryHistory(
  context: CommandContext,
  options: { config?: string; account?: string; deal?: string; email?: string; limit: number },
): Promise<void> {
  await withDatabase(context, options, async (database) => {
    const changes = await listStakeholderChanges(database.db, {
      accountId: options.account,
      dealId: options.deal,
      email: options.email?.trim().toLowerCase(),
      limit: options.limit,
    });
    for (const change of changes) context.output.emit({ type: 'change', ...documentOf(change) }, lineOf(change));
    if (changes.length === 0) context.output.emit({ type: 'no_changes' }, 'Nothing has changed.');
  });
}

function documentOf(row: StakeholderChangeRow): Record<string, unknown> {
  return {
    at: row.changed_at.toISOString(),
    change: row.change,
    ...(row.account_id === '' ? { everywhere: true } : { account: row.account_id }),
    ...(row.deal_id === '' ? {} : { deal: row.deal_id }),
    ...(row.email === '' ? {} : { email: row.email }),
    before: row.before,
    after: row.after,
    by: row.changed_by,
    source: row.source,
  };
}

function lineOf(row: StakeholderChangeRow): string {
  const deal = row.deal_id === '' ? '' : `, deal ${row.deal_id}`;
  const where = row.account_id === '' ? 'everywhere' : `account ${row.account_id}${deal}`;
  const subject = row.email === '' ? where : `${row.email} (${where})`;
  const before = new Map(Object.entries(row.before ?? {}));
  const fields = Object.entries(row.after ?? {}).flatMap(([field, value]) => {
    if (row.before === null) return valueInWords(value) === '–' ? [] : [`${field} ${valueInWords(value)}`];
    return [`${field} ${valueInWords(before.get(field))} → ${valueInWords(value)}`];
  });
  const what = row.change.replace('_', ' ');
  return `${row.changed_at.toISOString()}  ${what}  ${subject}: ${fields.join(', ')}  (${row.changed_by}, ${row.source})`;
}

/**
 * Opts somebody of an account out, or in again: the only way back. Without an account the address itself, wherever it stands:
 * no kickoff and no recovery writes to it.
 */
export async function registryOptOut(
  context: CommandContext,
  address: string | undefined,
  options: { config?: string; account?: string; email?: string; reason?: string; by?: string },
  optedOut: boolean,
): Promise<void> {
  const { account, reason } = options;
  const email = oneAddress(address, options.email);
  await withDatabase(context, options, async (database, config) => {
    if (account === undefined) {
      await optOutEverywhere(context, { database, config, email, reason, by: options.by, optedOut });
      return;
    }
    const rows = await setOptedOut(
      database.db,
      { accountId: account, email, optedOut, reason },
      { by: changer(options.by), source: 'command line' },
    );
    const state = optedOut ? 'opted out' : 'opted in again';
    if (rows === 0) throw new CliError(`Nobody to be ${state}: account ${account} has no such row of ${email}.`);
    context.output.emit({ type: optedOut ? 'opted_out' : 'opted_in', account, email, rows }, `${email} is ${state}.`);
    await tellKickoffs(context, config, database, new Set([account]));
  });
}

async function optOutEverywhere(
  context: CommandContext,
  given: {
    database: Database;
    config: Config;
    email: string;
    reason: string | undefined;
    by: string | undefined;
    optedOut: boolean;
  },
): Promise<void> {
  const { database, config, email, reason, by, optedOut } = given;
  const change = { email, optedOut, reason };
  const isNews = await setOptedOutEverywhere(database.db, change, { by: changer(by), source: 'command line' });
  const state = optedOut ? 'is never written to' : 'may be written to again';
  const rows = optedOut ? '' : ' What rows of the registry say of opting out still counts: see --account.';
  context.output.emit(
    { type: optedOut ? 'opted_out' : 'opted_in', email, everywhere: true, changed: isNews },
    isNews
      ? `${email} ${state}.${rows}`
      : `${email} ${optedOut ? 'was opted out before' : 'was not opted out'}.${rows}`,
  );
  if (isNews) await tellKickoffs(context, config, database, new Set(await accountsNaming(database.db, email)));
}

function oneAddress(address: string | undefined, email: string | undefined): string {
  const given = (address ?? email)?.trim();
  if (given !== undefined && isEmail(given) && (address === undefined || email === undefined)) return given;
  throw new CliError('Give one e-mail address: kickoff registry opt-out ana@example.com', { exitCode: EXIT.usage });
}
