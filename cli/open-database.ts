import type { Logger } from 'pino';
import type { Config } from '../config/index.ts';
import { type Database, migrate, openDatabase } from '../database/index.ts';

/** The configured database, with its tables as this version needs them. Several processes may do this at once. */
export async function openDatabaseOf(config: Config, logger: Logger): Promise<Database> {
  const where =
    config.database.url === undefined ? { dataDir: `${config.dataDir}/database` } : { url: config.database.url };
  const database = await openDatabase({ ...where, logger });
  try {
    const applied = await migrate(database);
    if (applied.length > 0) logger.info({ applied }, 'database migrated');
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}
