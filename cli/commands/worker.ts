import { createLogger, loadConfig } from '../../config/index.ts';
import { createWorkers, installRuntime } from '../../worker/index.ts';
import { applyAndLogSchedules } from '../apply-and-log-schedules.ts';
import type { CommandContext } from '../command-context.ts';
import { ownKindsOf } from '../own-kinds.ts';
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
      'SLACK_BOT_TOKEN',
      'SMTP_URL',
      'LINEAR_API_KEY',
      'STEP_HEADER_*',
    ],
  });
  const ownKinds = await ownKindsOf(config, cwd);
  const logger = createLogger({ level: config.logLevel, secrets: config.secrets });
  const teardown = new Teardown();
  try {
    const services = await openServices({ config, logger });
    teardown.defer('the services', () => services.close());
    const skipup = skipupClientOf(config, logger);
    teardown.defer('the SkipUp client', () => skipup.close());
    const { metricsPort } = config.worker;
    installRuntime({ logger, ...(metricsPort === undefined ? {} : { metricsAddress: `0.0.0.0:${metricsPort}` }) });
    const workers = await createWorkers({
      config,
      logger,
      activities: activitiesOf(services, { config, skipup, ownKinds }),
    });
    const running = workers.run();
    await applyAndLogSchedules(services.temporal.client, config, logger);
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
