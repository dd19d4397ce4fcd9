import type { Connection } from '@temporalio/client';
import { createLogger, loadConfig } from '../../config/index.ts';
import { openDatabase } from '../../database/index.ts';
import { connect } from '../../temporal/index.ts';
import { SEARCH_ATTRIBUTES } from '../../workflows/messages.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError } from '../errors.ts';
import { skipupClientOf } from '../services.ts';

/** Tries everything that Kickoff depends on, one after the other, and says what is wrong and what to do. */
export async function doctor({ env, cwd, output }: CommandContext, options: { config?: string }): Promise<void> {
  const config = loadConfig({
    env,
    cwd,
    configFile: options.config,
    require: ['SKIPUP_API_KEY', 'SKIPUP_WEBHOOK_SECRETS', 'PUBLIC_URL'],
  });
  const logger = createLogger({ level: 'silent' });
  let faults = 0;
  const check = async (name: string, attempt: () => Promise<string>) => {
    try {
      const detail = await attempt();
      output.emit({ type: 'check', name, ok: true, detail }, `✔ ${name}: ${detail}`);
    } catch (error) {
      faults += 1;
      const detail = error instanceof Error ? error.message : String(error);
      output.emit({ type: 'check', name, ok: false, detail }, `✖ ${name}: ${detail}`);
    }
  };
  output.emit(
    { type: 'check', name: 'configuration', ok: true, detail: config.file ?? 'defaults' },
    `✔ configuration: ${config.file ?? 'defaults'}`,
  );
  await check('database', async () => {
    const where =
      config.database.url === undefined ? { dataDir: `${config.dataDir}/database` } : { url: config.database.url };
    const database = await openDatabase({ ...where, logger });
    try {
      await database.ping();
      return database.kind;
    } finally {
      await database.close();
    }
  });
  await check('Temporal', async () => {
    const temporal = await connect(config.temporal);
    try {
      await checkSearchAttributes(temporal.connection, config.temporal.namespace);
      return `${config.temporal.address}, namespace ${config.temporal.namespace}`;
    } finally {
      await temporal.close();
    }
  });
  await check('SkipUp', async () => {
    const client = skipupClientOf(config);
    try {
      await client.meetingRequests.list({ limit: 1 }).toArray({ limit: 1 });
      return `${config.skipup.baseUrl} takes the key`;
    } finally {
      await client.close();
    }
  });
  if (faults > 0) throw new CliError(`${faults} of these needs attention.`);
}

/** Without them no kickoff can be started, and the server's own message does not say what to do. */
async function checkSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.values(SEARCH_ATTRIBUTES)
    .map(({ name }) => name)
    .filter((name) => customAttributes?.[name] === undefined);
  if (missing.length === 0) return;
  const create = missing.map((name) => `--name ${name} --type Keyword`).join(' ');
  throw new CliError(
    `namespace ${namespace} lacks search attributes: temporal operator search-attribute create --namespace ${namespace} ${create}`,
  );
}
