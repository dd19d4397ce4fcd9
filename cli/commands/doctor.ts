import type { Connection } from '@temporalio/client';
import { z } from 'zod';
import { withoutSecrets } from '../../activities/index.ts';
import { createLogger, loadConfig } from '../../config/index.ts';
import { type CatchUpRow, lastCatchUps, lastSweeps, openDatabase, type SweepRow } from '../../database/index.ts';
import { type SkipUpClient, WEBHOOK_EVENT_TYPES } from '../../skipup/index.ts';
import { connect, readSchedulePlan, type TemporalClient, wantedSchedules } from '../../temporal/index.ts';
import { SEARCH_ATTRIBUTES } from '../../workflows/messages.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError } from '../errors.ts';
import { schedulesState } from '../schedules-state.ts';
import { skipupClientOf } from '../services.ts';
import { SKIPUP_WEBHOOK_PATH } from '../skipup-endpoint.ts';
import { recoveryTrials, stepTrials } from '../try-steps.ts';

/** Tries everything that Kickoff depends on, one after the other, and says what is wrong and what to do. */
export async function doctor({ env, cwd, output }: CommandContext, options: { config?: string }): Promise<void> {
  const config = loadConfig({
    env,
    cwd,
    configFile: options.config,
    require: [
      ...(['SKIPUP_API_KEY', 'SKIPUP_WEBHOOK_SECRETS', 'PUBLIC_URL'] as const),
      ...(['SLACK_WEBHOOK_URL', 'SLACK_BOT_TOKEN', 'SMTP_URL', 'LINEAR_API_KEY'] as const),
    ],
  });
  const logger = createLogger({ level: 'silent' });
  let faults = 0;
  // What another system says may repeat what it was sent.
  const shown = (text: string) => withoutSecrets(text, config.secrets);
  const check = async (name: string, attempt: () => Promise<string>) => {
    try {
      const detail = shown(await attempt());
      output.emit({ type: 'check', name, ok: true, detail }, `✔ ${name}: ${detail}`);
    } catch (error) {
      faults += 1;
      const detail = shown(error instanceof Error ? error.message : String(error));
      output.emit({ type: 'check', name, ok: false, detail }, `✖ ${name}: ${detail}`);
    }
  };
  output.emit(
    { type: 'check', name: 'configuration', ok: true, detail: config.file ?? 'defaults' },
    `✔ configuration: ${config.file ?? 'defaults'}`,
  );
  let swept: SweepRow[] = [];
  let caughtUp: CatchUpRow[] = [];
  await check('database', async () => {
    const where =
      config.database.url === undefined ? { dataDir: `${config.dataDir}/database` } : { url: config.database.url };
    const database = await openDatabase({ ...where, logger });
    try {
      await database.ping();
      swept = await lastSweeps(database.db).catch(() => []);
      caughtUp = await lastCatchUps(database.db).catch(() => []);
      return database.kind;
    } finally {
      await database.close();
    }
  });
  let temporal: TemporalClient | undefined;
  await check('Temporal', async () => {
    temporal = await connect(config.temporal);
    await checkSearchAttributes(temporal.connection, config.temporal.namespace);
    return `${config.temporal.address}, namespace ${config.temporal.namespace}`;
  });
  if (temporal !== undefined) {
    const { client } = temporal;
    await check('Schedules', async () => schedulesState(await readSchedulePlan(client, wantedSchedules(config))));
    await temporal.close();
  }
  await check('SkipUp', async () => {
    const client = skipupClientOf(config);
    try {
      await client.meetingRequests.list({ limit: 1 }).toArray({ limit: 1 });
      return `${config.skipup.baseUrl} takes the key`;
    } finally {
      await client.close();
    }
  });
  await check('SkipUp’s members', async () => {
    const client = skipupClientOf(config);
    try {
      await client.workspaceMembers.list({ limit: 1 }).toArray({ limit: 1 });
      return 'the key may read who is an active member';
    } finally {
      await client.close();
    }
  });
  await check('SkipUp’s webhook endpoint', async () => {
    const client = skipupClientOf(config);
    try {
      return await endpointAt(client, `${config.server.publicUrl}${SKIPUP_WEBHOOK_PATH}`);
    } finally {
      await client.close();
    }
  });
  for (const { name, attempt } of [...stepTrials(config, cwd), ...recoveryTrials(config)]) await check(name, attempt);
  if (config.sweep.everyMinutes > 0) {
    await check('sweep', async () => sweepState(swept, config.sweep.everyMinutes, new Date()));
    if (swept.length > 0) await check('organizers', async () => organizersIn(swept));
  }
  const configured = caughtUp.filter(({ crm }) => Object.hasOwn(config.crm, crm));
  for (const row of config.catchUp.everyMinutes > 0 ? configured : []) {
    const { everyMinutes } = config.catchUp;
    await check(`catching up with ${row.crm}`, async () => catchUpState(row, everyMinutes, new Date()));
  }
  if (faults > 0) throw new CliError(`${faults} of these needs attention.`);
}

/** @throws CliError when there is none, or it does not tell everything */
async function endpointAt(client: SkipUpClient, url: string): Promise<string> {
  const endpoint = (await client.webhookEndpoints.list().toArray({ limit: 1000 })).find((one) => one.url === url);
  if (endpoint === undefined) throw new CliError(`none delivers to ${url}: kickoff webhooks ensure`);
  const missing = WEBHOOK_EVENT_TYPES.filter((event) => endpoint.events?.includes(event) !== true);
  if (endpoint.enabled !== true) {
    throw new CliError(
      `${endpoint.id} is switched off (${endpoint.disabled_reason ?? 'by a person'}): kickoff webhooks ensure`,
    );
  }
  if (missing.length > 0) {
    throw new CliError(`${endpoint.id} does not hear of ${missing.join(', ')}: kickoff webhooks ensure`);
  }
  return `${endpoint.id} delivers every event to ${url}`;
}

/** How many sweeps, or looks at a CRM, may fail to come before it is a fault. */
const MISSED = 3;

/** @throws CliError when the sweep has not come, or did not get through */
function sweepState(rows: readonly SweepRow[], everyMinutes: number, now: Date): string {
  if (rows.length === 0) throw new CliError('none has run yet. Is kickoff worker running? kickoff schedules list');
  const problems = rows.flatMap(({ part, problem }) => (problem === null ? [] : [`${part}: ${problem}`]));
  if (problems.length > 0) throw new CliError(problems.join('; '));
  const last = Math.max(...rows.map(({ swept_at: at }) => at.getTime()));
  const minutes = Math.round((now.getTime() - last) / 60_000);
  const when = minutes < 1 ? 'less than a minute ago' : `${minutes} min ago`;
  if (minutes <= MISSED * everyMinutes) return `the last was ${when}`;
  throw new CliError(`the last was ${when}, and it is due every ${everyMinutes} min: kickoff schedules list`);
}

/** @throws CliError when the last look did not get through, or too many have not come */
function catchUpState({ checkpoint, problem }: CatchUpRow, everyMinutes: number, now: Date): string {
  const minutes = Math.max(0, Math.round((now.getTime() - checkpoint.getTime()) / 60_000));
  const far = `looked through to ${checkpoint.toISOString()}, ${minutes} min ago`;
  if (problem !== null) throw new CliError(`${problem} It is ${far}.`);
  if (minutes <= MISSED * everyMinutes) return far;
  throw new CliError(`${far}, and it is due every ${everyMinutes} min: kickoff schedules list`);
}

const findingsSchema = z.object({
  unknownOrganizers: z.array(
    z.object({
      email: z.string(),
      kickoffs: z.array(z.string()),
      accounts: z.array(z.string()),
      isFallback: z.boolean(),
    }),
  ),
});

/** @throws CliError naming those whom the last sweep did not find among SkipUp's active members */
function organizersIn(rows: readonly SweepRow[]): string {
  const unknown = rows.flatMap(({ findings }) => {
    const read = findingsSchema.safeParse(findings);
    return read.success ? read.data.unknownOrganizers : [];
  });
  if (unknown.length === 0) return 'every one that is known is an active member at SkipUp';
  const named = unknown.map(({ email, kickoffs, accounts, isFallback }) => {
    const where = [...kickoffs, ...accounts.map((id) => `account ${id}`), ...(isFallback ? ['fallbackOrganizer'] : [])];
    return `${email} (${where.join(', ')})`;
  });
  throw new CliError(`no active members at SkipUp, which refuses requests in their name: ${named.join('; ')}`);
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
