import { type Config, createLogger, loadConfig } from '../config/index.ts';
import { type Database, kickoffsToWake } from '../database/index.ts';
import type { CommandContext } from './command-context.ts';
import { openDatabaseOf } from './open-database.ts';
import { userName } from './user-name.ts';

/** Gives `work` the configured database, which is closed afterwards. */
export async function withDatabase(
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

/** The person at the keyboard, unless they say otherwise. */
export function changer(by: string | undefined): string {
  const named = by?.trim() ?? '';
  return named === '' ? userName() : named;
}

/**
 * Tells the kickoffs of these accounts that the registry has changed. Temporal's parts are loaded only when there is one to
 * be told: they are a third of what the command loads.
 */
export async function tellKickoffs(
  { output }: CommandContext,
  config: Config,
  database: Database,
  accounts: ReadonlySet<string>,
): Promise<void> {
  if ((await kickoffsToWake(database.db, accounts)).length === 0) return;
  const { tellOverTemporal } = await import('./wake-kickoffs.ts');
  await tellOverTemporal(output, config.temporal, database, accounts);
}
