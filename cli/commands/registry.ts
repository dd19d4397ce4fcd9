import { writeFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { memberLookup, membershipGaps } from '../../activities/index.ts';
import { type Config, createLogger, loadConfig } from '../../config/index.ts';
import type { Crm } from '../../crm/index.ts';
import {
  type Database,
  dealsOfAccount,
  kickoffsToWake,
  listStakeholderChanges,
  type StakeholderChangeRow,
} from '../../database/index.ts';
import {
  accountsNaming,
  accountsOf,
  applyCrm,
  applyImport,
  assemble,
  compareCrm,
  compareRegistry,
  exportRegistry,
  type Gap,
  isEmail,
  type Organizer,
  optedOutAmong,
  type PersonTrail,
  setOptedOut,
  setOptedOutEverywhere,
  stakeholdersFor,
  stakeholdersOfAccounts,
} from '../../registry/index.ts';
import { connect, TemporalError } from '../../temporal/index.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError, EXIT } from '../errors.ts';
import { importBar } from '../import-bar.ts';
import { readRegistryFile } from '../import-registry.ts';
import { printable } from '../printable.ts';
import { accountsTouched, isNothing, showDifferences, shown } from '../registry-preview.ts';
import { assemblyPolicyOf, crmsOf, openDatabaseOf, rulesInWords, skipupClientOf } from '../services.ts';
import { userName } from '../user-name.ts';
import { wakeKickoffs } from '../wake-kickoffs.ts';

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
    const differences = await compareRegistry(database.db, { rows, accounts, removeMissing });
    showDifferences(output, differences);
    if (options.dryRun === true) return;
    if (isNothing(differences)) {
      output.emit({ type: 'imported', ...NOTHING_WRITTEN, unchanged: rows.length }, 'Nothing to import.');
      return;
    }
    const bar = importBar(output);
    const summary = await applyImport(database.db, rows, {
      accounts,
      removeMissing,
      sourceRef: basename(file),
      by: changer(options.by),
      onProgress: bar.update,
    }).finally(bar.stop);
    output.emit({ type: 'imported', ...summary }, 'Imported.');
    await wake(context, config, database, accountsTouched(differences));
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
    if (row.before === null) return shown(value) === '–' ? [] : [`${field} ${shown(value)}`];
    return [`${field} ${shown(before.get(field))} → ${shown(value)}`];
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
    await wake(context, config, database, new Set([account]));
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
  if (isNews) await wake(context, config, database, new Set(await accountsNaming(database.db, email)));
}

function oneAddress(address: string | undefined, email: string | undefined): string {
  const given = (address ?? email)?.trim();
  if (given !== undefined && isEmail(given) && (address === undefined || email === undefined)) return given;
  throw new CliError('Give one e-mail address: kickoff registry opt-out ana@example.com', { exitCode: EXIT.usage });
}

/** The person at the keyboard, unless they say otherwise. */
function changer(by: string | undefined): string {
  const named = by?.trim() ?? '';
  return named === '' ? userName() : named;
}

/** The import holds whether or not Temporal is there; the kickoffs that wait can also be told by hand. */
async function wake(
  { output }: CommandContext,
  config: Config,
  database: Database,
  accounts: ReadonlySet<string>,
): Promise<void> {
  if ((await kickoffsToWake(database.db, accounts)).length === 0) return;
  try {
    const temporal = await connect(config.temporal);
    try {
      const told = await wakeKickoffs({ database, client: temporal.client }, accounts);
      if (told > 0) output.emit({ type: 'woken', kickoffs: told }, `${told} kickoff(s) without a booking look again.`);
    } finally {
      await temporal.close();
    }
  } catch (error) {
    if (!(error instanceof TemporalError)) throw error;
    const advice = 'Kickoffs without a booking were not told; send those that wait for people `proceed`.';
    output.emit({ type: 'not_woken', reason: error.message }, `${error.message}\n${advice}`);
  }
}

/** Whom a deal would invite, and for each person why they are in or out. */
export async function registryCheck(
  context: CommandContext,
  options: { config?: string; deal: string; crm?: string; workstream?: string },
): Promise<void> {
  await withDatabase(context, options, async (database, config) => {
    const { workstream } = options;
    const known = Object.keys(config.workstreams);
    if (workstream !== undefined && known.length > 0 && !known.includes(workstream)) {
      throw new CliError(`There is no workstream ${workstream}; configured: ${known.join(', ')}.`, {
        exitCode: EXIT.usage,
      });
    }
    const crm = crmOf(config, options.crm);
    const deal = await crm.readDeal(options.deal, context.signal);
    const contacts = deal.contacts ?? (await crm.listStakeholders(deal, context.signal));
    const rows = await stakeholdersFor(database.db, { accountId: deal.account.id, dealId: deal.id });
    const [account] = await accountsOf(database.db, [deal.account.id]);
    const today = new Date().toISOString();
    const people = { deal, rows, contacts, policy: assemblyPolicyOf(config, workstream) };
    const optedOutEmails = await optedOutAmong(database.db, people);
    const assembly = assemble({ ...people, account, workstream, optedOutEmails, today });
    const rules = workstream === undefined ? undefined : rulesInWords(config, workstream);
    const gaps = [...(await organizerGaps(config, database, assembly.organizer)), ...assembly.gaps];
    const of = { deal: deal.id, account: account ?? { id: deal.account.id }, workstream, rules };
    context.output.emit(
      { type: 'assembly', ...of, ...assembly, gaps },
      [
        printable(`${deal.name}: organizer ${assembly.organizer?.email ?? 'nobody'}`),
        ...(rules === undefined ? [] : [rules]),
        ...assembly.why.flatMap(trailLines),
        ...gaps.map((gap) => printable(`${gap.severity === 'block' ? '!' : '?'} ${gap.message}`)),
      ].join('\n'),
    );
  });
}

/** SkipUp is given so long to say whether somebody is a member, in milliseconds. */
const MEMBERSHIP_MS = 10_000;

/** Whether the organizer is a member of the SkipUp workspace, where its key is set; SkipUp need not be there. */
async function organizerGaps(config: Config, database: Database, organizer: Organizer | undefined): Promise<Gap[]> {
  const { apiKey } = config.skipup;
  if (apiKey === undefined || organizer === undefined) return [];
  const client = skipupClientOf({ ...config, skipup: { ...config.skipup, apiKey } });
  try {
    const findMembership = memberLookup({ client, database });
    return membershipGaps(organizer, await findMembership(organizer.email, { withinMs: MEMBERSHIP_MS }));
  } finally {
    await client.close();
  }
}

const MARKS = { organizer: '★', participant: '✔', excluded: '✖', replaced: '✖', not_of_deal: '·' } as const;

function trailLines(trail: PersonTrail): string[] {
  return [
    `${MARKS[trail.outcome]} ${trail.email ?? trail.name ?? 'somebody'} · ${trail.reason}`,
    ...(trail.timezoneFrom === undefined ? [] : [`    time zone: ${trail.timezoneFrom}`]),
    ...trail.entries.map(({ from, part, says }) => `    ${from} ${part}: ${says}`),
  ].map(printable);
}

/** The CRM that is named, or the only one there is. */
function crmOf(config: Config, name: string | undefined): Crm {
  const crms = crmsOf(config);
  const names = Object.values(crms).map((crm) => crm.name);
  // Deals of the generic trigger come whole; there is nothing to read them from.
  const readable = names.filter((one) => one !== 'generic');
  const wanted = name ?? (readable.length === 1 ? readable[0] : undefined);
  const crm = Object.values(crms).find((one) => one.name === wanted);
  if (crm !== undefined) return crm;
  const message =
    readable.length === 0
      ? 'No CRM is configured that deals can be read from.'
      : name === undefined
        ? `Say which CRM the deal is in: --crm ${readable.join(' or --crm ')}.`
        : `No CRM named ${name} is configured; there is ${readable.join(', ')}.`;
  throw new CliError(message, { exitCode: EXIT.usage });
}

/** Takes the labelled contacts of a deal, or of an account's deals, into the registry; shows first what that changes. */
export async function registrySync(
  context: CommandContext,
  options: { config?: string; deal?: string; account?: string; crm?: string; dryRun?: boolean; by?: string },
): Promise<void> {
  const { deal: dealId, account } = options;
  if ((dealId === undefined) === (account === undefined)) {
    throw new CliError('Give either --deal or --account.', { exitCode: EXIT.usage });
  }
  await withDatabase(context, options, async (database, config) => {
    const deals =
      dealId === undefined
        ? await dealsOfAccount(database.db, account ?? '')
        : [{ crm: crmOf(config, options.crm).name, dealId }];
    if (deals.length === 0) throw new CliError(`No deal of account ${account} has had a kickoff: give --deal.`);
    for (const one of deals) await syncDeal(context, options, { database, config, ...one });
  });
}

async function syncDeal(
  context: CommandContext,
  options: { dryRun?: boolean; by?: string },
  { database, config, ...from }: { database: Database; config: Config; crm: string; dealId: string },
): Promise<void> {
  const crm = crmOf(config, from.crm);
  const deal = await crm.readDeal(from.dealId, context.signal);
  const contacts = deal.contacts ?? (await crm.listStakeholders(deal, context.signal));
  const { roleOfLabel } = assemblyPolicyOf(config);
  const sync = { crm: crm.name, deal, contacts, roleOfLabel, today: new Date().toISOString().slice(0, 10) };
  const differences = compareCrm(await stakeholdersOfAccounts(database.db, [deal.account.id]), sync);
  context.output.emit(
    { type: 'deal', deal: deal.id, crm: crm.name, name: deal.name },
    printable(`${deal.name} (${deal.id})`),
  );
  showDifferences(context.output, differences);
  if (options.dryRun === true || isNothing(differences)) return;
  const summary = await applyCrm(database.db, sync, changer(options.by));
  context.output.emit({ type: 'synced', deal: deal.id, ...summary }, 'Taken over.');
  await wake(context, config, database, accountsTouched(differences));
}

async function withDatabase(
  { env, cwd }: CommandContext,
  options: { config?: string },
  work: (database: Database, config: Config) => Promise<void>,
): Promise<void> {
  const config = loadConfig({ env, cwd, configFile: options.config });
  const database = await openDatabaseOf(config, createLogger({ level: 'warn', secrets: config.secrets }));
  try {
    await work(database, config);
  } finally {
    await database.close();
  }
}
