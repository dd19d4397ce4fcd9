import { basename } from 'node:path';
import { type Config, createLogger, loadConfig } from '../../config/index.ts';
import type { Database } from '../../database/index.ts';
import { applyImport, assemble, previewImport, stakeholdersFor } from '../../registry/index.ts';
import { connect, TemporalError } from '../../temporal/index.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError, EXIT } from '../errors.ts';
import { readRegistryFile } from '../import-registry.ts';
import { assemblyPolicyOf, crmsOf, openDatabaseOf } from '../services.ts';
import { wakeKickoffs } from '../wake-kickoffs.ts';

/** Shows what a file would change, and changes it unless it is only a rehearsal. */
export async function registryImport(
  context: CommandContext,
  file: string,
  options: { config?: string; dryRun?: boolean },
): Promise<void> {
  const rows = readRegistryFile(file);
  await withDatabase(context, options, async (database, config) => {
    const { added, changed, unchanged } = await previewImport(database.db, rows);
    const person = (row: { email: string; accountId: string }) => `${row.email} (account ${row.accountId})`;
    context.output.emit(
      { type: 'preview', added: added.length, changed: changed.length, unchanged: unchanged.length },
      [
        ...added.map((row) => `+ ${person(row)}`),
        ...changed.map(({ after, fields }) => `~ ${person(after)}: ${fields.join(', ')}`),
        `${added.length} new, ${changed.length} changed, ${unchanged.length} unchanged.`,
      ].join('\n'),
    );
    if (options.dryRun === true) return;
    const summary = await applyImport(database.db, rows, { sourceRef: basename(file) });
    context.output.emit({ type: 'imported', ...summary }, 'Imported.');
    const accounts = new Set([...added, ...changed.map(({ after }) => after)].map((row) => row.accountId));
    await wake(context, config, database, accounts);
  });
}

/** The import holds whether or not Temporal is there; the kickoffs that wait can also be told by hand. */
async function wake(
  { output }: CommandContext,
  config: Config,
  database: Database,
  accounts: ReadonlySet<string>,
): Promise<void> {
  if (accounts.size === 0) return;
  try {
    const temporal = await connect(config.temporal);
    try {
      const told = await wakeKickoffs({ database, client: temporal.client }, accounts);
      if (told > 0)
        output.emit({ type: 'woken', kickoffs: told }, `${told} kickoff(s) that wait for people look again.`);
    } finally {
      await temporal.close();
    }
  } catch (error) {
    if (!(error instanceof TemporalError)) throw error;
    const advice = 'Kickoffs that wait for people were not told; send them `proceed`.';
    output.emit({ type: 'not_woken', reason: error.message }, `${error.message}\n${advice}`);
  }
}

/** Whom a deal would invite, and why. */
export async function registryCheck(
  context: CommandContext,
  options: { config?: string; deal: string },
): Promise<void> {
  await withDatabase(context, options, async (database, config) => {
    const crm = crmsOf(config).hubspot;
    if (crm === undefined)
      throw new CliError('No CRM is configured that deals can be read from.', { exitCode: EXIT.usage });
    const deal = await crm.readDeal(options.deal);
    const rows = await stakeholdersFor(database.db, { accountId: deal.account.id, dealId: deal.id });
    const today = new Date().toISOString().slice(0, 10);
    const contacts = await crm.listStakeholders(deal);
    const assembly = assemble({ deal, rows, contacts, policy: assemblyPolicyOf(config), today });
    context.output.emit(
      { type: 'assembly', deal: deal.id, ...assembly },
      [
        `${deal.name}: organizer ${assembly.organizer?.email ?? 'nobody'}`,
        ...assembly.participants.map(
          (person) => `✔ ${person.email} · ${person.roles.join(', ') || 'no role'} · ${person.from}`,
        ),
        ...assembly.excluded.map((person) => `✖ ${person.email ?? person.name ?? 'somebody'} · ${person.reason}`),
        ...assembly.gaps.map((gap) => `${gap.severity === 'block' ? '!' : '?'} ${gap.message}`),
      ].join('\n'),
    );
  });
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
