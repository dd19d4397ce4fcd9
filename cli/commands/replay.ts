import { createLogger, loadConfig } from '../../config/index.ts';
import { replayInbox } from '../../database/index.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError, EXIT } from '../errors.ts';
import { openDatabaseOf } from '../open-database.ts';

/** Puts an inbox row that was dead or ignored back on its way. */
export async function replay(
  { env, cwd, output }: CommandContext,
  id: string,
  options: { config?: string },
): Promise<void> {
  const number = Number(id);
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new CliError(`${id} is not the number of an inbox row.`, { exitCode: EXIT.usage });
  }
  const config = loadConfig({ env, cwd, configFile: options.config });
  const database = await openDatabaseOf(config, createLogger({ level: 'warn', secrets: config.secrets }));
  try {
    const row = await replayInbox(database.db, number);
    if (row === undefined) throw new CliError(`Inbox row ${number} is not there, or is neither dead nor ignored.`);
    output.emit(
      { type: 'replayed', id: row.id, eventType: row.event_type },
      `Row ${row.id} (${row.event_type}) is on its way again.`,
    );
  } finally {
    await database.close();
  }
}
