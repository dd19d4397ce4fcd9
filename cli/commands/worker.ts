import type { Logger } from 'pino';
import { createLogger, loadConfig } from '../../config/index.ts';
import { applySchedules, type ScheduleConfig, type TemporalClient, wantedSchedules } from '../../temporal/index.ts';
import { createWorkers, installRuntime } from '../../worker/index.ts';
import type { CommandContext } from '../command-context.ts';
import { activitiesOf, openServices, skipupClientOf } from '../services.ts';
import { Teardown } from '../teardown.ts';

/** Runs workflows and activities until it is told to end; what is running is finished first. */
export async function worker(
  { env, cwd, output, signal }: CommandContext,
  options: { config?: string },
): Promise<void> {
  const config = loadConfig({
    env,
    cwd,
    configFile: options.config,
    require: [
      'SKIPUP_API_KEY',
      'HUBSPOT_ACCESS_TOKEN',
      'SALESFORCE_CLIENT_ID',
      'SALESFORCE_CLIENT_SECRET',
      'PIPEDRIVE_API_TOKEN',
      'SLACK_WEBHOOK_URL',
    ],
  });
  const logger = createLogger({ level: config.logLevel, secrets: config.secrets });
  const teardown = new Teardown();
  try {
    const services = await openServices({ config, logger });
    teardown.defer('the services', () => services.close());
    const skipup = skipupClientOf(config, logger);
    teardown.defer('the SkipUp client', () => skipup.close());
    const { metricsPort } = config.worker;
    installRuntime({ logger, ...(metricsPort === undefined ? {} : { metricsAddress: `0.0.0.0:${metricsPort}` }) });
    const workers = await createWorkers({ config, logger, activities: activitiesOf(services, { config, skipup }) });
    const running = workers.run();
    await applyAndLog(services.temporal, config, logger);
    signal.addEventListener('abort', () => workers.shutdown(), { once: true });
    if (signal.aborted) workers.shutdown();
    output.emit(
      { type: 'ready', temporal: config.temporal.address, namespace: config.temporal.namespace },
      `The worker runs on ${config.temporal.address}.`,
    );
    await running;
  } finally {
    await teardown.run();
  }
}

/** Kickoffs go on without the Schedules; what they would have found waits for whoever reads the log. */
async function applyAndLog({ client }: TemporalClient, config: ScheduleConfig, logger: Logger): Promise<void> {
  try {
    for (const { id, action, changes, problem } of await applySchedules(client, wantedSchedules(config))) {
      const about = { schedule: id, ...(action === 'updated' ? { changes } : {}) };
      if (problem !== undefined) logger.error(about, problem);
      else if (action === 'kept')
        logger.warn(about, 'a Schedule is not configured any more: kickoff schedules apply --prune');
      else if (action !== 'unchanged') logger.info(about, `Schedule ${action}`);
    }
  } catch (err) {
    logger.error({ err }, 'the Schedules could not be applied; try `kickoff schedules apply`');
  }
}
